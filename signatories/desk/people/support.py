"""What organizers do for a signer who asks: the signer's own verbs, each with its Act in the same transaction."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.identity import mailbox
from signatories.mine import services as mine
from signatories.models import Act, Signature, Signup
from signatories.models.act import Verb
from signatories.models.mailing import MailState


def look_for(*, organizer: AbstractBaseUser) -> None:
    """Put on record that somebody was looked for; whom, is not kept."""
    Act.objects.create(verb=Verb.FIND, organizer_id=organizer.pk)


def reveal(*, row: Signature | Signup, organizer: AbstractBaseUser) -> str:
    """The address of a row, and on record that it was looked at. Raises cryptography.fernet.InvalidToken."""
    signature = row if isinstance(row, Signature) else None
    reason = "" if signature else f"signup {row.pk}"
    Act.objects.create(verb=Verb.REVEAL, signature=signature, organizer_id=organizer.pk, reason=reason)
    return mailbox.unseal(bytes(row.address_sealed))


def resend(*, row: Signature | Signup, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Mail the link again: to the own page, or to confirm. False if there is nothing left to confirm."""
    with transaction.atomic():
        if isinstance(row, Signature):
            address = mailbox.unseal(bytes(row.address_sealed))
            mine.ask(address=address, language=row.language, now=now)
            Act.objects.create(verb=Verb.RESEND, signature=row, organizer_id=organizer.pk)
            return True
        waiting = Signup.objects.filter(pk=row.pk, confirmed_at=None).exclude(mail_state=MailState.WAITING)
        done = waiting.update(mail_state=MailState.WAITING, mail_due_at=now, mail_attempts=0, mail_error="")
        if done:
            Act.objects.create(verb=Verb.RESEND, organizer_id=organizer.pk, reason=f"signup {row.pk}")
        return bool(done)


def correct(
    *, signature: Signature, mended: mine.SignatureUpdate, organizer: AbstractBaseUser, reason: str, now: datetime
) -> bool:
    """Mend a signature at its signer's request, by the signer's own rules. False if nothing changed."""
    before = mine.mended_by(signature)
    verb = Verb.CORRECT if before.named == mended.named else Verb.SHOW if mended.named else Verb.HIDE
    with transaction.atomic():
        if not mine.mend(signature_id=signature.pk, mended=mended, now=now):
            return False
        _record(verb, signature, organizer, reason)
        return True


def withdraw(*, signature: Signature, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Withdraw at the signer's request; told to the mailbox, undoable from there. False if it was withdrawn before."""
    with transaction.atomic():
        if not mine.withdraw(signature_id=signature.pk, now=now):
            return False
        _record(Verb.WITHDRAW, signature, organizer, reason)
        return True


def restore(*, signature: Signature, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Undo a withdrawal at the signer's request. False if it is too late or the mailbox has signed anew."""
    with transaction.atomic():
        if not mine.undo(signature_id=signature.pk, now=now):
            return False
        _record(Verb.RESTORE, signature, organizer, reason)
        return True


def _record(verb: Verb, signature: Signature, organizer: AbstractBaseUser, reason: str) -> None:
    after = Signature.objects.values_list("state", flat=True).get(pk=signature.pk)
    Act.objects.create(
        verb=verb, signature=signature, organizer_id=organizer.pk, before=signature.state, after=after, reason=reason
    )
