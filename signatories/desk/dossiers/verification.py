"""Who a signature that looks like a watched name belongs to: a namesake, or the person.

A namesake is declared by one organizer. The person is verified by a proof of the dossier and two organizers; where one
is alone, after a delay in which everybody who decides can stop it. The signature is always locked first, then its
verification.
"""

from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import By, by_organizer, by_rule, record
from signatories.lifecycle import transitions
from signatories.models import DossierProof, Presence, Signature, Verification
from signatories.models.act import Verb
from signatories.models.organizer import Power, may
from signatories.models.signature import SignatureQuerySet, State, VerifiedAs
from signatories.screening import holds

DELAY = timedelta(minutes=15)  # while one organizer is alone
BATCH = 100


class NothingBeside(Exception):
    """A namesake shows neither a profession nor an affiliation, by which readers could tell the two people apart."""


def active_organizers(now: datetime, requester: AbstractBaseUser) -> set[int]:
    """Return the accounts that may decide and were at the desk lately; whoever asks is one of them."""
    present = Presence.objects.active(now).select_related("account__organizer")
    return {each.account_id for each in present if may(each.account, Power.DECIDE)} | {requester.pk}


def is_alone(now: datetime, organizer: AbstractBaseUser) -> bool:
    """Whether nobody else who may decide is at the desk."""
    return len(active_organizers(now, organizer)) == 1


def waiting() -> SignatureQuerySet:
    """Return the signatures that wait because they look like a watched name, and are not verified."""
    return Signature.objects.filter(state=State.HELD).unverified()


def current(signature: Signature) -> Verification | None:
    """Return the agreement that a signature waits with; None if there is none, or the signature has changed since."""
    found = signature.verifications.open().select_related("first_by", "proof", "watched").first()
    return found if found and found.seen == signature.changed_at and found.proof_id else None


def declare_namesake(*, signature_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Publish a signature of another person with a similar name. Returns False if it does not wait (any more).

    Raises NothingBeside, and ValueError without a reason.
    """
    with transaction.atomic():
        signature = _locked(signature_id)
        if signature is None:
            return False
        if not signature.has_words_beside:
            raise NothingBeside
        by = by_organizer(organizer, f"A namesake: {reason.strip()}" if reason.strip() else "")
        _give_up(signature, now)
        return _publish(signature, VerifiedAs.NAMESAKE, by, now)


def agree(
    *, signature_id: int, proof_id: int, organizer: AbstractBaseUser, alone: bool, now: datetime
) -> Verification | None:
    """Agree that a signature is the person's. Returns the agreement as it stands now, None if nothing was changed.

    The first agreement is stored, that of another account publishes. `alone` says that its organizer is alone and has
    shown the second factor: then it publishes after DELAY, unless somebody stops it or another account agrees before.
    """
    with transaction.atomic():
        signature = _locked(signature_id)
        proof = DossierProof.objects.select_related("watched").filter(pk=proof_id).first()
        if signature is None or proof is None or holds.code_of(proof.watched) not in signature.held_for:
            return None
        standing = current(signature)
        if standing is None:
            return _first(signature, proof, organizer, alone, now)
        if standing.first_by_id != organizer.pk:
            return _second(signature, standing, organizer, now)
        if not alone or standing.due_at is not None:
            return None
        return _wait(standing, organizer, now)


def _first(
    signature: Signature, proof: DossierProof, organizer: AbstractBaseUser, alone: bool, now: datetime
) -> Verification:
    _give_up(signature, now)  # one that is void, because the signature has changed
    made = Verification.objects.create(
        signature=signature, watched=proof.watched, proof=proof, seen=signature.changed_at, first_by_id=organizer.pk,
        first_at=now,
    )  # fmt: skip
    if alone:
        return _wait(made, organizer, now)
    words = f"Agreed that it is the person, by proof {proof.pk} of watched name {proof.watched_id}; another must agree."
    record(Verb.EDIT, by=by_organizer(organizer, words), signature=signature)
    return made


def _wait(verification: Verification, organizer: AbstractBaseUser, now: datetime) -> Verification:
    verification.due_at = now + DELAY
    verification.save(update_fields=["due_at"])
    proof = f"proof {verification.proof_id} of watched name {verification.watched_id}"
    due = f"{verification.due_at:%H:%M} UTC"
    words = f"Agreed that it is the person, by {proof}. One person decided; published at {due} unless stopped."
    record(Verb.EDIT, by=by_organizer(organizer, words), signature=verification.signature)
    return verification


def _second(
    signature: Signature, standing: Verification, organizer: AbstractBaseUser, now: datetime
) -> Verification | None:
    by = by_organizer(organizer, f"{_proven(standing)} Two people agreed.")
    if not _publish(signature, VerifiedAs.PERSON, by, now):
        return None
    standing.second_by_id, standing.second_at, standing.done_at = organizer.pk, now, now
    standing.save(update_fields=["second_by", "second_at", "done_at"])
    return standing


def stop(*, signature_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Take back the agreement that a signature waits with, whoever gave it. Returns False if there is none."""
    with transaction.atomic():
        signature = _locked(signature_id)
        if signature is None or not _give_up(signature, now):
            return False
        record(Verb.EDIT, by=by_organizer(organizer, "Verification stopped."), signature=signature)
        return True


def publish_due(now: datetime) -> int:
    """Publish what one organizer has verified, and nobody has stopped within DELAY; returns how many. Safe to repeat.

    Whoever may not decide any more has not decided, and a signature that has changed since is looked at anew.
    """
    due = Verification.objects.open().filter(due_at__lte=now).order_by("due_at")
    return sum(_publish_one(pk, now) for pk in due.values_list("signature", flat=True)[:BATCH])


def _publish_one(signature_id: int, now: datetime) -> bool:
    with transaction.atomic():
        signature = Signature.objects.select_for_update(of=("self",)).get(pk=signature_id)
        due = signature.verifications.open().filter(due_at__lte=now).select_for_update(of=("self",)).first()
        if due is None or due.first_by_id is None:
            return False
        account = get_user_model().objects.select_related("organizer").get(pk=due.first_by_id)
        by = by_organizer(account, f"{_proven(due)} One person decided.")
        stands = due.proof_id and due.seen == signature.changed_at and may(account, Power.DECIDE)
        if not stands or not _publish(signature, VerifiedAs.PERSON, by, now):
            _give_up(signature, now)
            record(Verb.EDIT, by=by_rule("Verification void: something changed."), signature=signature)
            return False
        due.done_at = now
        due.save(update_fields=["done_at"])
        return True


def _proven(verification: Verification) -> str:
    """What the trail says: which proof, and nothing of what it holds."""
    return f"Verified as the person, by proof {verification.proof_id} of watched name {verification.watched_id}."


def _locked(signature_id: int) -> Signature | None:
    """Lock a signature that waits because it looks like a watched name. Raises Signature.DoesNotExist."""
    signature = Signature.objects.select_for_update(of=("self",)).get(pk=signature_id)
    return signature if signature.state == State.HELD and signature.is_unverified else None


def _publish(signature: Signature, found: VerifiedAs, by: By, now: datetime) -> bool:
    changes = {"verified_as": found}
    return bool(transitions.move([signature.pk], Verb.PUBLISH, by=by, now=now, among=waiting(), changes=changes))


def _give_up(signature: Signature, now: datetime) -> int:
    return signature.verifications.open().update(cancelled_at=now)
