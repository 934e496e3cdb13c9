"""Decisions of organizers on one signature: publish, reject, hold, and undo of their own decision."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import by_organizer
from signatories.lifecycle import transitions
from signatories.models import Act
from signatories.models.act import MOVES, UNDONE, Verb
from signatories.models.signature import State


def decide(*, verb: Verb, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Publish, reject or hold. Returns False if the state of the signature does not allow it (any more).

    Raises ValueError without a reason.
    """
    return bool(transitions.move([signature_id], verb, by=by_organizer(organizer, reason), now=now))


def publish(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Publish a held or rejected signature; see `decide`."""
    return decide(verb=Verb.PUBLISH, signature_id=signature_id, organizer=organizer, reason=reason, now=now)


def reject(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Reject a held or published signature, which can be undone; see `decide`."""
    return decide(verb=Verb.REJECT, signature_id=signature_id, organizer=organizer, reason=reason, now=now)


def hold(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Hold a published or rejected signature until an organizer decides; see `decide`."""
    return decide(verb=Verb.HOLD, signature_id=signature_id, organizer=organizer, reason=reason, now=now)


def undo(*, act_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Move a signature back to the state before the organizer's own act. This is a new act; the old one stays.

    Returns False if the act is another organizer's or no move, or if the signature was moved again since: an undo must
    not override a later decision.
    """
    with transaction.atomic():
        act = Act.objects.filter(pk=act_id, organizer_id=organizer.pk, verb__in=MOVES).first()
        if act is None or act.signature_id is None or not act.before:
            return False
        verb, by = transitions.VERB_TO[State(act.before)], by_organizer(organizer, f"{UNDONE}{act.reason}")
        locked = transitions.lock_one(verb, by, act.signature_id)
        newest = Act.objects.filter(signature_id=act.signature_id, verb__in=MOVES).order_by("-pk").first()
        if locked is None or newest != act or locked.before != act.after:
            return False
        return bool(transitions.move([act.signature_id], verb, by=by, now=now))
