"""The outbox and its faults, on a real SMTP server: delayed, never lost."""

import itertools
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.identity.mailbox import seal
from signatories.mail import claiming, outbox
from signatories.models import Signup
from signatories.models.mailing import MailState
from tests.people import post_form, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def sign_many(client: Client, count: int) -> list[str]:
    """`count` people send the form; returns their addresses."""
    text()
    addresses = [f"person{n}@example.org" for n in range(count)]
    for n, address in enumerate(addresses):
        assert post_form(client, name=f"Person {n}", email=address).status_code == 303
    return addresses


def later(seconds: float) -> time_machine.travel:
    """The clock, moved on."""
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


def test_many_go_over_one_connection_oldest_first(client: Client, mailbox: Catcher) -> None:
    addresses = sign_many(client, 30)
    assert outbox.drain() == 30
    assert [mail.to[0] for mail in mailbox.mails] == addresses
    assert outbox.drain() == 0


def test_a_server_that_is_down_delays_and_loses_nothing(client: Client, mailbox: Catcher) -> None:
    addresses = sign_many(client, 12)
    mailbox.down()
    assert outbox.drain() == 0
    assert outbox.drain() == 0  # nothing is due: no storm of tries
    mailbox.reset()
    with later(20):
        assert outbox.drain() == 12
    assert sorted(mail.to[0] for mail in mailbox.mails) == sorted(addresses)


def test_an_answer_that_is_lost_repeats_the_same_mail(client: Client, mailbox: Catcher) -> None:
    """F5."""
    sign_many(client, 1)
    mailbox.mode = "drop"
    assert outbox.drain() == 0
    mailbox.mode = "ok"
    with later(20):
        assert outbox.drain() == 1
    first, second = mailbox.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.path("confirm") == second.path("confirm")
    assert client.post(first.path("confirm")).status_code == 303


def test_451_is_tried_again_and_550_is_not(client: Client, mailbox: Catcher) -> None:
    text()
    for address in ("later@example.org", "bounce@example.org", "ann@example.org"):
        post_form(client, email=address)
    assert outbox.drain() == 1
    states = {s.mail_error: s.mail_state for s in Signup.objects.exclude(mail_state=MailState.SENT)}
    assert states == {"SMTP 451": MailState.WAITING, "SMTP 550": MailState.UNDELIVERABLE}
    with later(3600):
        assert outbox.drain() == 0
    assert Signup.objects.get(mail_error="SMTP 451").mail_attempts == 2
    assert Signup.objects.get(mail_error="SMTP 550").mail_attempts == 1


def test_gaps_grow(client: Client, mailbox: Catcher) -> None:
    text()
    post_form(client, email="later@example.org")
    gaps = []
    moment = timezone.now()
    for _ in range(4):
        with time_machine.travel(moment, tick=False):
            outbox.drain()
            due = Signup.objects.get().mail_due_at
            gaps.append((due - moment).total_seconds())
            moment = due + timedelta(seconds=1)
    assert all(longer > shorter * 1.3 for shorter, longer in itertools.pairwise(gaps))


def test_a_poison_row_is_set_aside_and_stops_nobody(client: Client, mailbox: Catcher) -> None:
    """F25."""
    sign_many(client, 5)
    poison = Signup.objects.order_by("pk")[2]
    Signup.objects.filter(pk=poison.pk).update(address_sealed=b"not sealed by us")
    assert outbox.drain() == 4
    poison.refresh_from_db()
    assert (poison.mail_state, poison.mail_error) == (MailState.SET_ASIDE, "InvalidToken")


def test_a_claim_of_a_dead_worker_is_taken_over_when_its_lease_ends(
    client: Client, mailbox: Catcher, settings: Settings
) -> None:
    sign_many(client, 3)
    assert len(claiming.claim(Signup, timezone.now())) == 3  # and the worker dies here
    assert outbox.drain() == 0
    with later(settings.OUTBOX_LEASE + 1):
        assert outbox.drain() == 3


def test_two_drains_share_the_work(client: Client) -> None:
    sign_many(client, 4)
    now = timezone.now()
    assert len(claiming.claim(Signup, now)) == 4
    assert claiming.claim(Signup, now) == []


@pytest.mark.parametrize(
    "address",
    ["=?utf-8?q?=41?=@example.org", "ann@", "a@b@c", "änn@example.org", "", "no address", "a\r\nb@example.org"],
)
def test_an_address_that_came_past_the_form_stops_nobody(
    client: Client, mailbox: Catcher, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    sign_many(client, 5)
    poison = Signup.objects.order_by("pk")[2]
    Signup.objects.filter(pk=poison.pk).update(address_sealed=seal(address))
    assert outbox.drain() == 4
    poison.refresh_from_db()
    assert poison.mail_state in {MailState.SET_ASIDE, MailState.UNDELIVERABLE}
    assert not address or address not in caplog.text


def test_a_lease_that_ran_out_while_others_were_sent_is_not_used(
    client: Client, mailbox: Catcher, settings: Settings
) -> None:
    sign_many(client, 4)
    slow = claiming.claim(Signup, timezone.now())
    with later(settings.OUTBOX_LEASE + 1):
        assert outbox.drain() == 4  # another worker has taken them over
    assert claiming.renew_lease(slow) == []
    assert outbox.send_batch(slow) == (0, True)
    assert len(mailbox.mails) == 4


def test_what_was_refused_for_good_can_be_sent_again(client: Client, mailbox: Catcher) -> None:
    text()
    post_form(client, email="bounce@example.org")
    assert outbox.drain() == 0
    mailbox.mode = "ok"
    post_form(client, email="bounce@example.org")  # the same form within minutes: a new try, not a double
    assert Signup.objects.filter(mail_state=MailState.WAITING).count() == 1
