"""The verbs of moderation: each moves a signature from an allowed state, counts, and writes its Act, at once."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories import tally
from signatories.models import Act, Signature
from signatories.models.act import MOVES, Verb
from signatories.models.signature import State
from signatories.signing.services import next_number

# From which states an organizer may move a signature to which; the signer's own moves are not here.
ALLOWED: dict[str, set[str]] = {
    State.PUBLISHED: {State.HELD, State.REJECTED},
    State.REJECTED: {State.HELD, State.PUBLISHED},
    State.HELD: {State.PUBLISHED, State.REJECTED},
}

_VERB_TO = {State.PUBLISHED: Verb.PUBLISH, State.REJECTED: Verb.REJECT, State.HELD: Verb.HOLD}


def publish(*, signature_id: int, organizer: AbstractBaseUser | None, reason: str, now: datetime) -> bool:
    """Publish a held or rejected signature. False if it is in no such state (any more): nothing happened."""
    return _move(Verb.PUBLISH, signature_id, State.PUBLISHED, organizer, reason, now)


def reject(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Reject a held or published signature; reversible. False if it is in no such state: nothing happened."""
    return _move(Verb.REJECT, signature_id, State.REJECTED, organizer, reason, now)


def hold(*, signature_id: int, organizer: AbstractBaseUser | None, reason: str, now: datetime) -> bool:
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


def _move(
    verb: Verb, signature_id: int, to: State, organizer: AbstractBaseUser | None, reason: str, now: datetime
) -> bool:
    """One move, in one transaction; without an organizer it is a rule's.

    Raises ValueError without a reason and Signature.DoesNotExist.
    """
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
        tally.record(signature, +1)
        signature.save(update_fields=["state", "changed_at", "number", "published_at"])
        Act.objects.create(
            verb=verb,
            signature=signature,
            organizer_id=organizer.pk if organizer else None,
            before=before,
            after=to,
            reason=reason.strip(),
        )
        return True
