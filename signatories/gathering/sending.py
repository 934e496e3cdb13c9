"""Invitations go out: at the pace of their batch, once to a mailbox, and to nobody who is known here.

Whoever has signed, has been asked, or wants no mail is passed over silently: the partner's figures count them as asked,
so that no figure tells who had signed before. Who signs while the mail waits is passed over when it is handed over.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from declaration.database.one_at_a_time import one_at_a_time
from declaration.models import Text
from signatories.gathering import people
from signatories.identity.mailbox import MailboxCache
from signatories.lifecycle.mailboxes import have_signed
from signatories.mail.claiming import unclaimed
from signatories.models import Closing, GatheredBatch, Invitee, OutboundMail, StoppedMailbox
from signatories.models import settings as site
from signatories.models.gathering import Answer, BatchState
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind

EVERY = 5  # seconds between two turns
_LOCK = 0xED22


def send(now: datetime) -> int:
    """Take one turn: store the next mails of each batch in the outbox. Returns how many people had their turn.

    While signing is paused nobody is asked, because their page would take no answer, and their days would pass.
    """
    with one_at_a_time(_LOCK) as free:
        if not free or Text.to_sign(settings.LANGUAGE_CODE) is None or Closing.current().end:
            return 0
        if not site.current(now).taking_signatures:
            call_back(now, tests=False)
            return 0
        due = GatheredBatch.objects.filter(state=BatchState.APPROVED, paused_at=None, starts_at__lte=now)
        due = due.filter(partner__ended_at=None, partner__gathering__ended_at=None)
        return sum(_turn(pk, now) for pk in due.order_by("pk").values_list("pk", flat=True))


def call_back(now: datetime, *, tests: bool = True) -> int:
    """Take invitations that wait out of the outbox; returns how many. Should signing go on, they are asked then.

    Without `tests` those stay that partners mail to themselves.
    """
    with transaction.atomic():
        waiting = OutboundMail.objects.filter(kind=MailKind.GATHERED, mail_state=MailState.WAITING)
        waiting = waiting if tests else waiting.filter(invitee__is_test=False)
        mails = list(waiting.filter(unclaimed(now)).select_for_update(of=("self",)).values_list("pk", "invitee"))
        OutboundMail.objects.filter(pk__in=[mail for mail, _invitee in mails]).delete()
        asked = Invitee.objects.filter(pk__in=[invitee for _mail, invitee in mails], answer=Answer.NONE)
        asked.filter(is_test=False).update(asked_at=None)
        return len(mails)


def _turn(batch_id: int, now: datetime) -> int:
    with transaction.atomic():
        going = GatheredBatch.objects.filter(pk=batch_id, state=BatchState.APPROVED, paused_at=None)
        batch = going.only("pace").select_for_update().first()
        if batch is None:
            return 0
        most = -(-batch.pace * EVERY // 60)  # rounded up
        waiting = list(Invitee.objects.to_ask().filter(batch=batch).order_by("pk").select_for_update()[:most])
        mailboxes = MailboxCache()
        known = _known(waiting, mailboxes)
        passed = Invitee.objects.filter(pk__in=[one.pk for one in known])
        people.forget(passed, answer=Answer.PASSED, now=now, asked_at=now, address_digest=b"")
        asked = [one for one in waiting if one not in known]
        Invitee.objects.filter(pk__in=[one.pk for one in asked]).update(asked_at=now)
        mails = [people.mail_to(one, mailboxes.of(one).address or "") for one in asked]
        OutboundMail.objects.bulk_create(mails, ignore_conflicts=True)
        return len(waiting)


def _known(waiting: Sequence[Invitee], mailboxes: MailboxCache) -> list[Invitee]:
    """Those who have signed or begun to, have been asked before, want no mail, or whose address no key opens."""
    digests = {one.pk: mailboxes.of(one).digests for one in waiting}
    every = [digest for several in digests.values() for digest in several]
    found = have_signed(every)
    found |= {bytes(digest) for digest in Invitee.objects.known(every).values_list("address_digest", flat=True)}
    found |= {bytes(pk) for pk in StoppedMailbox.objects.filter(pk__in=every).values_list("pk", flat=True)}
    return [one for one in waiting if mailboxes.of(one).address is None or not found.isdisjoint(digests[one.pk])]
