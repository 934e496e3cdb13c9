"""Backup into one file, and restore from it, which brings no erased person back and mails nobody twice.

A restore is one transaction: check the file, empty and fill the tables, then apply the entries of the erasure log since
the backup. A failure leaves the database as it was. See docs/decisions/0008.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from declaration.models import Text
from declaration.ops.storage import files
from signatories.audit.services import by_command
from signatories.editions import services as editions
from signatories.gathering import forgetting as gathering
from signatories.gathering import on_request
from signatories.lifecycle import transitions
from signatories.mail import reminders
from signatories.mine import services as mine
from signatories.models import Invitee, Signature, Signup, StoppedMailbox
from signatories.models.act import Verb
from signatories.models.closing import forget_end
from signatories.models.mailing import Mailed, MailState
from signatories.models.signature import State
from signatories.models.stored_names import model_of, stored_name
from signatories.news import services as news
from signatories.operations import closing
from signatories.operations.backup import keys, tables
from signatories.operations.backup.archive import Damaged, Manifest, Reader, Writer, replaced_when_written
from signatories.privacy import addresses, dossiers, erasure_log, retention
from signatories.privacy.erasure_log import Kind, Line
from signatories.tally import services as tally

HELD_BACK = "held back by a restore"
# Skipped when the erasure log is lost: it is unknown which numbers were given after the backup, but fewer than these.
NUMBERS_SKIPPED = 100_000
_LONGEST_ERASURE = timedelta(hours=1)  # from the moment in its line of the log until it is committed
_ERASURE_LOG = "ledger.jsonl"  # the name of the part in archives


class RestoreRefused(Exception):
    """Nothing was restored; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """Result of a restore, besides the filled tables."""

    made_at: datetime
    counts: dict[str, int]
    erased: int
    withdrawn: int
    undone: int
    held_back: int
    next_number: int
    complete: bool
    rotated: bool  # addresses or digests are under other keys than those in use


def back_up(*, target: Path, now: datetime) -> Manifest:
    """Write everything but organizers' sessions into `target`, as of one moment. Raises OSError."""
    erasure_log.catch_up(now)
    with replaced_when_written(target) as file, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT now()")
        moment = cursor.fetchone()[0].astimezone(UTC)
        manifest = Manifest(made_at=moment.isoformat(), migrations=tables.migrations(), keys=keys.fingerprints())
        with Writer(file, manifest) as writer:
            for table in tables.names():
                manifest.columns[table], manifest.counts[table] = tables.columns(table), tables.count(table)
                writer.add(f"tables/{table}", tables.copy_out(table, manifest.columns[table]))
            manifest.sequences = tables.sequences()
            for name in files(default_storage, "editions"):
                writer.add(f"files/{name}", _chunks(default_storage.open(name)))
            if erasure_log.path().exists():
                writer.add(_ERASURE_LOG, _chunks(File(erasure_log.path().open("rb"))))
    return manifest


def _chunks(file: "File[bytes]") -> Iterator[bytes]:
    with file:
        yield from file.chunks()


def restore(
    *, source: Path, now: datetime, replace: bool = False, other_keys: bool = False, send_waiting: bool = False
) -> Restored:
    """Restore the backup `source`. Raises RestoreRefused, and then nothing was changed.

    `replace` discards the rows in the database, `other_keys` accepts an archive of other keys, `send_waiting` sends the
    mails that waited at the backup: only for a move, when nothing was mailed since.
    """
    archive = _checked(source, other_keys=other_keys)
    manifest = archive.manifest
    if not tables.migrations():
        raise RestoreRefused("The database has no tables yet: run `manage.py migrate` first.")
    if manifest.migrations != tables.migrations():
        raise RestoreRefused(_other_shape(manifest.migrations))
    # After a move nothing has happened since the backup; otherwise the erasure log tells it, if there is one.
    complete = send_waiting or erasure_log.path().exists()
    with transaction.atomic():
        if not replace and any(
            model._default_manager.exists() for model in (Signature, Signup, Text, get_user_model())
        ):
            raise RestoreRefused("The database is not empty: --replace gives up what it holds.")
        _fill_tables(archive)
        if _ERASURE_LOG in manifest.parts:
            erasure_log.add_missing(b"".join(archive.chunks(_ERASURE_LOG)).decode())
        lines = list(erasure_log.read())
        done = _apply_log(lines)
        _erase_from_files(lines, datetime.fromisoformat(manifest.made_at))
        _apply_stops(lines)
        _apply_deletion_of_addresses(lines)
        if not send_waiting:
            gathering.after_restore(now)
            news.after_restore(now)
            dossiers.after_restore(now)
        held_back = 0 if send_waiting else _hold_back(now)
        next_number = _advance_numbers(manifest, lines, complete=complete)
        tally.repair()
        if any(done.values()):
            editions.ask()
    forget_end()
    return Restored(
        made_at=datetime.fromisoformat(manifest.made_at), counts=manifest.counts, erased=done[Kind.ERASED],
        withdrawn=done[Kind.WITHDRAWN], undone=done[Kind.UNDONE], held_back=held_back, next_number=next_number,
        complete=complete, rotated=keys.rotated(manifest.keys),
    )  # fmt: skip


def _checked(source: Path, *, other_keys: bool) -> Reader:
    """Open the archive; it must be complete, ours, and made with keys we have. Raises RestoreRefused."""
    try:
        archive = Reader(source)
    except Damaged as error:
        raise RestoreRefused(f"{source} cannot be used: {error}.") from error
    if lacking := keys.missing(archive.manifest.keys):
        if not other_keys:
            raise RestoreRefused(f"The backup was made under another {' and '.join(lacking)}; see --other-keys.")
    elif not archive.proven():
        raise RestoreRefused(f"{source} cannot be used: its manifest was changed.")
    return archive


def _other_shape(then: list[list[str]]) -> str:
    here = tables.migrations()
    more = [".".join(name) for name in then if name not in here]
    less = [".".join(name) for name in here if name not in then]
    words = [f"has {', '.join(more)}"] if more else []
    words += [f"lacks {', '.join(less)}"] if less else []
    return f"The backup was made by another version: it {' and '.join(words)}. Restore with that version, then update."


def _fill_tables(archive: Reader) -> None:
    """Restore files, tables and sequences. Files come first: no row names them before the commit."""
    for name in archive.names("files"):
        default_storage.save(name.removeprefix("files/"), ContentFile(b"".join(archive.chunks(name))))
    tables.empty()
    for table, given in archive.manifest.columns.items():
        tables.copy_in(table, given, archive.chunks(f"tables/{table}"))
    tables.check_references()
    for sequence, value in archive.manifest.sequences.items():
        if value:
            tables.advance_sequence(sequence, value)


def _apply_log(lines: list[Line]) -> dict[str, int]:
    """Apply the withdrawals, returns and erasures since the backup again; nobody is mailed a second time."""
    done: dict[str, int] = dict.fromkeys((Kind.ERASED, Kind.WITHDRAWN, Kind.UNDONE), 0)
    for line in erasure_log.last_of_each(lines):
        at, made_at = datetime.fromisoformat(line.at), datetime.fromisoformat(line.made_at)
        if line.model == stored_name(Invitee):
            gathering.erase_again(row=line.row, made_at=made_at, now=at)
            continue
        if line.model != stored_name(Signature):
            unsigned = model_of(line.model)
            unsigned._default_manager.filter(pk=line.row, created_at=made_at).delete()
            continue
        signature = Signature.objects.filter(pk=line.row, signed_at=made_at, erased_at=None).first()
        if signature and _apply_line(signature, line, at):
            done[line.kind] += 1
    return done


def _erase_from_files(lines: list[Line], made_at: datetime) -> None:
    """Take out of what partners handed over who was erased since the backup, or while it was made."""
    for line in lines:
        at = datetime.fromisoformat(line.at)
        if line.kind == Kind.ERASED and line.mailbox and at > made_at - _LONGEST_ERASURE:
            on_request.erase(digests=[bytes.fromhex(line.mailbox)], now=at)


_BY = by_command("Told again by the erasure log after a restore.")


def _apply_line(signature: Signature, line: Line, at: datetime) -> bool:
    if line.kind == Kind.UNDONE:
        return mine.undo(signature_id=signature.pk, now=at, by=_BY)
    if line.kind == Kind.WITHDRAWN and signature.state == State.WITHDRAWN and signature.withdrawn_at == at:
        return False
    for locked in transitions.lock(Verb.WITHDRAW, _BY, [signature.pk]):
        mine.take_off(locked, Verb.WITHDRAW, by=_BY, nonce=bytes.fromhex(line.nonce), now=at)
    if line.kind == Kind.ERASED:
        retention.strip(signature, by=_BY, now=at)
    return True


def _apply_stops(lines: list[Line]) -> None:
    """Apply the stops of mailboxes since the backup, and those that were taken back."""
    for mailbox, line in erasure_log.stops(lines).items():
        digest = bytes.fromhex(mailbox)
        if line.kind == Kind.ALLOWED:
            StoppedMailbox.objects.filter(pk=digest).delete()
        else:
            stopped = StoppedMailbox(address_digest=digest, stopped_at=datetime.fromisoformat(line.at))
            StoppedMailbox.objects.bulk_create([stopped], ignore_conflicts=True)


def _apply_deletion_of_addresses(lines: list[Line]) -> None:
    """Delete the addresses of all again, and end signing as it had ended: the backup may be from before."""
    told = [line for line in lines if line.kind == Kind.ADDRESSES]
    if not told:
        return
    line = max(told, key=lambda line: datetime.fromisoformat(line.at))
    at = datetime.fromisoformat(line.at)
    closing.tell_again(
        ended_at=datetime.fromisoformat(line.ended_at) if line.ended_at else None, account_id=line.account,
        day=date.fromisoformat(line.day) if line.day else at.date(), deleted_at=at, by=_BY,
    )  # fmt: skip
    addresses.delete_all()


def _mailed() -> list[type[Mailed]]:
    return [model for model in apps.get_models() if issubclass(model, Mailed)]


def _hold_back(now: datetime) -> int:
    """Hold back the waiting mails and the reminders due since the backup: they may have been sent already."""
    while reminders.remind(now):
        pass
    waiting = {"mail_state": MailState.WAITING}
    held = {"mail_state": MailState.SET_ASIDE, "mail_error": HELD_BACK, "claimed_until": None}
    return sum(model._default_manager.filter(**waiting).update(**held) for model in _mailed())


def release(*, now: datetime) -> int:
    """Release the mails that a restore held back; returns how many. Safe to repeat."""
    held = {"mail_state": MailState.SET_ASIDE, "mail_error": HELD_BACK}
    due = {"mail_state": MailState.WAITING, "mail_error": "", "mail_due_at": now, "mail_attempts": 0}
    return sum(model._default_manager.filter(**held).update(**due) for model in _mailed())


def _advance_numbers(manifest: Manifest, lines: list[Line], *, complete: bool) -> int:
    """Continue the numbers above every one that was ever given; returns the next."""
    given = max(manifest.sequences.get("signatories_number", 0), erasure_log.numbers(lines))
    if given:
        tables.advance_sequence("signatories_number", given if complete else given + NUMBERS_SKIPPED)
    return erasure_log.last_number() + 1
