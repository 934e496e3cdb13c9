"""The verbs of moderation: each moves a signature from an allowed state, counts, and writes its Act, at once."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import BigIntegerField, CharField, Exists, F, Func, OuterRef, Value
from django.db.models.functions import Coalesce

from signatories.models import Act, Signature
from signatories.models.act import MOVES, Verb
from signatories.models.signature import SignatureQuerySet, State
from signatories.screening import holds
from signatories.signing.services import next_number
from signatories.tally import services as tally

# From which states an organizer may move a signature to which; the signer's own moves are not here.
ALLOWED: dict[str, set[str]] = {
    State.PUBLISHED: {State.HELD, State.REJECTED},
    State.REJECTED: {State.HELD, State.PUBLISHED},
    State.HELD: {State.PUBLISHED, State.REJECTED},
}

_VERB_TO = {State.PUBLISHED: Verb.PUBLISH, State.REJECTED: Verb.REJECT, State.HELD: Verb.HOLD}


def publish(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Publish a held or rejected signature. False if it is in no such state (any more): nothing happened."""
    return _move(Verb.PUBLISH, signature_id, State.PUBLISHED, organizer, reason, now)


def reject(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Reject a held or published signature; reversible. False if it is in no such state: nothing happened."""
    return _move(Verb.REJECT, signature_id, State.REJECTED, organizer, reason, now)


def hold(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Let a published or rejected signature wait for a person. False if it is in no such state: nothing happened."""
    return _move(Verb.HOLD, signature_id, State.HELD, organizer, reason, now)


def undo(*, act_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Move a signature back to where one's own act found it: an act of its own, nothing is deleted.

    False if the act is somebody else's or no move, or if something happened to the signature since.
    """
    with transaction.atomic():
        act = Act.objects.filter(pk=act_id, organizer_id=organizer.pk, verb__in=MOVES).first()
        if act is None or act.signature_id is None or not act.before:
            return False
        newest = Act.objects.filter(signature_id=act.signature_id, verb__in=MOVES).order_by("-pk").first()
        signature = Signature.objects.select_for_update(of=("self",)).get(pk=act.signature_id)
        if newest != act or signature.state != act.after:
            return False
        back = State(act.before)
        return _move(_VERB_TO[back], signature.pk, back, organizer, f"Undone: {act.reason}", now)


def keep_waiting(*, signatures: SignatureQuerySet) -> int:
    """Let those of `signatures` who wait do so until a person decides, whatever they were held for; how many wait."""
    return signatures.filter(state=State.HELD).update(held_for=also_for(holds.ORGANIZER))


def undecided(signatures: SignatureQuerySet) -> SignatureQuerySet:
    """Those about whom no organizer has decided: whom alone a rule may move by itself."""
    decided = Act.objects.filter(signature=OuterRef("pk"), organizer__isnull=False, verb__in=MOVES)
    return signatures.exclude(Exists(decided)).exclude(held_for__contains=[holds.ORGANIZER])


def also_for(code: str) -> Func:
    """The reasons of a row and this one behind them, once."""
    reason = Value(code, CharField(max_length=200))
    return Func(Func(F("held_for"), reason, function="array_remove"), reason, function="array_append")


def publish_by_rule(*, signatures: SignatureQuerySet, signature_id: int, reason: str, now: datetime) -> bool:
    """Publish who waits. False if it is not, or not any more, among the undecided of `signatures`."""
    number = Coalesce("number", Func(template="nextval('signatories_number')", output_field=BigIntegerField()))
    first = {"number": number, "published_at": Coalesce("published_at", Value(now))}
    return _by_rule(Verb.PUBLISH, signatures, signature_id, State.HELD, State.PUBLISHED, reason, now, first)


def hold_by_rule(*, signatures: SignatureQuerySet, signature_id: int, code: str, reason: str, now: datetime) -> bool:
    """Let somebody published wait, for `code` too. False if it is not among the undecided of `signatures`."""
    why = {"held_for": also_for(code)}
    return _by_rule(Verb.HOLD, signatures, signature_id, State.PUBLISHED, State.HELD, reason, now, why)


def _by_rule(
    verb: Verb, signatures: SignatureQuerySet, pk: int, before: State, after: State, reason: str, now: datetime,
    changes: dict[str, Any],
) -> bool:  # fmt: skip
    """One conditional UPDATE, which sees the row as whoever was quicker has left it: no rule overrules an organizer."""
    with transaction.atomic():
        found = undecided(signatures).filter(pk=pk, state=before)
        if not found.update(state=after, changed_at=now, **changes):
            return False
        signature = Signature.objects.get(pk=pk)
        tally.record(signature, +1)
        signature.state = before
        tally.record(signature, -1)
        Act.objects.create(verb=verb, signature=signature, before=before, after=after, reason=reason)
        return True


def _move(verb: Verb, signature_id: int, to: State, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """One move, in one transaction. Raises ValueError without a reason and Signature.DoesNotExist."""
    if not reason.strip():
        raise ValueError("A decision needs a reason.")
    with transaction.atomic():
        signature = Signature.objects.select_for_update(of=("self",)).get(pk=signature_id)
        before = signature.state
        if before not in ALLOWED[to]:
            return False
        tally.record(signature, -1)
        signature.state, signature.changed_at = to, now
        if to == State.PUBLISHED and signature.number is None:
            signature.first_published(number=next_number(), now=now)
        if to == State.HELD:  # no rule that lets others go lets this one go
            signature.held_for = list(dict.fromkeys([*signature.held_for, holds.ORGANIZER]))
        tally.record(signature, +1)
        signature.save(update_fields=["state", "changed_at", "number", "published_at", "held_for"])
        Act.objects.create(
            verb=verb,
            signature=signature,
            organizer_id=organizer.pk,
            before=before,
            after=to,
            reason=reason.strip(),
        )
        return True
