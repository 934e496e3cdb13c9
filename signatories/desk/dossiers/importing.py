"""Lists of names to watch, from a file: read, shown, and taken by one press. Nothing is half done.

The rows that were shown are kept, sealed, for an hour; what is taken is exactly these.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.template.defaultfilters import pluralize

from signatories.audit.services import by_organizer, record, record_edit
from signatories.editions.csv_file import cell
from signatories.gathering import reading
from signatories.identity import mailbox, names
from signatories.models import DossierContact, WatchedFile, WatchedName
from signatories.models.act import Verb
from signatories.models.dossier import LONGEST_LINE, ContactKind

MOST_NAMES = 10_000
KEPT = timedelta(hours=1)
LONGEST_NOTE = 200
BATCH = 2000  # names that one statement inserts
_FORMULA = ("=", "+", "@", "\uff1d", "\uff0b", "\uff20")
# What the heads of columns are called.
_HEADS = {
    "name": ("name", "full name", "nom"),
    "note": ("note", "notes", "remark"),
    "kind": ("kind", "kind of contact", "contact kind"),
    "contact": ("contact",),
    "found_at": ("found at", "found", "source", "where it was found"),
}
NEW, WATCHED, TWICE, REFUSED = "new", "watched already", "twice in the file", "refused"


class ListRefused(Exception):
    """A file is no list of names; its text says why and what to do."""


class Row(NamedTuple):
    """A row of the file: its line, what was made of it, and, of a refused one, why."""

    line: int
    verdict: str
    name: str
    note: str = ""
    kind: str = ""
    contact: str = ""
    found_at: str = ""
    why: str = ""


def read(content: bytes) -> list[Row]:
    """Read a file and judge each row. Raises ListRefused, and reading.FileRefused."""
    rows = reading.rows(reading.packed(content))
    _line, head = next(rows)
    places = _places(head)
    if "name" not in places:
        raise ListRefused("The first line must name the columns, and one of them must be “name”.")
    watched = {name.casefold() for name in WatchedName.objects.values_list("name", flat=True)}
    return list(_judged(rows, places, watched))


def _places(head: Sequence[str]) -> dict[str, int]:
    columns = {word: column for column, words in _HEADS.items() for word in words}
    found: dict[str, int] = {}
    for place, said in enumerate(head):
        column = columns.get(" ".join(said.casefold().replace("_", " ").split()))
        if column:
            found.setdefault(column, place)
    return found


def _judged(rows: Iterable[tuple[int, list[str]]], places: dict[str, int], watched: set[str]) -> Iterator[Row]:
    seen: set[str] = set()
    for number, (line, cells) in enumerate(rows, 1):
        if number > MOST_NAMES:
            raise ListRefused(f"There are too many names: the limit is {MOST_NAMES:,}. Please send them in parts.")
        row = _tidied(line, {column: cells[at] for column, at in places.items()})
        key = row.name.casefold()
        if row.verdict == NEW and key in seen:
            row = row._replace(verdict=TWICE)
        elif row.verdict == NEW and key in watched:
            row = row._replace(verdict=WATCHED)
        seen.add(key)
        yield row


def _tidied(line: int, said: dict[str, str]) -> Row:
    """Tidy a row as the form does, or refuse it with the reason."""
    typed = said.get("name", "")
    try:
        for column in ("name", "note"):
            if said.get(column, "").startswith(_FORMULA):
                return Row(line, REFUSED, typed, why=f"The {column} begins like a formula.")
        name = names.tidy_name(typed)
        note = names.tidy(said.get("note", ""), LONGEST_NOTE)
        contact, found_at = (names.tidy_words(said.get(key, ""), LONGEST_LINE) for key in ("contact", "found_at"))
    except names.NameRefused as refused:
        return Row(line, REFUSED, typed, why=str(refused))
    if not name:
        return Row(line, REFUSED, "", why="There is no name.")
    kind = _kind(said.get("kind", ""))
    if contact and kind is None:
        return Row(line, REFUSED, name, why=f"A contact is of one of these kinds: {', '.join(ContactKind.values)}.")
    if contact and not found_at:
        return Row(line, REFUSED, name, why="A contact needs a word on where it was found.")
    if contact.startswith(_FORMULA[0]) or found_at.startswith(_FORMULA[0]):
        return Row(line, REFUSED, name, why="The contact begins like a formula.")
    return Row(line, NEW, name, note, kind or "", contact, found_at)


def _kind(said: str) -> str | None:
    labels = {str(kind.label).casefold(): kind.value for kind in ContactKind}
    words = labels | {kind.value: kind.value for kind in ContactKind}
    return words.get(said.casefold() or ContactKind.OTHER.value)


def keep(*, rows: Sequence[Row], organizer: AbstractBaseUser, now: datetime) -> WatchedFile:
    """Keep the rows of a preview, sealed. Lists of before that were not taken are deleted."""
    forget(now)
    sealed = mailbox.seal_file(json.dumps(rows).encode())
    return WatchedFile.objects.create(rows=sealed, organizer_id=organizer.pk, created_at=now)


def forget(now: datetime) -> None:
    """Delete what nobody has taken within KEPT."""
    WatchedFile.objects.filter(created_at__lte=now - KEPT).delete()


def find(file_id: int, now: datetime) -> WatchedFile | None:
    """Return a list that can be taken; None once it was taken, or is too old."""
    return WatchedFile.objects.filter(pk=file_id, created_at__gt=now - KEPT).first()


def rows_of(file: WatchedFile) -> list[Row]:
    """Return the rows that were shown."""
    return [Row(*row) for row in json.loads(mailbox.unseal_file(bytes(file.rows)))]


def take(*, file_id: int, organizer: AbstractBaseUser, now: datetime) -> int | None:
    """Watch the new names of a list, with their contacts; returns how many they are.

    All or nothing, in one transaction. Returns None if the list was taken before, or is too old. A name that somebody
    else has added meanwhile stays as it is.
    """
    with transaction.atomic():
        rows = WatchedFile.objects.select_for_update(of=("self",)).filter(pk=file_id, created_at__gt=now - KEPT)
        file = rows.first()
        if file is None:
            return None
        taken = [row for row in rows_of(file) if row.verdict == NEW]
        there = set(WatchedName.objects.values_list("name", flat=True))
        made = [WatchedName(name=row.name, note=row.note) for row in taken if row.name not in there]
        for each in made:
            each.set_keys()
        WatchedName.objects.bulk_create(made, batch_size=BATCH, ignore_conflicts=True)
        _add_contacts([row for row in taken if row.contact and row.name not in there], organizer)
        file.delete()
        record_edit(
            organizer,
            f"{len(made)} watched name{pluralize(len(made))} added from a list",
            about=f"list of names {file_id}",
        )
        return len(made)


def _add_contacts(rows: Sequence[Row], organizer: AbstractBaseUser) -> None:
    ids = dict(WatchedName.objects.values_list("name", "pk")) if rows else {}
    contacts = [
        DossierContact(
            watched_id=ids[row.name], kind=row.kind, contact=row.contact, found_at=row.found_at,
            organizer_id=organizer.pk,
        )
        for row in rows
    ]  # fmt: skip
    DossierContact.objects.bulk_create(contacts, batch_size=BATCH, ignore_conflicts=True)


def export(*, organizer: AbstractBaseUser) -> bytes:
    """Return the watched names with their notes as CSV, which a spreadsheet opens safely; recorded as an Act."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["name", "note"])
    rows = list(WatchedName.objects.order_by("name").values_list("name", "note"))
    writer.writerows([cell(name), cell(note)] for name, note in rows)
    record(Verb.EXPORT, by=by_organizer(organizer, f"the watch list: {len(rows)} name{pluralize(len(rows))}"))
    return out.getvalue().encode("utf-8-sig")
