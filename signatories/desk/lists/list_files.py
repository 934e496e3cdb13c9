"""The lists of networks and mail domains as files: all of them at once out and in, or nothing."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction

from signatories.audit.services import record_edit
from signatories.editions.csv_file import cell
from signatories.gathering import reading
from signatories.models import Listed
from signatories.models.limits import LONGEST_NOTE, ListKind, tidy_value
from signatories.screening.limits import forget_rules

HEAD = ("kind", "value", "note")
MOST_TOLD = 10  # lines that are wrong


class Wrong(NamedTuple):
    """A line that cannot be listed, and why."""

    line: int
    words: str


class ListRefused(Exception):
    """A file is not taken; `wrong` are its first wrong lines, and nothing of it is listed."""

    def __init__(self, wrong: list[Wrong]) -> None:
        super().__init__(wrong)
        self.wrong = wrong


def exported() -> str:
    """Return all lists as CSV."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    written = csv.writer(out, lineterminator="\r\n")
    written.writerow(HEAD)
    for row in Listed.objects.order_by("kind", "value"):
        written.writerow((row.kind, cell(row.value), cell(row.note)))
    return out.getvalue()


def take(*, content: bytes, organizer: AbstractBaseUser) -> int:
    """List what stands in a file, CSV or XLSX; returns how many are new. What is listed already gets the new note.

    Raises reading.FileRefused, and ListRefused with the lines that are wrong.
    """
    rows, wrong = _read(content)
    if wrong:
        raise ListRefused(wrong[:MOST_TOLD])
    with transaction.atomic():
        before = Listed.objects.count()
        Listed.objects.bulk_create(rows, update_conflicts=True, unique_fields=["kind", "value"], update_fields=["note"])
        new = Listed.objects.count() - before
        record_edit(organizer, f"lists: a file of {len(rows)}, {new} new")
    forget_rules()
    return new


def _read(content: bytes) -> tuple[list[Listed], list[Wrong]]:
    lines = reading.rows(reading.packed(content))
    _line, head = next(lines)
    places = {name.strip().lower(): place for place, name in enumerate(head)}
    if not {"kind", "value"} <= places.keys():
        return [], [Wrong(1, "the first line must name the columns kind, value and, if wished, note")]
    found: dict[tuple[str, str], Listed] = {}
    wrong: list[Wrong] = []
    for line, cells in lines:
        for row in _listed(line, {name: cells[place] for name, place in places.items()}, wrong):
            found[row.kind, row.value] = row
    return list(found.values()), wrong


def _listed(line: int, said: dict[str, str], wrong: list[Wrong]) -> Iterator[Listed]:
    kind, note = said["kind"].lower(), said.get("note", "").removeprefix("'")
    if kind not in ListKind.values:
        wrong.append(Wrong(line, f"“{kind[:40]}” is no kind of list; there are {', '.join(ListKind.values)}"))
        return
    if len(note) > LONGEST_NOTE:
        wrong.append(Wrong(line, "the note is too long"))
        return
    try:
        yield Listed(kind=kind, value=tidy_value(kind, said["value"]), note=note)
    except ValidationError as error:
        wrong.append(Wrong(line, " ".join(error.messages)))
