"""Who gets nothing, though they were among the audience when the mailing was prepared or their mail was stored."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.queue import services as queue
from signatories.identity import mailbox as addresses
from signatories.mail import bounces, outbox
from signatories.mine import services as mine
from signatories.models import OutboundMail, Signature
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind
from signatories.news import sending, services
from signatories.privacy import retention
from tests.news.news import editor, news_of, prepared, reader, readers, receivers, send_all, started
from tests.people import organizer
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def withdraw(person: Signature) -> None:
    mine.withdraw(signature_id=person.pk, now=timezone.now())


def hold(person: Signature) -> None:
    queue.hold(signature_id=person.pk, organizer=organizer("holder"), reason="Who is it?", now=timezone.now())


def reject(person: Signature) -> None:
    queue.reject(signature_id=person.pk, organizer=organizer("rejecter"), reason="Invented.", now=timezone.now())


def clear_the_box(person: Signature) -> None:
    update = mine.update_of(person)
    mine.mend(signature_id=person.pk, update=type(update)(**vars(update) | {"news": False}), now=timezone.now())


def stop_news(person: Signature) -> None:
    services.stop(signature_id=person.pk)


def complain(person: Signature) -> None:
    bounces.wants_no_mail(address=addresses.unseal(bytes(person.address_sealed)), now=timezone.now())


def erase(person: Signature) -> None:
    address = addresses.unseal(bytes(person.address_sealed))
    retention.erase_mailbox(address=address, reason="Asked for it.", now=timezone.now())


LEAVE = [withdraw, hold, reject, clear_the_box, stop_news, complain, erase]


@pytest.mark.parametrize("leave", LEAVE)
def test_before_their_turn(mailbox: Catcher, leave: Callable[[Signature], None]) -> None:
    reader("stays@example.org", name="Stella Ash")
    person = reader("goes@example.org", name="Gerd Brook")
    started()
    leave(person)
    send_all()
    assert receivers(mailbox) == ["stays@example.org"]


@pytest.mark.parametrize("leave", LEAVE)
def test_when_their_mail_is_in_the_outbox(mailbox: Catcher, leave: Callable[[Signature], None]) -> None:
    reader("stays@example.org", name="Stella Ash")
    person = reader("goes@example.org", name="Gerd Brook")
    mailing = started()
    assert sending.work(timezone.now()) == 2
    leave(person)
    send_all()
    assert receivers(mailbox) == ["stays@example.org"]
    mailing.refresh_from_db()
    assert mailing.state == "done" and mailing.sent in (1, 2 if leave is erase else 1)


@pytest.mark.parametrize("leave", [withdraw, hold, clear_the_box])
def test_while_their_batch_is_being_sent(
    mailbox: Catcher, settings: Settings, leave: Callable[[Signature], None]
) -> None:
    """The worker has claimed fifty mails: the state is read again just before each ten."""
    readers(15)
    person = reader("goes@example.org", name="Gerd Brook")
    started()
    sending.work(timezone.now())
    claimed = outbox.claim_batch(timezone.now())
    assert len(claimed) == 16
    leave(person)
    outbox.send_batch(claimed)
    assert len(receivers(mailbox)) == 15 and "goes@example.org" not in receivers(mailbox)


def test_who_did_not_confirm_is_held_or_asked_for_none(mailbox: Catcher) -> None:
    reader("silent@example.org", news=False)
    hold(reader("held@example.org", name="Hella Brook"))
    started()
    send_all()
    assert receivers(mailbox) == []


def test_a_mailbox_that_refuses_news_gets_no_other(mailbox: Catcher) -> None:
    reader("bounce@example.org", name="Bruno Ash")
    reader("ann@example.org")
    mailing = started()
    send_all()
    mailing.refresh_from_db()
    assert (mailing.state, mailing.sent, mailing.failed) == ("done", 1, 1)
    sending.work(timezone.now())
    refused = Signature.objects.get(name="Bruno Ash")
    assert (refused.news, refused.state) == (False, "published")
    assert refused.acts.latest("pk").actor == "rule"


def test_news_that_comes_back_ends_news_too(mailbox: Catcher) -> None:
    person = reader("ann@example.org")
    started()
    send_all()
    own_id = str(news_of(mailbox)[0].message["Message-ID"])
    assert bounces.came_back(address="ann@example.org", message_id=own_id, why="bounced")
    sending.work(timezone.now())
    person.refresh_from_db()
    assert not person.news


def test_a_mailbox_from_which_another_mail_came_back_gets_none(mailbox: Catcher) -> None:
    person = reader("ann@example.org")
    mine.tell(MailKind.CHANGED, person)
    OutboundMail.objects.filter(kind="changed").update(mail_state=MailState.UNDELIVERABLE)
    mailing = prepared()
    sending.work(timezone.now())
    mailing.refresh_from_db()
    assert mailing.people == 0


def test_a_mailbox_that_said_stop_gets_none(client: Client, mailbox: Catcher) -> None:
    complain(reader("ann@example.org"))
    mailing = started()
    send_all()
    mailing.refresh_from_db()
    assert (mailing.people, receivers(mailbox)) == (0, [])


def test_of_an_update_that_was_taken_down_nobody_gets_a_mail(mailbox: Catcher) -> None:
    readers(4)
    mailing = started(pace=24)
    sending.work(timezone.now())
    claimed = outbox.claim_batch(timezone.now())
    services.take_down(update_id=mailing.update_id, organizer=editor(), now=timezone.now())
    outbox.send_batch(claimed)
    send_all()
    assert receivers(mailbox) == []
    mailing.refresh_from_db()
    assert mailing.state == "cancelled"
