"""The verbs of moderation: each moves a signature from an allowed state, counts, and writes its Act, at once."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories import tally
from signatories.models import Act, Signature
from signatories.models.act import Verb
from signatories.models.signature import State
from signatories.signing.services import next_number

# From which states an organizer may move a signature to which; the signer's own moves are not here.
ALLOWED: dict[str, set[str]] = {
    State.PUBLISHED: {State.HELD, State.REJECTED},
    State.REJECTED: {State.HELD, State.PUBLISHED},
    State.HELD: {State.PUBLISHED},
}


def publish(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Publish a held or rejected signature. False if it is in no such state (any more): nothing happened."""
    return _move(Verb.PUBLISH, signature_id, State.PUBLISHED, organizer, reason, now)


def reject(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Reject a held or published signature; reversible. False if it is in no such state: nothing happened."""
    return _move(Verb.REJECT, signature_id, State.REJECTED, organizer, reason, now)


def hold(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Take a published signature off the list until it is looked at. False if it is not published."""
    return _move(Verb.HOLD, signature_id, State.HELD, organizer, reason, now)


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
        tally.record(signature, +1)
        signature.save(update_fields=["state", "changed_at", "number", "published_at"])
        Act.objects.create(
            verb=verb, signature=signature, organizer_id=organizer.pk, before=before, after=to, reason=reason.strip()
        )
        return True
