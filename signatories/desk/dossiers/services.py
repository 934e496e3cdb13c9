"""The dossier of a watched name: contacts, enquiries, proofs and announced mailboxes.

Each change is recorded as an Act, which names rows by their ids and repeats nothing of what they hold.
"""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from signatories.audit.services import record_edit
from signatories.identity import mailbox
from signatories.models import (
    AnnouncedMailbox,
    DossierContact,
    DossierEnquiry,
    DossierProof,
    Signature,
    Verification,
    WatchedName,
)
from signatories.models.signature import LOOKS_LIKE, SignatureQuerySet, State
from signatories.screening import holds

MOST = 200  # rows of one kind in a dossier; its page shows them all


class TooMany(Exception):
    """A dossier has MOST rows of a kind already."""


def add_contact(
    *, watched_id: int, kind: str, contact: str, found_at: str, organizer: AbstractBaseUser
) -> DossierContact | None:
    """Note a way to reach the person. Returns None if it is there already. Raises TooMany."""
    new = DossierContact(
        watched_id=watched_id, kind=kind, contact=contact, found_at=found_at, organizer_id=organizer.pk
    )
    try:
        with transaction.atomic():
            _add(new, DossierContact.objects.filter(watched=watched_id), organizer)
    except IntegrityError as error:
        if "dossier_contact_once" in str(error):
            return None
        raise
    return new


def remove_contact(*, watched_id: int, contact_id: int, organizer: AbstractBaseUser) -> bool:
    """Delete a contact; enquiries through it stay. Returns False if there is none."""
    with transaction.atomic():
        if not DossierContact.objects.filter(pk=contact_id, watched=watched_id).delete()[0]:
            return False
        record_edit(organizer, f"contact {contact_id} removed", about=_about(watched_id))
        return True


def add_enquiry(
    *, watched_id: int, contact: DossierContact | None, asked: str, asked_at: datetime, organizer: AbstractBaseUser,
    answer: str = "", now: datetime,
) -> DossierEnquiry:  # fmt: skip
    """Log a question, with its answer if there is one already. Raises TooMany."""
    new = DossierEnquiry(
        watched_id=watched_id, contact=contact, organizer_id=organizer.pk, asked_at=asked_at, asked=asked,
        answer=answer, answered_at=now if answer else None,
    )  # fmt: skip
    with transaction.atomic():
        _add(new, DossierEnquiry.objects.filter(watched=watched_id), organizer)
    return new


def answer_enquiry(
    *, watched_id: int, enquiry_id: int, answer: str, organizer: AbstractBaseUser, now: datetime
) -> bool:
    """Log what was answered. Returns False if there is an answer already: the log is not written over."""
    with transaction.atomic():
        waiting = DossierEnquiry.objects.filter(pk=enquiry_id, watched=watched_id, answered_at=None)
        if not waiting.update(answer=answer, answered_at=now):
            return False
        record_edit(organizer, f"enquiry {enquiry_id} answered", about=_about(watched_id))
        return True


def add_proof(*, watched_id: int, kind: str, words: str, organizer: AbstractBaseUser) -> DossierProof:
    """Record what proves who somebody is. It stays: verifications name it. Raises TooMany."""
    new = DossierProof(watched_id=watched_id, kind=kind, words=words, organizer_id=organizer.pk)
    with transaction.atomic():
        _add(new, DossierProof.objects.filter(watched=watched_id), organizer)
    return new


def announce_mailbox(
    *, watched_id: int, address: str, announced_by: str, proof: DossierProof, organizer: AbstractBaseUser
) -> AnnouncedMailbox | None:
    """Let the person's signature from this mailbox be published without waiting. None if it is announced already.

    Raises TooMany.
    """
    new = AnnouncedMailbox(
        watched_id=watched_id, proof=proof, announced_by=announced_by, organizer_id=organizer.pk,
        address_sealed=mailbox.seal(address), address_digest=mailbox.digest(address),
        domain=mailbox.domain_of(address),
    )  # fmt: skip
    try:
        with transaction.atomic():
            _add(new, AnnouncedMailbox.objects.filter(watched=watched_id), organizer)
    except IntegrityError as error:
        if "announced_mailbox_once" in str(error):
            return None
        raise
    return new


def take_back_mailbox(*, watched_id: int, mailbox_id: int, organizer: AbstractBaseUser) -> bool:
    """Delete an announcement. Returns False if there is none, or if a signature has used it."""
    with transaction.atomic():
        unused = AnnouncedMailbox.objects.filter(pk=mailbox_id, watched=watched_id, used_at=None)
        if not unused.delete()[0]:
            return False
        record_edit(organizer, f"announced mailbox {mailbox_id} taken back", about=_about(watched_id))
        return True


def _add[M: Model](row: M, others: QuerySet[M], organizer: AbstractBaseUser) -> None:
    """Insert a row and its act; in the transaction of the caller. Raises TooMany."""
    if len(others.order_by().values("pk")[:MOST]) >= MOST:
        raise TooMany
    row.save(force_insert=True)
    what = str(type(row)._meta.verbose_name)
    record_edit(organizer, f"{what} {row.pk} added", about=_about(getattr(row, "watched_id", 0)))


def _about(watched_id: int) -> str:
    return f"watched name {watched_id}"


def waiting_for(watched: WatchedName) -> SignatureQuerySet:
    """Return the signatures that wait because they look like this name, oldest first."""
    held = Signature.objects.filter(state=State.HELD, held_for__contains=[holds.code_of(watched)])
    return held.order_by("confirmed_at", "pk")


def watched_of(signature: Signature) -> list[WatchedName]:
    """Return the watched names that a signature looks like, with their proofs, in the order of the alphabet."""
    return list(holds.watched_of(signature.held_for).prefetch_related("proofs__organizer").order_by("name"))


def forgotten_names(signature: Signature, watched: list[WatchedName]) -> list[str]:
    """Return the names a signature is held for that are watched no longer: nobody can verify it as their person."""
    codes = {holds.code_of(each) for each in watched}
    looks_like = [code for code in signature.held_for if code.startswith(LOOKS_LIKE) and code not in codes]
    return [code.removeprefix(LOOKS_LIKE) for code in looks_like]


def verified_as(watched: WatchedName) -> QuerySet[Verification]:
    """Return who was verified as the person, newest first."""
    done = watched.verifications.exclude(done_at=None).order_by("-pk")
    return done.select_related("signature", "first_by", "second_by", "proof")
