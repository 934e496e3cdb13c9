"""What is deleted of gathered people, and when; called once an hour."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from declaration.models import Text
from signatories.gathering import on_request, people
from signatories.identity import mailbox
from signatories.mail.quota import NOTHING_TO_SAY, STOPPED
from signatories.models import Closing, GatheredBatch, GatheringGrant, Invitee, OutboundMail, StoppedMailbox
from signatories.models.gathering import Answer, BatchState
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind

_AT_ONCE = 1000
# Whose digest stays for as long as the declaration: they said that they do not want to be asked.
_SAID_NO = (Answer.DECLINED, Answer.NEVER)


def forget(now: datetime) -> None:
    """Forget who has not answered for LINK_DAYS, and files that nobody went on with. Safe to repeat."""
    long_ago = now - timedelta(days=settings.LINK_DAYS)
    _forget_silent(long_ago, now)  # a pause of signing changes nothing: people were told how many days
    never_asked = Q(batch__starts_at__lt=long_ago) | Q(batch__starts_at=None, batch__created_at__lt=long_ago)
    _give_up(GatheredBatch.objects.filter(created_at__lt=long_ago))  # before its rows: a check may just make them
    Invitee.objects.without_turn().filter(never_asked).delete()
    _forget_passed(now)
    decided = Q(state=BatchState.APPROVED) | Q(created_at__lt=long_ago)  # in others, people may not be read yet
    people.forget_names_of_files(GatheredBatch.objects.filter(decided))
    if not Text.objects.published().exists():  # signing is closed: nobody can be asked any more
        _forget_digests()
    if Closing.current().settled_at:  # what came in while it was being settled
        close(now)


def close(now: datetime) -> None:
    """Forget everybody who has not answered, and by what they were found: signing has ended. Safe to repeat."""
    _give_up(GatheredBatch.objects.all())  # before the rows: a check may just make them
    Invitee.objects.without_turn().delete()
    _forget_silent(now, now)
    people.forget_names_of_files(GatheredBatch.objects.all())
    _forget_digests()


def _forget_digests() -> None:
    """Delete by what those were found who need not be asked twice; but not of those who said no."""
    found = Invitee.objects.exclude(answer__in=[Answer.NONE, *_SAID_NO]).exclude(address_digest=b"")
    found.update(address_digest=b"")


def _give_up(batches: QuerySet[GatheredBatch]) -> None:
    """Take back those that were never approved, and empty their files."""
    left = batches.exclude(state__in=[BatchState.APPROVED, BatchState.UNDONE, BatchState.REFUSED])
    if left.exists():
        left.update(state=BatchState.UNDONE, file=b"", sample=b"", specimen=b"", file_name="")


def _forget_silent(long_ago: datetime, now: datetime) -> None:
    """Forget them in batches, each a transaction."""
    silent = Invitee.objects.filter(asked_at__lt=long_ago, answer=Answer.NONE)
    while keys := list(silent.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        with transaction.atomic():
            people.forget(Invitee.objects.filter(pk__in=keys), answer=Answer.SILENT, now=now)


def _forget_passed(now: datetime) -> None:
    """Forget those whose mail was not sent: they signed, or stopped mails, while it waited for the mail server."""
    mails = OutboundMail.objects.filter(kind=MailKind.GATHERED, mail_state=MailState.SET_ASIDE)
    passed = mails.filter(mail_error__in=(NOTHING_TO_SAY, STOPPED), invitee__is_test=False).values("invitee")
    with transaction.atomic():
        people.forget(Invitee.objects.filter(pk__in=passed), answer=Answer.PASSED, now=now, address_digest=b"")


def after_restore(now: datetime) -> None:
    """Let a restored backup mail nobody a second time: who was asked, or said no, since it was made is not told there.

    So whoever had no turn is deleted, files that were not approved are taken back, and nobody may hand names over
    before an administrator allows it anew. Call it in a transaction, after the stops of the erasure log.
    """
    OutboundMail.objects.filter(kind=MailKind.GATHERED, mail_state=MailState.WAITING).delete()
    Invitee.objects.without_turn().delete()
    _give_up(GatheredBatch.objects.all())
    GatheringGrant.objects.filter(ended_at=None).update(ended_at=now)
    stopped = Invitee.objects.filter(address_digest__in=StoppedMailbox.objects.values("pk"))
    people.forget(stopped, answer=Answer.DECLINED, now=now)


def erase_again(*, row: int, made_at: datetime, now: datetime) -> None:
    """Erase in a restored backup somebody who was erased since, as on request: nobody asks them a second time.

    Call it in a transaction.
    """
    erased = Invitee.objects.filter(pk=row, created_at=made_at, answer=Answer.NONE).exclude(address_digest=b"").first()
    if erased:
        on_request.erase(digests=mailbox.digests_of(erased), now=now)
