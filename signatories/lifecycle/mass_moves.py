"""Mass moves: one decision about thousands of signatures, worked in batches by a task.

The set is frozen when the decision is made. Each batch is one transaction of the one door (transitions.py), which also
moves the cursor on: whoever continues after a killed worker moves nobody twice and leaves nobody out. People about whom
somebody else has decided since the set was shown are left as they are. An undo is a mass move back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Case, Exists, F, Max, OuterRef, Value, When

from signatories.audit import chain
from signatories.audit import services as audit
from signatories.audit.services import By, by_organizer, by_rule
from signatories.lifecycle import transitions
from signatories.models import Act, Alarm, MassMove, MassMoveBatch, Signature
from signatories.models.act import MOVES, UNDONE, Verb
from signatories.models.mass_move import AT_WORK, ENDED, MassMoveState
from signatories.models.signature import SignatureQuerySet, State

BATCH = 2000  # people in a transaction; it takes a second at most, and whoever cancels waits for one
BATCHES_A_RUN = 10  # then the thread of the worker is free for other tasks until the next tick


class Shown(NamedTuple):
    """What a page has shown: nobody with a later id, and no later decision, was on it."""

    newest_signature: int
    newest_act: int


@dataclass(frozen=True, kw_only=True)
class FrozenPart:
    """People who are in one state, and what shall happen to them."""

    verb: Verb
    before: State
    ids: Sequence[int]
    acts_until: int


def shown_now() -> Shown:
    """Take the bound of what is shown from now on. The acts are read first: what happens in between is left out."""
    newest_act = _newest(Act.objects.all())
    return Shown(_newest(Signature.objects.all()), newest_act)


def _newest(rows: Any) -> int:
    return int(rows.aggregate(newest=Max("pk"))["newest"] or 0)


def still_as_shown(signatures: SignatureQuerySet, shown: Shown, before: State) -> SignatureQuerySet:
    """Leave those that were shown, are in a state, and about whom nobody has decided since."""
    return _untouched(signatures.filter(pk__lte=shown.newest_signature), before, shown.newest_act)


def freeze(signatures: SignatureQuerySet, shown: Shown, *, verb: Verb, before: State) -> FrozenPart:
    """Freeze those of `signatures` that are still as shown; the same ones that the page has counted."""
    ids = still_as_shown(signatures, shown, before).order_by("pk").values_list("pk", flat=True)
    return FrozenPart(verb=verb, before=before, ids=list(ids), acts_until=shown.newest_act)


def _untouched(signatures: SignatureQuerySet, state: State, acts_until: int) -> SignatureQuerySet:
    """Leave those that are in this state and about whom nobody has decided after that act.

    The id is compared in a CASE, which the planner cannot use: otherwise it may read all later acts, which a mass move
    itself writes by the thousand, once for each person.
    """
    is_later = Case(When(pk__gt=acts_until, then=Value(True)), default=Value(False))
    decided = Act.objects.filter(is_later, signature=OuterRef("pk"), verb__in=MOVES)
    return signatures.filter(~Exists(decided), state=state)


def begin(
    parts: Iterable[FrozenPart], *, verb: Verb | None, by: By, alarm: Alarm | None = None, answers_alarm: bool = False,
    undo_of: MassMove | None = None,
) -> MassMove:  # fmt: skip
    """Store a mass move for the worker; it moves nobody yet. To be called in the transaction of the decision.

    Raises IntegrityError if one is at work for this alarm, or the same undo is.
    """
    batches = [
        MassMoveBatch(verb=part.verb, before=part.before, ids=list(ids), acts_until=part.acts_until)
        for part in parts
        for ids in batched(part.ids, BATCH)
    ]
    total = sum(len(batch.ids) for batch in batches)
    move = MassMove.objects.create(
        verb=verb or "", reason=by.reason.strip(), organizer_id=by.organizer_id, role=by.role, alarm=alarm,
        undo_of=undo_of, answers_alarm=answers_alarm, state=MassMoveState.WAITING, total=total, moved=0, skipped=0,
        batch_count=len(batches), cursor=0,
    )  # fmt: skip
    for position, batch in enumerate(batches):
        batch.mass_move, batch.position = move, position
    MassMoveBatch.objects.bulk_create(batches)
    everybody = chain.set_digest(key for batch in batches for key in batch.ids)
    words = f"mass move {move.pk}: {verb or 'undo'} {total}"
    audit.record(Verb.EDIT, by=_by(move, words), about=f"mass move {move.pk}", digest=everybody)
    return move


def cancel(*, mass_move_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Stop a mass move after the batch that is worked just now; who was moved stays. False if it has ended before."""
    with transaction.atomic():
        at_work = MassMove.objects.filter(pk=mass_move_id, state__in=AT_WORK)
        if not at_work.update(state=MassMoveState.CANCELLED, finished_at=now):
            return False
        audit.record_edit(organizer, f"mass move {mass_move_id} cancelled")
        return True


def undo(*, mass_move_id: int, organizer: AbstractBaseUser) -> MassMove | None:
    """Ask for everybody whom a mass move has moved to be put back, except who was decided about again since.

    Returns None if it has not ended, moved nobody, or is undone or being undone.
    """
    with transaction.atomic():
        move = MassMove.objects.select_for_update(of=("self",)).filter(pk=mass_move_id, state__in=ENDED).first()
        if move is None or not move.can_be_undone or move.undos.filter(state__in=AT_WORK).exists():
            return None
        parts = [_back(batch) for batch in move.batches.filter(position__lt=move.cursor).order_by("position")]
        return begin(parts, verb=None, by=by_organizer(organizer, f"{UNDONE}{move.reason}"), undo_of=move)


def _back(batch: MassMoveBatch) -> FrozenPart:
    verb, after = transitions.VERB_TO[State(batch.before)], _STATE_AFTER[Verb(batch.verb)]
    return FrozenPart(verb=verb, before=after, ids=batch.moved, acts_until=batch.acts_until)


_STATE_AFTER = {verb: state for state, verb in transitions.VERB_TO.items()}


def work(*, now: datetime) -> int:
    """Work some batches of the mass moves; returns how many. Safe to repeat and to run in many workers at once."""
    return next((n for n in range(BATCHES_A_RUN) if not work_batch(now=now)), BATCHES_A_RUN)


def work_batch(*, now: datetime) -> bool:
    """Work one batch of the oldest mass move that no other worker has. Returns False if there is none."""
    with transaction.atomic():
        free = MassMove.objects.filter(state__in=AT_WORK).select_for_update(skip_locked=True, of=("self",))
        move = free.order_by("pk").first()
        if move is None:
            return False
        if batch := move.batches.filter(position=move.cursor).first():
            _work(move, batch, now)
        if move.cursor >= move.batch_count:
            _finish(move, now)
        move.save(update_fields=["state", "moved", "skipped", "cursor", "finished_at"])
        return True


def _work(move: MassMove, batch: MassMoveBatch, now: datetime) -> None:
    # Whoever is put back waits for what they waited for before, and not for the undo.
    changes = {"held_for": F("held_for")} if move.undo_of_id and batch.verb == Verb.HOLD else None
    untouched = _untouched(Signature.objects.all(), State(batch.before), batch.acts_until)
    batch.moved = transitions.move(
        batch.ids, Verb(batch.verb), by=_by(move, move.reason), now=now, among=untouched, changes=changes
    )
    batch.acts_until = _newest(Act.objects.all())  # the rows are locked: a later decision about them has a later act
    batch.save(update_fields=["moved", "acts_until"])
    move.state, move.cursor = MassMoveState.RUNNING, move.cursor + 1
    move.moved += len(batch.moved)
    move.skipped += len(batch.ids) - len(batch.moved)


def _finish(move: MassMove, now: datetime) -> None:
    """End a mass move: its alarm is answered now, or open again if this was an undo."""
    move.state, move.finished_at = MassMoveState.DONE, now
    if undone := move.undo_of:
        if undone.answers_alarm and undone.state == MassMoveState.DONE:
            _open_again(undone.alarm)
        MassMove.objects.filter(pk=undone.pk).update(state=MassMoveState.UNDONE)
    elif move.answers_alarm and Alarm.objects.filter(pk=move.alarm_id or 0, closed_at=None).update(closed_at=now):
        audit.record(Verb.EDIT, by=_by(move, f"alarm {move.alarm_id} looked at"))


def _open_again(alarm: Alarm | None) -> None:
    """Open an alarm whose answer was undone, unless a newer one about the same is open."""
    if alarm and not Alarm.objects.filter(kind=alarm.kind, subject=alarm.subject, closed_at=None).exists():
        Alarm.objects.filter(pk=alarm.pk).update(closed_at=None)


def _by(move: MassMove, reason: str) -> By:
    if move.organizer_id is None:
        return by_rule(reason)
    return By(actor=transitions.ORGANIZER, organizer_id=move.organizer_id, role=move.role, reason=reason)
