"""Edits of the lists of networks and domains. Each is recorded as an Act."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import record_edit
from signatories.models import Listed
from signatories.models.limits import ListKind
from signatories.screening.limits import forget_rules


def put_on_list(*, kind: str, value: str, note: str, organizer: AbstractBaseUser) -> Listed:
    """List a network or a domain. If it is listed already, only the note changes."""
    with transaction.atomic():
        row, new = Listed.objects.update_or_create(kind=kind, value=value, defaults={"note": note})
        record_edit(organizer, f"{ListKind(kind).label} {value} {'listed' if new else 'noted'}")
    forget_rules()
    return row


def take_off_list(*, listed_id: int, organizer: AbstractBaseUser) -> bool:
    """Remove an entry from its list. Returns False if it was not listed."""
    with transaction.atomic():
        row = Listed.objects.select_for_update().filter(pk=listed_id).first()
        if row is None:
            return False
        row.delete()
        record_edit(organizer, f"{ListKind(row.kind).label} {row.value} no longer listed")
    forget_rules()
    return True
