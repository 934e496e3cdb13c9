"""Mailings go out: at their pace, one mail to a mailbox, in turns that any worker may take.

A turn stores the next mails in the outbox and moves the cursor, in one transaction. So a worker that dies in between
has done all of a turn or nothing, and the outbox sends what is stored.
"""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from declaration.database.one_at_a_time import one_at_a_time
from signatories.audit.services import by_rule
from signatories.models import Mailing, OutboundMail, Signature
from signatories.models.mailing import MailState
from signatories.models.news import MailingState
from signatories.models.outbound_mail import MailKind
from signatories.news import services
from signatories.news.audience import audience, count

EVERY = 5  # seconds between two turns
MOST_WAITING = 1000  # mails of a mailing in the outbox: what a pause, or a mail server that is away, leaves there
_AT_ONCE = 500  # mailboxes whose news came back
_LOCK = 0xED24
_READ = ("address_sealed", "address_digest", "domain", "language")


def work(now: datetime) -> int:
    """Take one turn of each mailing that is due; returns how many mails were stored. Safe to run twice at once."""
    with one_at_a_time(_LOCK) as free:
        if not free:
            return 0
        _count_people()
        _stop_where_it_came_back()
        due = Mailing.objects.filter(state=MailingState.GOING, paused_at=None, starts_at__lte=now)
        return sum(_turn(pk, now) for pk in due.order_by("pk").values_list("pk", flat=True))


def _count_people() -> None:
    """Count the people of mailings that are being written."""
    for mailing in Mailing.objects.filter(state=MailingState.DRAFT, people=None).order_by("pk"):
        same = {field: getattr(mailing, field) for field in services.AUDIENCE}
        counted = count(mailing)
        Mailing.objects.filter(pk=mailing.pk, state=MailingState.DRAFT, **same).update(people=counted)


def _stop_where_it_came_back() -> None:
    """End news for mailboxes that refused it for good."""
    refused = OutboundMail.objects.filter(kind=MailKind.NEWS, mail_state=MailState.UNDELIVERABLE, signature__news=True)
    for pk in refused.order_by("pk").values_list("signature_id", flat=True)[:_AT_ONCE]:
        services.stop(signature_id=pk or 0, by=by_rule("News to this mailbox came back."))


def _turn(mailing_id: int, now: datetime) -> int:
    with transaction.atomic():
        going = Mailing.objects.filter(pk=mailing_id, state=MailingState.GOING, paused_at=None)
        mailing = going.select_for_update().first()
        if mailing is None:
            return 0
        if not mailing.last:
            mailing.last = Signature.objects.aggregate(newest=Max("pk"))["newest"] or 0
            mailing.people = count(mailing)
        room = min(-(-mailing.pace * EVERY // 60), MOST_WAITING - _waiting(mailing).count())  # rounded up
        stored = _store_next(mailing, room) if room > 0 and mailing.cursor < mailing.last else 0
        mailing.turns += stored
        mailing.waiting = _waiting(mailing).count()
        mailing.failed = _failed(mailing).count()
        if mailing.cursor >= mailing.last and not mailing.waiting:
            mailing.state, mailing.ended_at = MailingState.DONE, now
        mailing.save()
        return stored


def _store_next(mailing: Mailing, most: int) -> int:
    """Store the mails of the next people, at most so many; returns how many."""
    rows = audience(mailing).filter(pk__gt=mailing.cursor, pk__lte=mailing.last).order_by("pk")
    people = list(rows.only(*_READ)[:most])
    mailing.cursor = people[-1].pk if len(people) == most else mailing.last
    # Of two people with one mailbox the first gets the mail.
    each = {bytes(person.address_digest): person for person in reversed(people)}
    mails = [mail_to(mailing, person) for person in each.values()]
    OutboundMail.objects.bulk_create(sorted(mails, key=lambda mail: mail.signature_id or 0), ignore_conflicts=True)
    return len(mails)


def mail_to(mailing: Mailing, person: Signature) -> OutboundMail:
    """The mail to one person, not stored yet; a second one of this update cannot be stored."""
    mailbox = bytes(person.address_digest)
    return OutboundMail(
        kind=MailKind.NEWS, mailing=mailing, signature=person, language=person.language,
        once=hashlib.sha256(f"news {mailing.update_id} ".encode() + mailbox).digest(),
        address_sealed=person.address_sealed, address_digest=mailbox, domain=person.domain,
    )  # fmt: skip


def _waiting(mailing: Mailing) -> QuerySet[OutboundMail]:
    return OutboundMail.objects.filter(mailing=mailing, signature__isnull=False, mail_state=MailState.WAITING)


def _failed(mailing: Mailing) -> QuerySet[OutboundMail]:
    failed = [MailState.UNDELIVERABLE, MailState.SET_ASIDE]
    return OutboundMail.objects.filter(mailing=mailing, signature__isnull=False, mail_state__in=failed)
