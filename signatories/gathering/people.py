"""The rows of gathered people: their mailbox, their one mail, and what is left of them once they are forgotten."""

import hashlib
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from signatories.identity import mailbox
from signatories.models import GatheredBatch, Invitee, OutboundMail
from signatories.models.gathering import Answer, Verdict
from signatories.models.outbound_mail import MailKind

# What is emptied when a person is forgotten. The digest of the mailbox is not among it: nobody is asked twice.
_EMPTY: dict[str, object] = {
    "name": "", "name_latin": "", "profession": "", "profession_other": "", "affiliation": "", "country": "",
    "address_sealed": b"",
}  # fmt: skip


def mailbox_columns(address: str) -> dict[str, bytes]:
    """The columns that hold an address."""
    return {
        "address_sealed": mailbox.seal(address),
        "address_digest": mailbox.digest(address),
        "digest_key": mailbox.key_in_use(),
    }


def mail_to(invitee: Invitee, address: str) -> OutboundMail:
    """The one mail of an invitee, not stored yet; a second one cannot be stored."""
    return OutboundMail(
        kind=MailKind.GATHERED, invitee=invitee, language=invitee.language,
        once=hashlib.sha256(f"gathered {invitee.pk}".encode()).digest(),
        address_sealed=invitee.address_sealed, address_digest=invitee.address_digest,
        domain=mailbox.domain_of(address),
    )  # fmt: skip


def forget(people: QuerySet[Invitee], *, answer: Answer, now: datetime, **more: object) -> int:
    """Forget people who have not answered: their mail and all the file said of them. Call it in a transaction.

    Returns how many were forgotten.
    """
    open_ones = list(people.filter(answer=Answer.NONE).order_by("pk").select_for_update().values_list("pk", flat=True))
    OutboundMail.objects.filter(invitee__in=open_ones).delete()
    changed = Invitee.objects.filter(pk__in=open_ones)
    return changed.update(**_EMPTY, answer=answer, answered_at=now, **more)


def forget_names_of_files(batches: QuerySet[GatheredBatch]) -> None:
    """Forget how files were called in which nobody is left: such a name may be that of a person.

    A refused row holds nobody.
    """
    open_ones = Invitee.objects.filter(batch=OuterRef("pk"), answer=Answer.NONE, is_test=False)
    left = open_ones.exclude(verdict=Verdict.REFUSED)
    batches.exclude(Exists(left)).exclude(file_name="").update(file_name="")
