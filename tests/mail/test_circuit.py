"""Mail that is not taken: an outage costs few tries (F6), a dead or throttling domain stops only itself (F7, F8)."""

import threading
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.mail import outbox
from signatories.mail.circuit import SERVER, CircuitBreakers
from signatories.models import Alarm, Listed, MailCircuit, OutboundMail, Signup
from signatories.models.alarm import AlarmKind
from signatories.models.limits import ListKind
from signatories.models.mailing import MailState
from signatories.operations import gauges
from signatories.privacy import retention
from signatories.screening import alerts
from tests.mail.crowds import at, sign_all, to
from tests.people import ADDRESS, organizer, post_form
from tests.servers import MAIL_PORT
from tests.smtp import Catcher, Knocks

pytestmark = pytest.mark.django_db
DEAD = "550 no such mailbox"
BUSY = "451 4.7.1 try again later"


def later(seconds: float) -> time_machine.travel:
    """The clock, moved on."""
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


def paused() -> set[str]:
    return set(MailCircuit.objects.filter(closed_until__isnull=False).values_list("key", flat=True))


# --- The mail server --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_outage_of_an_hour_costs_few_tries_then_all_arrive_oldest_first(mailbox: Catcher) -> None:
    addresses = sign_all(at("example.org", 500))
    mailbox.down()
    start = timezone.now()
    with Knocks(MAIL_PORT) as knocks:
        for minute in range(60):
            for worker in range(3):
                with time_machine.travel(start + timedelta(minutes=minute, seconds=worker)):
                    assert outbox.drain() == 0
    assert 4 <= len(knocks.at) <= 10
    untouched = Signup.objects.values_list("mail_attempts", "mail_error", "claimed_until").distinct()
    assert list(untouched) == [(0, "", None)]
    mailbox.reset()
    for hours in (2, 3):
        with time_machine.travel(start + timedelta(hours=hours)):
            outbox.drain()
    assert to(mailbox) == addresses
    assert paused() == set()


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_connect_no_more_often_than_one(mailbox: Catcher, settings: Settings) -> None:
    settings.OUTBOX_FIRST_GAP, settings.OUTBOX_LONGEST_GAP = 0.2, 5.0
    addresses = sign_all(at("example.org", 60))
    mailbox.down()
    over = time.monotonic() + 4

    def worker() -> None:
        while time.monotonic() < over:
            outbox.drain()
            time.sleep(0.02)
        connection.close()

    with Knocks(MAIL_PORT) as knocks:
        workers = [threading.Thread(target=worker) for _ in range(4)]
        for one in workers:
            one.start()
        for one in workers:
            one.join(30)
    # Four may connect before the first has its answer; from then on gaps of 0.2, 0.4, 0.8, 1.6, 3.2 seconds.
    assert 4 <= len(knocks.at) <= 10
    mailbox.reset()
    deadline = time.monotonic() + 20
    while len(mailbox.mails) < 60 and time.monotonic() < deadline:
        outbox.drain()
        time.sleep(0.05)
    assert to(mailbox) == addresses


def test_one_mail_is_the_trial_and_its_success_is_for_all(client: Client, mailbox: Catcher) -> None:
    sign_all(at("example.org", 5))
    mailbox.down()
    assert outbox.drain() == 0
    mailbox.reset()
    with later(20):
        now = timezone.now()
        first, second = CircuitBreakers.load(now), CircuitBreakers.load(now)
        assert first.allows(SERVER, now)
        assert not second.allows(SERVER, now)
        assert outbox.drain() == 0  # a third worker claims nothing
        first.record_success(SERVER)
        assert outbox.drain() == 5


def test_a_worker_that_dies_while_it_tries_keeps_the_trial_no_longer_than_its_lease(
    mailbox: Catcher, settings: Settings
) -> None:
    sign_all(at("example.org", 2))
    mailbox.down()
    outbox.drain()
    mailbox.reset()
    with later(20):
        assert CircuitBreakers.load(timezone.now()).allows(SERVER, timezone.now())  # and it dies here
        assert outbox.drain() == 0
    with later(20 + settings.OUTBOX_LEASE + 1):
        assert outbox.drain() == 2


def test_a_try_without_a_mail_to_send_is_given_back(mailbox: Catcher) -> None:
    sign_all(at("example.org", 3))
    mailbox.down()
    outbox.drain()
    mailbox.reset()
    Signup.objects.filter(pk=Signup.objects.earliest("pk").pk).update(confirmed_at=timezone.now())  # nothing to say
    with later(20):
        assert outbox.drain() == 2


def test_a_row_that_makes_the_server_hang_up_does_not_stop_the_others(mailbox: Catcher) -> None:
    """In mode "drop" the mail that was under way is put off, the next try is another's."""
    addresses = sign_all(at("example.org", 3))
    mailbox.mode = "drop"
    start = timezone.now()
    for seconds in (0, 20, 60):
        with time_machine.travel(start + timedelta(seconds=seconds)):
            outbox.drain()
    assert to(mailbox)[:2] == addresses[:2]


def test_a_line_that_is_cut_after_some_mails_is_no_outage(mailbox: Catcher) -> None:
    addresses = sign_all(at("example.org", 17))
    mailbox.mode = "few"
    assert outbox.drain() == 15
    assert paused() == set()
    with later(20):
        assert outbox.drain() == 2  # those that were under way
    assert sorted(to(mailbox)) == sorted(addresses)


def test_who_is_refused_as_a_sender_asks_no_more_for_a_while(mailbox: Catcher) -> None:
    sign_all(at("example.org", 30))
    mailbox.mode = "spent"
    assert outbox.drain() == 0
    assert paused() == {SERVER}
    assert mailbox.asked == []
    assert Signup.objects.exclude(mail_error="").count() == 1
    mailbox.mode = "ok"
    with later(40):
        assert outbox.drain() == 30


# --- A mail domain ----------------------------------------------------------------------------------------------------


def test_a_dead_domain_stops_after_a_share_and_only_itself(mailbox: Catcher, settings: Settings) -> None:
    mailbox.answers["dead.example"] = DEAD
    others = at("alive.example", 60)
    sign_all([*at("dead.example", 300), *others, *(f"q{n}@dead.example" for n in range(200))])
    assert outbox.drain() == 60
    assert to(mailbox) == others
    tried = Counter(address.rpartition("@")[2] for address in mailbox.asked)["dead.example"]
    assert tried == settings.MAIL_CIRCUIT_TRIED
    assert paused() == {"dead.example"}
    waiting = Signup.objects.filter(mail_state=MailState.WAITING)
    assert set(waiting.values_list("mail_attempts", "claimed_until")) == {(0, None)}
    assert waiting.count() == 500 - tried
    sign_all(["late@alive.example"])
    assert outbox.drain() == 1


def test_it_is_tried_now_and_then_and_goes_on_when_it_lives_again(mailbox: Catcher) -> None:
    mailbox.answers["dead.example"] = DEAD
    sign_all(at("dead.example", 60))
    start = timezone.now()
    outbox.drain()
    for minute in range(60):
        with time_machine.travel(start + timedelta(minutes=minute)):
            outbox.drain()
    assert 24 <= len(mailbox.asked) <= 29
    mailbox.answers.clear()
    with time_machine.travel(start + timedelta(hours=2)):
        assert outbox.drain() == 60 - (len(mailbox.asked) - len(mailbox.mails))
    assert not Signup.objects.filter(mail_state=MailState.WAITING).exists()
    assert paused() == set()


def test_a_provider_that_says_later_is_left_in_peace(mailbox: Catcher, settings: Settings) -> None:
    mailbox.answers["gmail.com"] = BUSY
    sign_all([*at("gmail.com", 40), *at("example.org", 10)])
    start = timezone.now()
    assert outbox.drain() == 10
    assert mailbox.asked.count("p0@gmail.com") == 1
    assert len([a for a in mailbox.asked if a.endswith("gmail.com")]) == settings.MAIL_CIRCUIT_DEFERRED
    for seconds in range(0, 120, 5):
        with time_machine.travel(start + timedelta(seconds=seconds)):
            outbox.drain()
    assert len([a for a in mailbox.asked if a.endswith("gmail.com")]) <= settings.MAIL_CIRCUIT_DEFERRED + 4
    mailbox.answers.clear()
    for hours in (1, 2):
        with time_machine.travel(start + timedelta(hours=hours)):
            outbox.drain()
    assert len(mailbox.mails) == len(set(to(mailbox))) == 50


def test_a_full_mailbox_does_not_hold_up_its_neighbours(mailbox: Catcher) -> None:
    sign_all(["later1@example.org", "a@example.org", "later2@example.org", "b@example.org", "later3@example.org", "c@example.org"])  # fmt: skip
    assert outbox.drain() == 3
    assert paused() == set()


def test_invented_mailboxes_do_not_close_a_large_provider(mailbox: Catcher) -> None:
    Listed.objects.get_or_create(kind=ListKind.PROVIDER, value="gmail.com")
    mailbox.answers["gmail.com"] = DEAD
    sign_all(at("gmail.com", 40))
    outbox.drain()
    assert len(mailbox.asked) == 40
    assert paused() == set()


def test_a_policy_is_not_the_end_of_a_mailbox(mailbox: Catcher) -> None:
    sign_all(["policy@example.org", "bounce@example.org"])
    outbox.drain()
    states = list(Signup.objects.order_by("pk").values_list("mail_state", flat=True))
    assert states == [MailState.WAITING, MailState.UNDELIVERABLE]


def test_letters_wait_with_the_signups_of_their_domain(client: Client, mailbox: Catcher) -> None:
    mailbox.answers["dead.example"] = BUSY
    sign_all(at("dead.example", 5))
    outbox.drain()
    client.post("/mine/", {"email": "p1@mail.dead.example"})
    client.post("/mine/", {"email": ADDRESS})
    assert set(OutboundMail.objects.values_list("domain", flat=True)) == {"dead.example", "example.org"}
    outbox.drain()
    assert OutboundMail.objects.get(domain="dead.example").mail_attempts == 0


# --- Seen from outside ------------------------------------------------------------------------------------------------


def metrics(now: datetime) -> dict[str, float]:
    return {m.name: m.samples[0].value for m in gauges.measure(now) if m.samples}


def test_paused_circuits_are_counted_and_their_mail_is_no_lag(mailbox: Catcher) -> None:
    mailbox.answers |= {"dead.example": DEAD, "gone.example": DEAD}
    sign_all([*at("dead.example", 30), *at("gone.example", 30)])
    outbox.drain()
    now = timezone.now() + timedelta(seconds=10)
    found = metrics(now)
    assert found["declaration_mail_domains_closed"] == 2
    assert found["declaration_mail_server_closed"] == 0
    assert found["declaration_mail_lag_seconds"] == 0
    assert outbox.oldest_due(now) == 0
    mailbox.down()
    post_form(Client())
    outbox.drain()
    found = metrics(now)
    assert found["declaration_mail_server_closed"] == 1
    assert found["declaration_mail_lag_seconds"] > 0


@pytest.mark.django_db(transaction=True)
def test_an_alarm_names_the_domain_once(mailbox: Catcher) -> None:
    mailbox.answers["dead.example"] = DEAD
    sign_all(at("dead.example", 30))
    outbox.drain()
    assert alerts.raise_alarms(timezone.now()) == []  # it may be over in a minute
    then = timezone.now() + timedelta(minutes=6)
    assert [(a.kind, a.subject) for a in alerts.raise_alarms(then)] == [(AlarmKind.REFUSED, "dead.example")]
    alerts.close(alarm_id=Alarm.objects.get().pk, now=then)
    assert alerts.raise_alarms(then + timedelta(minutes=1)) == []


@pytest.mark.django_db(transaction=True)
def test_mail_that_waits_in_the_hands_of_workers_is_late_too() -> None:
    sign_all(at("example.org", 3))
    now = timezone.now() + timedelta(minutes=6)
    assert len(outbox.claim_batch(now)) == 3
    assert [(a.kind, a.words.partition(" ")[0]) for a in alerts.raise_alarms(now)] == [(AlarmKind.MAIL, "3")]


def test_a_circuit_that_nobody_needs_is_forgotten(mailbox: Catcher) -> None:
    mailbox.answers["dead.example"] = DEAD
    sign_all(at("dead.example", 20))
    outbox.drain()
    retention.purge(timezone.now())
    assert paused() == {"dead.example"}
    retention.purge(timezone.now() + timedelta(days=3))
    assert not MailCircuit.objects.exists()


def test_alarms_connect_no_more_often_than_mail(mailbox: Catcher) -> None:
    organizer()
    alerts.raise_alarm(alerts.Finding(AlarmKind.REPORTS, "", "many"), timezone.now())
    alerts.raise_alarm(alerts.Finding(AlarmKind.ARRIVALS, "", "many"), timezone.now())
    mailbox.down()
    start = timezone.now()
    with Knocks(MAIL_PORT) as knocks:
        for minute in range(30):
            with time_machine.travel(start + timedelta(minutes=minute)):
                alerts.notify(timezone.now())
                outbox.drain()
    assert 3 <= len(knocks.at) <= 8
    mailbox.reset()
    with time_machine.travel(start + timedelta(hours=1)):
        alerts.notify(timezone.now())  # the circuit closes without any other mail
    assert len(mailbox.mails) == 2
    assert paused() == set()
