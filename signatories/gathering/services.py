"""The verbs of gathered names: who may hand them over, and a batch from its file to its approval.

Each is one transaction or one conditional UPDATE, harmless when repeated; False where the batch does not allow it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from signatories.audit.services import record_edit
from signatories.gathering import people, preparing
from signatories.gathering.columns import REQUIRED, guess
from signatories.identity import mailbox
from signatories.models import Closing, GatheredBatch, GatheringGrant, Invitee, Partner
from signatories.models.gathering import ASSESSMENT, CONTRACT, GOOD, UNSENT, Answer, BatchState, Verdict
from signatories.partners import channels

AFTER_APPROVAL = timedelta(hours=1)  # in which the approval can be undone before any mail goes
MOST_OPEN = 10  # batches of a partner that are not sent yet
MOST_SHOWN = 200  # batches of a partner, at the desk
_WITH_WORKER = (BatchState.READING, BatchState.CHECKING)


class TooMany(Exception):
    """The partner has MOST_OPEN batches that are not sent yet."""


class Over(Exception):
    """Signing has ended: nobody is asked any more."""


def is_over() -> bool:
    """Whether signing has ended, so that no batch goes a step further. Batches can be looked at and taken back."""
    return Closing.current().end is not None


def may_gather(partner: Partner) -> bool:
    """Whether a partner may hand names to us now."""
    return partner.ended_at is None and GatheringGrant.objects.filter(partner=partner, ended_at=None).exists()


def grant(*, partner_id: int, values: dict[str, Any], account: AbstractBaseUser, now: datetime) -> bool:
    """Let a partner hand names over, under the contract that both have signed. False if it has ended.

    The row holds what counts now; what was accepted before stays on the trail.
    """
    with transaction.atomic():
        partner = Partner.objects.active().select_for_update().filter(pk=partner_id).first()
        if partner is None:
            return False
        given = values | {"contract": CONTRACT, "granted_at": now, "ended_at": None}
        GatheringGrant.objects.update_or_create(partner=partner, defaults=given)
        channels.of_invitations(partner.pk)
        accepted = f"contract {CONTRACT} of {values['signed_on']:%Y-%m-%d}, assessment {ASSESSMENT}"
        record_edit(account, f"gathered names allowed: {accepted}", about=f"partner {partner_id}")
        return True


def end_grant(*, partner_id: int, account: AbstractBaseUser, now: datetime) -> bool:
    """Take no more names from a partner; its open batches are paused. False if it is so."""
    with transaction.atomic():
        done = GatheringGrant.objects.filter(partner=partner_id, ended_at=None).update(ended_at=now)
        if done:
            GatheredBatch.objects.filter(partner=partner_id, paused_at=None).update(paused_at=now)
            record_edit(account, "gathered names not allowed any more", about=f"partner {partner_id}")
        return bool(done)


def upload(
    *, partner_id: int, account: AbstractBaseUser, content: bytes, language: str, file_name: str = ""
) -> GatheredBatch:
    """Take a file; the worker reads it. Raises TooMany, and Over once signing has ended."""
    if is_over():
        raise Over
    with transaction.atomic():
        Partner.objects.select_for_update().get(pk=partner_id)
        waiting = GatheredBatch.objects.filter(partner=partner_id, state__in=[*UNSENT, *_WITH_WORKER])
        if waiting.count() >= MOST_OPEN:
            raise TooMany
        return GatheredBatch.objects.create(
            partner_id=partner_id, account_id=account.pk, language=language, file=mailbox.seal_file(content),
            file_name=file_name,
        )  # fmt: skip


def set_head(*, batch_id: int, head: int) -> bool:
    """Say which of the first lines names the columns. What each column is, is guessed anew, and to be said anew."""
    with transaction.atomic():
        found = _in(batch_id, BatchState.COLUMNS, BatchState.OPEN).exclude(file=b"")
        batch = found.defer("file", "specimen").select_for_update().first()
        heads = preparing.heads_of(preparing.sample_of(batch)) if batch else []
        if batch is None or is_over() or not 0 <= head < len(heads):
            return False
        rows = None if batch.rows is None else batch.rows + batch.head - head
        found.update(state=BatchState.COLUMNS, head=head, columns=guess(heads[head]), rows=rows)
        return True


def set_columns(*, batch_id: int, places: dict[str, int]) -> bool:
    """Say which column holds what; the worker then checks each row. Raises ValueError without the required ones."""
    if not all(field in places for field in REQUIRED):
        raise ValueError("Name and address have no column.")
    if is_over():
        return False
    found = _in(batch_id, BatchState.COLUMNS, BatchState.OPEN).exclude(file=b"")
    return bool(found.update(state=BatchState.CHECKING, columns=places))


def leave_out(*, batch_id: int, invitee_id: int, left_out: bool) -> bool:
    """Leave a person out, or take them in again, until the organizers are asked."""
    found = Invitee.objects.filter(batch__state=BatchState.OPEN, batch=batch_id, pk=invitee_id, verdict__in=GOOD)
    return bool(found.exclude(left_out=left_out).update(left_out=left_out))


def prove(*, batch_id: int, proof: dict[str, Any]) -> bool:
    """Record how these people agreed to be asked."""
    return not is_over() and bool(_in(batch_id, BatchState.OPEN).update(**proof))


def ask(*, batch_id: int) -> bool:
    """Ask the organizers to approve; False without proof, without a test that was looked at, or without people."""
    if is_over() or not Invitee.objects.to_ask().filter(batch=batch_id).exists():
        return False
    ready = _in(batch_id, BatchState.OPEN).filter(looked_at__isnull=False).exclude(asked_in="")
    return bool(ready.update(state=BatchState.ASKED, file=b"", sample=b"", reason=""))


def approve(*, batch_id: int, account: AbstractBaseUser, now: datetime) -> bool:
    """Approve a batch: its mails go from an hour later on. Rows that were not taken are deleted.

    False once signing has ended.
    """
    if is_over():
        return False
    with transaction.atomic():
        found = _in(batch_id, BatchState.ASKED).filter(
            partner__ended_at=None, partner__gathering__isnull=False, partner__gathering__ended_at=None
        )
        starts = now + AFTER_APPROVAL
        done = found.update(state=BatchState.APPROVED, decided_at=now, starts_at=starts, paused_at=None)
        if done:
            not_taken = Q(left_out=True) | Q(is_test=True) | ~Q(verdict__in=GOOD)
            Invitee.objects.without_turn().filter(not_taken, batch=batch_id).delete()
            GatheredBatch.objects.filter(pk=batch_id).update(people=Invitee.objects.filter(batch=batch_id).count())
            record_edit(account, "a batch of gathered names approved", about=f"batch {batch_id}")
        return bool(done)


def refuse(*, batch_id: int, account: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Refuse a batch: everybody in it is deleted, and the partner reads why."""
    with transaction.atomic():
        decided = {"state": BatchState.REFUSED, "decided_at": now, "reason": reason, "file_name": ""}
        done = _in(batch_id, BatchState.ASKED).update(**decided)
        if done:
            Invitee.objects.without_turn().filter(batch=batch_id).delete()
            record_edit(account, "a batch of gathered names refused", about=f"batch {batch_id}")
        return bool(done)


def pause(*, batch_id: int, now: datetime) -> bool:
    """Send nothing more for the moment."""
    return bool(_in(batch_id, BatchState.APPROVED).filter(paused_at=None).update(paused_at=now))


def resume(*, batch_id: int, by_desk: bool) -> bool:
    """Go on sending. What we have paused ourselves, the desk alone lets go on.

    The desk ends the alarm of such a batch also when its partner may hand no names over any more: it stays paused then.
    """
    approved = _in(batch_id, BatchState.APPROVED)
    with transaction.atomic():
        settled = by_desk and approved.exclude(doubted_at=None).update(doubted_at=None)
        going = approved.filter(partner__ended_at=None, partner__gathering__ended_at=None, doubted_at=None)
        going = going.exclude(paused_at=None)
        return bool(going.update(paused_at=None) or settled)


def set_pace(*, batch_id: int, pace: int) -> bool:
    """Send so many invitations a minute."""
    return bool(_in(batch_id, BatchState.APPROVED, BatchState.OPEN, BatchState.ASKED).update(pace=pace))


def undo(*, batch_id: int, account: AbstractBaseUser, now: datetime) -> bool:
    """Take a batch back: whoever has not answered is forgotten, and their links say so. Signatures stay."""
    with transaction.atomic():
        open_states = (BatchState.APPROVED, BatchState.FAILED, *UNSENT)
        emptied = {"file": b"", "sample": b"", "specimen": b"", "file_name": ""}
        if not _in(batch_id, *open_states).update(state=BatchState.UNDONE, decided_at=now, **emptied):
            return False
        Invitee.objects.without_turn().filter(batch=batch_id, answer=Answer.NONE).delete()
        people.forget(Invitee.objects.filter(batch=batch_id), answer=Answer.UNDONE, now=now)
        record_edit(account, "a batch of gathered names taken back", about=f"batch {batch_id}")
        return True


def languages_of(batch: GatheredBatch) -> list[str]:
    """The languages in which this batch is written to, that of the file first."""
    found = set(Invitee.objects.to_ask().filter(batch=batch).values_list("language", flat=True))
    return sorted(found, key=lambda code: (code != batch.language, code))


def verdicts(batch: GatheredBatch) -> dict[str, int]:
    """How many rows of a batch have each verdict; those that were left out by "left_out"."""
    rows = Invitee.objects.filter(batch=batch, is_test=False)
    found = dict(rows.filter(left_out=False).values_list("verdict").annotate(Count("pk")))
    return {verdict: found.get(verdict, 0) for verdict in Verdict} | {"left_out": rows.filter(left_out=True).count()}


def _in(batch_id: int, *states: BatchState) -> QuerySet[GatheredBatch]:
    return GatheredBatch.objects.filter(pk=batch_id, state__in=states)
