"""Looks at mail addresses: each needs a reason from a list, and leaves an act with it.

Who looks often is told to the administrators: see signatories/screening/looks.py.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from signatories.audit.services import by_organizer, record
from signatories.identity import mailbox
from signatories.models import Report, Signature, Signup
from signatories.models.act import Verb


class LookReason(models.TextChoices):
    """Why an organizer looks at an address. The words stand in the act."""

    ASKED = "asked", "The signer asked us"
    PROOF = "proof", "To prove who it is"
    RETURNED = "returned", "A mail came back"
    REPORTED = "reported", "A report about the entry"
    LAW = "law", "The law asks"


def reveal(*, row: Signature | Signup | Report, organizer: AbstractBaseUser, reason: LookReason) -> str:
    """Record that an address is looked at, and return it: of a signer, or of the reader who sent a report.

    Raises cryptography.fernet.InvalidToken.
    """
    address = mailbox.unseal(bytes(row.address_sealed))
    by = by_organizer(organizer, str(reason.label))
    if isinstance(row, Signature):
        record(Verb.REVEAL, by=by, signature=row)
    elif isinstance(row, Signup):
        record(Verb.REVEAL, by=by, about=f"signup {row.pk}")
    else:
        record(Verb.REVEAL, by=by, signature=row.signature, about=f"report {row.pk}")
    return address
