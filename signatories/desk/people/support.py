"""Acts of organizers at a signer's request.

They use the services of the own page, so the same rules apply. Each is recorded as an Act in the same transaction.
"""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import by_organizer, record
from signatories.desk.people import timeline
from signatories.identity import mailbox
from signatories.mine import services as mine
from signatories.models import Signature, Signup
from signatories.models.act import Verb
from signatories.models.mailing import MailState
from signatories.signing import services as signing


class MailsStopped(Exception):
    """The owner of the mailbox has stopped our mails, and this one would be among them."""


def record_search(*, organizer: AbstractBaseUser) -> None:
    """Record that a search was made. The words searched for are not kept, because they are personal data."""
    record(Verb.FIND, by=by_organizer(organizer, ""))


def resend(*, row: Signature | Signup, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Put the mail with the link to the own page, or to confirm, into the outbox again.

    Returns False if one waits there already. Raises MailsStopped if the owner of the mailbox wants none.
    """
    with transaction.atomic():
        if isinstance(row, Signature):
            address = mailbox.unseal(bytes(row.address_sealed))
            mine.ask(address=address, language=row.language, now=now)
            record(Verb.RESEND, by=by_organizer(organizer, ""), signature=row)
            return True
        if timeline.mails_stopped(row):
            raise MailsStopped
        waiting = Signup.objects.filter(pk=row.pk, confirmed_at=None).exclude(mail_state=MailState.WAITING)
        done = waiting.update(mail_state=MailState.WAITING, mail_due_at=now, mail_attempts=0, mail_error="")
        if done:
            record(Verb.RESEND, by=by_organizer(organizer, f"signup {row.pk}"))
        return bool(done)


def allow_mails(*, row: Signature | Signup, organizer: AbstractBaseUser, reason: str) -> bool:
    """Allow mails again at the request of the mailbox's owner. Returns False if they were not stopped."""
    signature = row if isinstance(row, Signature) else None
    with transaction.atomic():
        digests = mailbox.digests_of(row)
        if not signing.mails_stopped(digests):
            return False
        signing.allow_mails(digests)
        record(Verb.ALLOW, by=by_organizer(organizer, reason), signature=signature)
        return True


def correct(
    *, signature: Signature, update: mine.SignatureUpdate, organizer: AbstractBaseUser, reason: str, now: datetime
) -> bool:
    """Correct a signature at the signer's request. Returns False if nothing changed."""
    return mine.mend(signature_id=signature.pk, update=update, now=now, by=by_organizer(organizer, reason))


def show_nowhere_else(*, signature: Signature, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Take back at the signer's request that others may show the name; deletes a card. False if they may not."""
    return mine.show_elsewhere(signature_id=signature.pk, agreed="", by=by_organizer(organizer, reason))


def withdraw(*, signature: Signature, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Withdraw at the signer's request; the mail about it can undo it. Returns False if it was withdrawn before."""
    return mine.withdraw(signature_id=signature.pk, now=now, by=by_organizer(organizer, reason))


def restore(*, signature: Signature, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Undo a withdrawal at the signer's request. Returns False if it is too late or the mailbox has signed again."""
    return mine.undo(signature_id=signature.pk, now=now, by=by_organizer(organizer, reason))
