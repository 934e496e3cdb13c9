"""The erasure log: a file beside the database that survives the restore of a backup. It names nobody.

Each line is JSON: a withdrawal, its undo or an erasure (by the row's id and the moment it was made, so that a reused id
means nobody else), a mailbox that wants no mail, or was taken out of what partners handed over (by its keyed digest),
the number up to which public numbers may have been given, or that the addresses of all were deleted, with the end of
signing that it followed. Erasures are written and synced before they commit; the rest is added every minute.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import connection

from signatories.models import AnnouncedMailbox, Invitee, OutboundMail, Report, Signature, Signup, StoppedMailbox
from signatories.models.signature import State
from signatories.models.stored_names import stored_name

type Logged = Signature | Signup | OutboundMail | Report | AnnouncedMailbox | Invitee
# Numbers are logged this far ahead of the sequence: more than can be given between two runs.
NUMBERS_AHEAD = 10_000


class Kind(StrEnum):
    ERASED = "erased"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"
    STOPPED = "stopped"
    ALLOWED = "allowed"
    NUMBERS = "numbers"
    ADDRESSES = "addresses"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line; moments in ISO 8601, UTC. `nonce` keeps the mailed undo link working; alone it opens nothing."""

    kind: str
    at: str
    model: str = ""
    row: int = 0
    made_at: str = ""
    nonce: str = ""
    number: int = 0
    mailbox: str = ""
    # Of the deletion of all addresses: when signing had ended, by which account (its id), and the day that was set.
    ended_at: str = ""
    account: int = 0
    day: str = ""


def path() -> Path:
    """Return the path of the log: ERASURE_LEDGER, to be backed up on its own."""
    return Path(settings.ERASURE_LEDGER)


def about(row: Logged, kind: Kind, at: datetime) -> Line:
    """Build the line of `kind` about a row."""
    made_at = row.signed_at if isinstance(row, Signature) else row.created_at
    nonce = bytes(row.nonce).hex() if isinstance(row, Signature) and kind == Kind.WITHDRAWN else ""
    model = stored_name(row)
    return Line(kind=kind, at=at.isoformat(), model=model, row=row.pk, made_at=made_at.isoformat(), nonce=nonce)


def out_of_files(mailbox: bytes, at: datetime) -> Line:
    """Build the line about a mailbox, by its digest, that was taken out of all that partners handed over.

    Files have no rows, and those of a file can be made anew: only the digest tells a backup of before.
    """
    return Line(kind=Kind.ERASED, at=at.isoformat(), mailbox=mailbox.hex())


def write(lines: Iterable[Line]) -> None:
    """Append lines and sync them to disk. Raises OSError: then nothing may be erased."""
    text = "".join(json.dumps({k: v for k, v in asdict(line).items() if v}) + "\n" for line in lines)
    if not text:
        return
    path().parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        cut = size and os.pread(handle, 1, size - 1) != b"\n"  # by a crash: the next line starts on its own
        os.write(handle, (b"\n" if cut else b"") + text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read(text: str | None = None) -> Iterator[Line]:
    """Yield the lines of the log, or of `text`. A line cut by a crash is skipped: its change did not commit either."""
    if text is None:
        text = path().read_text() if path().exists() else ""
    for line in text.splitlines():
        try:
            yield Line(**json.loads(line))
        except (ValueError, TypeError):
            continue


def add_missing(text: str) -> None:
    """Add the lines of another copy that are missing here."""
    here = set(read())
    write([line for line in read(text) if line not in here])


def last_of_each(lines: Iterable[Line]) -> list[Line]:
    """Return the last line of each row, which is in force; an erasure is never replaced."""
    last: dict[tuple[str, int, str], Line] = {}
    for line in sorted(lines, key=lambda line: (datetime.fromisoformat(line.at), line.kind == Kind.ERASED)):
        key = (line.model, line.row, line.made_at)
        if line.row and (key not in last or last[key].kind != Kind.ERASED):
            last[key] = line
    return list(last.values())


def stops(lines: Iterable[Line]) -> dict[str, Line]:
    """Return the last stop or allowance of each mailbox, by its digest in hex."""
    said = [line for line in lines if line.mailbox and line.kind in (Kind.STOPPED, Kind.ALLOWED)]
    return {line.mailbox: line for line in sorted(said, key=lambda line: datetime.fromisoformat(line.at))}


def numbers(lines: Iterable[Line]) -> int:
    """Return the number above which no public number was ever given; 0 if the log does not tell."""
    return max((line.number for line in lines), default=0)


def catch_up(now: datetime) -> None:
    """Log withdrawals, their undos and stops since the last run, and how far numbers may have gone.

    Reads the log and the few rows that can still be undone; safe to repeat and to run twice at once.
    """
    lines = list(read())
    known = {(line.row, line.made_at): line for line in last_of_each(lines) if line.model == "signature"}
    waiting = list(Signature.objects.filter(state=State.WITHDRAWN, erased_at=None))
    new = [_withdrawn(signature) for signature in waiting]
    new = [line for line in new if known.get((line.row, line.made_at)) != line]
    back = {line.row: line for line in known.values() if line.kind == Kind.WITHDRAWN}
    for signature in Signature.objects.live().filter(pk__in=list(back)):
        if back[signature.pk].made_at == signature.signed_at.isoformat():
            new.append(about(signature, Kind.UNDONE, signature.changed_at))
    new += _new_stops(stops(lines), now)
    given = last_number()
    if given and numbers(lines) < given + NUMBERS_AHEAD // 2:
        new.append(Line(kind=Kind.NUMBERS, at=now.isoformat(), number=given + NUMBERS_AHEAD))
    write(new)


def _withdrawn(signature: Signature) -> Line:
    assert signature.withdrawn_at is not None  # noqa: S101 - a constraint of the table
    return about(signature, Kind.WITHDRAWN, signature.withdrawn_at)


def _new_stops(known: dict[str, Line], now: datetime) -> list[Line]:
    wanted = {bytes(digest).hex() for digest in StoppedMailbox.objects.values_list("pk", flat=True)}
    in_force = {mailbox for mailbox, line in known.items() if line.kind == Kind.STOPPED}
    new = [Line(kind=Kind.STOPPED, at=now.isoformat(), mailbox=mailbox) for mailbox in wanted - in_force]
    return new + [Line(kind=Kind.ALLOWED, at=now.isoformat(), mailbox=mailbox) for mailbox in in_force - wanted]


def last_number() -> int:
    """Return the last public number given; 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM signatories_number")
        return int(cursor.fetchone()[0])
