"""MAIL_PER_HOUR: never more in any hour, over all workers; what waits keeps its order and is no failure."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.mail import outbox, rate
from signatories.mine import services as mine
from signatories.models import OutboundMail, Signup
from signatories.models.mailing import MailState
from tests.people import post_form, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _slow(settings: Settings) -> None:
    settings.MAIL_PER_HOUR = 3


def sign_many(client: Client, count: int) -> list[str]:
    text()
    addresses = [f"p{n}@example.org" for n in range(count)]
    for address in addresses:
        post_form(client, email=address)
    return addresses


def to(mailbox: Catcher) -> list[str]:
    return [mail.to[0] for mail in mailbox.mails]


def test_an_hour_s_mails_then_the_rest_in_order(client: Client, mailbox: Catcher) -> None:
    addresses = sign_many(client, 7)
    assert outbox.drain() == 3
    assert outbox.drain() == 0
    waiting = Signup.objects.filter(mail_state=MailState.WAITING)
    assert set(waiting.values_list("mail_attempts", "mail_error", "claimed_until")) == {(0, "", None)}
    start = timezone.now()
    for hours, count in ((0.9, 3), (1.1, 6), (1.9, 6), (2.2, 7)):
        with time_machine.travel(start + timedelta(hours=hours)):
            outbox.drain()
            assert to(mailbox) == addresses[:count]


def test_any_hour_not_each_hour_of_the_clock(client: Client, mailbox: Catcher) -> None:
    start = timezone.now()
    sign_many(client, 1)
    assert outbox.drain() == 1
    with time_machine.travel(start + timedelta(minutes=50)):
        sign_many(Client(), 6)
        assert outbox.drain() == 2
    with time_machine.travel(start + timedelta(minutes=65)):
        assert outbox.drain() == 1
    with time_machine.travel(start + timedelta(minutes=112)):
        assert outbox.drain() == 2


def test_letters_and_signups_stand_in_one_line(client: Client, mailbox: Catcher) -> None:
    signature = signed(address="first@example.org")
    Signup.objects.update(mail_state=MailState.SENT)
    addresses = sign_many(client, 4)
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    assert outbox.drain() == 3
    assert to(mailbox) == addresses[:3]
    assert OutboundMail.objects.get().mail_attempts == 0


def test_workers_side_by_side_take_no_more() -> None:
    now = timezone.now()
    rate.available(now, 100)

    def worker(_n: int) -> int:
        taken = 0
        try:
            while True:
                rate.take_slot(now)
                taken += 1
        except rate.HourlyLimitReached:
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(worker, range(6))) == 3


def test_a_worker_that_finds_the_hour_spent_puts_its_batch_back(client: Client, mailbox: Catcher) -> None:
    addresses = sign_many(client, 3)
    batch = outbox.claim_batch(timezone.now())
    rate.take_slot(timezone.now())
    assert outbox.send_batch(batch) == (2, False)
    assert to(mailbox) == addresses[:2]
    row = Signup.objects.get(mail_state=MailState.WAITING)
    assert (row.claimed_until, row.mail_attempts, row.mail_error) == (None, 0, "")


def test_a_server_that_is_away_uses_nothing_up(client: Client, mailbox: Catcher) -> None:
    sign_many(client, 3)
    mailbox.down()
    assert outbox.drain() == 0
    assert rate.available(timezone.now(), 100) == 3


def test_without_a_number_there_is_no_limit(client: Client, mailbox: Catcher, settings: Settings) -> None:
    settings.MAIL_PER_HOUR = 0
    sign_many(client, 12)
    assert outbox.drain() == 12


def test_a_larger_number_holds_at_once(client: Client, mailbox: Catcher, settings: Settings) -> None:
    sign_many(client, 7)
    assert outbox.drain() == 3
    settings.MAIL_PER_HOUR = 5
    assert outbox.drain() == 2
