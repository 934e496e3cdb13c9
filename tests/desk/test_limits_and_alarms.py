"""Limits and lists are edited at the desk; alarms are raised, sent and answered (T11, T15, T17, T23)."""

import html
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.mine import services as mine
from signatories.models import Act, Listed, Signature
from signatories.models.alarm import AlarmKind
from signatories.models.settings import DEFAULTS, current
from signatories.models.signature import State
from signatories.screening import alerts, holds
from signatories.screening.alarm_words import advice
from tests.desk.alarms import alarm_about, answer
from tests.desk.settings_page import NUMBERS, set_at_desk
from tests.people import enter, organizer, signed, signed_many, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    """A client that is logged in as an organizer."""
    enter(client, organizer())
    return client


def test_eight_hundred_of_three_unknown_domains_wait_and_raise_an_alarm(mailbox: Catcher) -> None:
    organizer()
    text()
    for domain in ("one.example", "mx.two.example", "three.example"):
        signed_many(domain, 267)
    new = alerts.raise_alarms(timezone.now())
    assert {alarm.subject for alarm in new if alarm.kind == AlarmKind.DOMAIN} == {
        "one.example",
        "two.example",
        "three.example",
    }
    assert Signature.objects.filter(state=State.HELD).count() == 801
    assert Signature.objects.counted().count() == 0
    assert alerts.raise_alarms(timezone.now()) == []
    mails = mailbox.of("olga@declaration.example")
    assert len(mails) == len(new)
    assert "267 people with mail at one.example" in "".join(mail.text for mail in mails)


@pytest.mark.parametrize("domain", ["gmail.com", "example.org"])
def test_many_of_a_large_provider_or_a_known_domain_are_nothing_strange(domain: str) -> None:
    text()
    signed_many(domain, 60)
    assert Signature.objects.counted().count() == 60
    assert alerts.raise_alarms(timezone.now()) == []


def test_subdomains_of_one_domain_count_together() -> None:
    text()
    for n in range(15):
        signed(address=f"a@s{n}.catchall.example", name=f"Person {n}")
    held = Signature.objects.filter(state=State.HELD)
    assert held.count() == 5
    assert {tuple(s.held_for) for s in held} == {(holds.DOMAIN,)}


@pytest.mark.parametrize("address", ["a@mailinator.com", "b@deep.sub.mailinator.com", "c@throw.example"])
def test_a_throw_away_mailbox_is_flagged_and_not_lost(address: str) -> None:
    text()
    Listed.objects.create(kind="disposable", value="throw.example")
    assert signed(address=address).held_for == [holds.DISPOSABLE]


def test_a_domain_known_to_us_is_never_throw_away() -> None:
    text()
    Listed.objects.create(kind="domain", value="mailinator.com")
    assert signed(address="a@mailinator.com").state == State.PUBLISHED


def test_the_desk_sets_limits(desk: Client) -> None:
    page = desk.get("/desk/settings/limits/")
    assert page.status_code == 200
    wanted = {
        "free_per_network": 5,
        "free_per_wider_network": 50,
        "free_per_minute": 100,
        "most_per_network": 9,
        "most_per_domain": 3,
        "alarm_per_domain": 4,
        "release_hours": 6,
        "alarm_per_network": 100,
        "alarm_arrivals": 200,
        "alarm_times_usual": 5,
        "alarm_withdrawals": 7,
        "alarm_reports": 8,
        "alarm_asked": 8,
        "alarm_held_hours": 48,
        "alarm_quiet_hours": 2,
    }
    assert set_at_desk(desk, NUMBERS, **wanted).status_code == 303
    assert all(getattr(current(), name) == value for name, value in wanted.items())
    assert Act.objects.of_the_desk().filter(reason="alarm_reports: 30 → 8").exists()
    assert set_at_desk(desk, NUMBERS, release_hours="soon").status_code == 422
    assert set_at_desk(desk, NUMBERS, alarm_reports=0).status_code == 422
    assert current().release_hours == 6


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("network", "192.0.2.77/24", "192.0.2.0/24"),
        ("network", "2001:DB8::/32", "2001:db8::/32"),
        ("domain", " Musik-Büro.Example ", "xn--musik-bro-w9a.example"),
        ("disposable", "@throw.example", "throw.example"),
        ("domain", "students.uni-x.ac.uk", "students.uni-x.ac.uk"),
        ("server", "mx1.mail.host.co.uk", "host.co.uk"),
    ],
)
def test_the_desk_lists_networks_and_domains(desk: Client, kind: str, typed: str, kept: str) -> None:
    for note in ("", "the festival"):
        assert desk.post("/desk/settings/lists/", {"kind": kind, "value": typed, "note": note}).status_code == 303
    row = Listed.objects.get(kind=kind, value=kept)
    assert row.note == "the festival"
    assert kept in desk.get("/desk/settings/lists/").content.decode()
    assert desk.post(f"/desk/settings/lists/{row.pk}/remove/").status_code == 303
    assert not Listed.objects.filter(pk=row.pk).exists()
    assert Act.objects.of_the_desk().count() == 3


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("network", "example.org"),
        ("network", "300.1.1.1"),
        ("domain", "nonsense"),
        ("domain", "a b.example"),
        ("x", "example.org"),
        ("domain", ""),
    ],
)
def test_what_is_no_network_or_domain_is_refused_kindly(desk: Client, kind: str, typed: str) -> None:
    before = Listed.objects.count()
    assert desk.post("/desk/settings/lists/", {"kind": kind, "value": typed, "note": ""}).status_code == 422
    assert Listed.objects.count() == before


def test_a_domain_that_turns_out_to_be_known(desk: Client, mailbox: Catcher) -> None:
    alarm = alarm_about("union.example")
    page = desk.get("/desk/alarms/").content.decode()
    assert "union.example is known to us" in page
    assert "12 wait because of it" in page
    answer(desk, alarm, "known")
    assert Signature.objects.counted().count() == 12
    assert Listed.objects.filter(kind="domain", value="union.example").exists()
    assert "All is calm" in desk.get("/desk/alarms/").content.decode()


def test_a_domain_that_turns_out_to_be_a_machine(desk: Client, mailbox: Catcher) -> None:
    alarm = alarm_about("bots.example")
    without_reason = desk.post(f"/desk/alarms/{alarm.pk}/", {"answer": "reject"})
    assert without_reason.status_code == 422
    assert Signature.objects.filter(state=State.HELD).count() == 12
    answer(desk, alarm, "reject")
    assert Signature.objects.filter(state=State.REJECTED).count() == 12
    assert desk.post(f"/desk/alarms/{alarm.pk}/", {"answer": "known"}).status_code == 422  # no page shows it any more
    assert Signature.objects.filter(state=State.REJECTED).count() == 12


def test_many_withdrawals_raise_an_alarm(desk: Client, mailbox: Catcher) -> None:
    """T23."""
    text()
    for n in range(DEFAULTS.alarm_withdrawals):
        mine.withdraw(signature_id=signed(address=f"p{n}@example.org", name=f"Person {n}").pk, now=timezone.now())
    (alarm,) = alerts.raise_alarms(timezone.now())
    assert alarm.kind == AlarmKind.WITHDRAWALS
    desk.post(f"/desk/alarms/{alarm.pk}/", {"answer": "seen"})
    alarm.refresh_from_db()
    assert alarm.closed_at


def test_a_decision_that_waits_too_long_raises_an_alarm(mailbox: Catcher) -> None:
    signature = signed()
    Signature.objects.filter(pk=signature.pk).update(
        state=State.HELD, confirmed_at=timezone.now() - timedelta(hours=25)
    )
    assert [alarm.kind for alarm in alerts.raise_alarms(timezone.now())] == [AlarmKind.HELD]


def test_an_alarm_is_told_to_the_webhook_once(webhook: list[dict[str, str]], mailbox: Catcher) -> None:
    alarm_about("bots.example")
    alerts.raise_alarms(timezone.now())
    (told,) = webhook
    assert told["kind"] == "domain"
    assert "12 people with mail at bots.example" in told["text"]
    assert told["url"].endswith("/desk/alarms/")


def test_what_could_not_be_told_is_told_later(
    webhook: list[dict[str, str]], settings: Settings, mailbox: Catcher
) -> None:
    organizer()
    there, settings.ALERT_WEBHOOK_URL = settings.ALERT_WEBHOOK_URL, "http://127.0.0.1:9/"
    mailbox.down()
    alarm_about("bots.example")
    assert webhook == []
    settings.ALERT_WEBHOOK_URL = there
    mailbox.reset()
    in_a_minute = timezone.now() + timedelta(minutes=1)  # the circuit is open until then
    alerts.raise_alarms(in_a_minute)
    alerts.raise_alarms(in_a_minute)
    assert len(webhook) == len(mailbox.of("olga@declaration.example")) == 1


@pytest.mark.parametrize("path", ["/desk/alarms/", "/desk/settings/limits/", "/desk/settings/lists/"])
def test_strangers_see_nothing_of_it(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302


@pytest.mark.parametrize("kind", AlarmKind)
def test_desk_mail_and_webhook_say_what_was_done_and_what_to_press(
    kind: AlarmKind, desk: Client, webhook: list[dict[str, str]], mailbox: Catcher
) -> None:
    text()
    alerts.raise_alarm(
        alerts.Finding(kind, "7 2026-11-29" if kind == AlarmKind.LOOKS else "00", "It is so."), timezone.now()
    )
    alerts.notify(timezone.now())
    told = advice(kind)
    page = html.unescape(desk.get("/desk/alarms/").content.decode())
    (mail,) = mailbox.of("olga@declaration.example")
    for where in (page, webhook[0]["text"], " ".join(mail.text.split())):
        assert "It is so." in where and told.done in where and told.press in where
