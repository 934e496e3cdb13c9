"""What is kept about people whose names are watched: for whom it is, and when it goes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from signatories.audit.services import By, by_rule, record
from signatories.models import (
    AnnouncedMailbox,
    Closing,
    DossierContact,
    DossierEnquiry,
    DossierProof,
    Signature,
    Verification,
    WatchedFile,
    WatchedName,
)
from signatories.models.act import Verb
from signatories.models.signature import State

_FILES_KEPT = timedelta(hours=1)


def forget(now: datetime) -> None:
    """Delete lists of names that nobody took; see signatories/desk/dossiers/importing.py."""
    WatchedFile.objects.filter(created_at__lte=now - _FILES_KEPT).delete()


def after_restore(now: datetime) -> None:
    """Give up agreements that have not published: whether somebody stopped them since the backup is not known."""
    Verification.objects.open().update(cancelled_at=now)
    WatchedFile.objects.all().delete()


def names_of(signature: Signature) -> QuerySet[WatchedName]:
    """Return the watched names as whose person a signature was verified."""
    done = Verification.objects.filter(signature=signature, watched=OuterRef("pk")).exclude(done_at=None)
    return WatchedName.objects.filter(Exists(done)).order_by("pk")


def rows_of(watched: WatchedName) -> dict[str, QuerySet[Model]]:
    """Return all rows of a dossier, by their kind."""
    return {
        "contacts": watched.contacts.all(), "enquiries": watched.enquiries.all(), "proofs": watched.proofs.all(),
        "announced_mailboxes": watched.mailboxes.all(),
    }  # fmt: skip


def forget_people(pks: Collection[int]) -> None:
    """Delete what is kept about those who were verified and are erased. The names alone stay watched."""
    found = Verification.objects.filter(signature__in=pks)
    for watched in WatchedName.objects.filter(pk__in=found.exclude(done_at=None).values("watched")).order_by("pk"):
        _empty(watched)
    found.delete()


def unsigned() -> QuerySet[WatchedName]:
    """Return the watched names with something in their dossier of which nobody was verified as the person."""
    verified = Verification.objects.filter(watched=OuterRef("pk")).exclude(done_at=None)
    kinds = (DossierContact, DossierEnquiry, DossierProof, AnnouncedMailbox)
    held = [Exists(kind._default_manager.filter(watched=OuterRef("pk"))) for kind in kinds]
    return WatchedName.objects.exclude(Exists(verified)).filter(reduce(or_, held, ~Q(note="")))


def close() -> int:
    """Once the end of signing is settled and nobody waits for a decision, do `forget_unsigned`; else nothing."""
    if Closing.current().settled_at is None or Signature.objects.filter(state=State.HELD).exists():
        return 0
    return forget_unsigned(by=by_rule("Signing has ended, and nobody waits for a decision."))


def forget_unsigned(*, by: By) -> int:
    """Delete the dossiers of people who never signed, and announcements that were not used; returns how many dossiers.

    To be called when signing has ended: then nobody is to be verified any more. The names alone stay watched. Safe to
    repeat.
    """
    with transaction.atomic():
        AnnouncedMailbox.objects.filter(used_at=None).delete()
        count = sum(_empty(watched) for watched in unsigned().order_by("pk").iterator())
        if count:
            record(Verb.ERASE, by=by, about="dossiers")
        return count


def _empty(watched: WatchedName) -> bool:
    """Delete everything but the name itself; whether there was anything."""
    found = [rows.delete()[0] for rows in reversed(rows_of(watched).values())]
    noted = WatchedName.objects.filter(pk=watched.pk).exclude(note="").update(note="")
    return any(found) or bool(noted)
