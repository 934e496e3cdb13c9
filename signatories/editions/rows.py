"""The rows of an edition, and its JSON: the snapshot from which every other list of that edition is made.

Each row knows in which edition it first stood and was last corrected. So what changed since any earlier edition can be
told from this edition alone, also when the files of the earlier one are deleted.
"""

import json
from collections.abc import Container, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from signatories.models import Signature, signer_fields
from signatories.models.edition import Part
from signatories.models.profession import FIELD_OF, is_group

_COLUMNS = [field.column for field in signer_fields.FIELDS if field.public]
# What a row reads of a stored signature: without mailbox and keys, which would take most of the memory.
READ = ("number", *_COLUMNS, "profession_other", "language", "letter", "featured", "published_at")


class Row(NamedTuple):
    """A public signature, with its public columns alone if it was read from a file; and how it is filed and printed."""

    signature: Signature
    letter: str
    language: str
    first_in: int  # the number of the edition
    corrected_in: int  # the same; 0 if never

    def change_since(self, edition: int) -> str:
        """Return what happened to it since an earlier edition: a code, "" if nothing."""
        return "added" if self.first_in > edition else "corrected" if self.corrected_in > edition else ""

    @property
    def said(self) -> tuple[str, ...]:
        """What its signer says: a row with the same is not corrected."""
        signature = self.signature
        return (*(str(signer_fields.plain(signature, column)) for column in _COLUMNS), signature.profession_other)


class Earlier(NamedTuple):
    """What the edition before says of its rows, by number; `tracked_since` is the first edition that knew this."""

    rows: dict[int, tuple[int, int, int]]
    tracked_since: int


def earlier(file: Iterable[bytes]) -> Earlier:
    """Read the JSON of the edition before."""
    head, rows = read(file)
    known = {row.signature.number or 0: (hash(row.said), row.first_in, row.corrected_in) for row in rows}
    return Earlier(known, head["tracked_since"])


def compared(signatures: Iterable[Signature], edition: int, before: Earlier | None) -> Iterator[Row]:
    """Yield the rows of an edition."""
    known = before.rows if before else {}
    for signature in signatures:
        row = Row(signature, signature.letter, signature.name_language, edition, 0)
        if found := known.get(signature.number or 0):
            said, first_in, corrected_in = found
            row = row._replace(first_in=first_in, corrected_in=corrected_in if said == hash(row.said) else edition)
        yield row


def chosen(file: Iterable[bytes], part: Part, since: int = 0) -> tuple[dict[str, Any], Iterator[Row]]:
    """Return the head of a file made by `write`, and the rows of a part of the edition.

    `since` is the number of an earlier edition, for changes. What does not belong to the part becomes no row.
    """
    head, said = _read(file)
    return head, (_from_json(row) for row in said if _belongs(row, part, since))


def _belongs(said: dict[str, Any], part: Part, since: int) -> bool:
    match part:
        case Part.FULL:
            return True
        case Part.NOTABLE:
            return said["notable"] is not None
        case Part.GROUPS:
            return is_group(said["profession"])
        case Part.CHANGES:
            return bool(max(said["first_in_edition"], said["corrected_in_edition"] or 0) > since)
        case _:
            return bool(said["field"] == part.value)


def people(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield those who are counted as people: groups are counted apart."""
    return (row for row in rows if not row.signature.is_group)


def _field(signature: Signature) -> str:
    """The field of a person; empty for a group."""
    return "" if signature.is_group else FIELD_OF[signature.profession].value


def write(head: dict[str, Any], rows: Iterable[Row], target: Path) -> None:
    """Write the JSON, in UTF-8: `head`, and the rows as `signatories`, one on a line, so that no reader needs all."""
    with target.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "signatories": [\n')
        before = ""
        for row in rows:
            file.write(before + json.dumps(_as_json(row), ensure_ascii=False))
            before = ",\n"
        file.write("\n]}\n")


def read(file: Iterable[bytes]) -> tuple[dict[str, Any], Iterator[Row]]:
    """Return the head of a file made by `write`, and its rows, read one by one."""
    head, said = _read(file)
    return head, map(_from_json, said)


def of_numbers(file: Iterable[bytes], numbers: Container[int]) -> Iterator[Row]:
    """Yield the rows of a file made by `write` that have one of these numbers; what has another becomes no row."""
    return (_from_json(said) for said in _read(file)[1] if said["number"] in numbers)


def _read(file: Iterable[bytes]) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    lines = iter(file)
    head = json.loads(next(lines) + b"]}")
    del head["signatories"]  # empty here; what is made of the head writes its own
    return head, (json.loads(line.rstrip(b",\n")) for line in lines if line.startswith(b"{"))


def _as_json(row: Row) -> dict[str, Any]:
    """What strangers may know of a signature; codes are followed by their words, in the active language."""
    signature = row.signature
    said = {
        name: signer_fields.plain(signature, name)
        for field in signer_fields.FIELDS
        if field.public
        for name in (field.column, field.words)
        if name
    }
    return {
        "number": signature.number,
        **said,
        "profession_other": signature.profession_other,
        "field": _field(signature),
        "letter": row.letter,
        "name_language": row.language,
        "published_at": signature.published_at and signature.published_at.astimezone(UTC).isoformat(timespec="seconds"),
        "notable": signature.featured,
        "first_in_edition": row.first_in,
        "corrected_in_edition": row.corrected_in or None,
    }


def _from_json(said: dict[str, Any]) -> Row:
    signature = Signature(number=said["number"], named=True, featured=said["notable"], letter=said["letter"])
    for column in _COLUMNS:
        setattr(signature, column, said[column])
    signature.profession_other = said["profession_other"]
    signature.published_at = datetime.fromisoformat(said["published_at"]) if said["published_at"] else None
    return Row(
        signature,
        said["letter"],
        said["name_language"],
        said["first_in_edition"],
        said["corrected_in_edition"] or 0,
    )
