"""Alarms are raised once, sent to all organizers, not raised again after an answer, and override no decision (T11, T15)."""

import os
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from signatories import tasks
from signatories.desk.queue import services as queue
from signatories.lifecycle import transitions
from signatories.mine import services as mine
from signatories.models import Alarm, Listed, Report, Signature, Signup
from signatories.models.alarm import AlarmKind
from signatories.models.signature import State
from signatories.privacy import retention
from signatories.screening import alerts, holds
from signatories.signing import services as signing
from tests.desk.alarms import alarm_about, answer
from tests.people import form, organizer, rules_anew, set_to, signed, signed_many, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
LONG = "FAULTS_SECONDS" in os.environ


def limits(**changes: int) -> None:
    """Set limits, as organizers do."""
    set_to(**changes)


@pytest.mark.parametrize("act", ["seen", "reject"])
def test_what_was_looked_at_is_not_raised_again_unless_it_grew_clearly(
    desk: Client, mailbox: Catcher, act: str
) -> None:
    alarm = alarm_about("bots.example")
    answer(desk, alarm, act)
    assert alerts.raise_alarms(timezone.now()) == []
    for n in range(12, 23):
        signed(address=f"p{n}@bots.example", name=f"Person {n}")
    assert alerts.raise_alarms(timezone.now()) == []
    signed(address="p23@bots.example", name="Person 23")
    (again,) = alerts.raise_alarms(timezone.now())
    assert (again.subject, again.size) == ("bots.example", 24)
    mails = mailbox.of("olga@declaration.example")
    assert len(mails) == 2


def test_what_was_put_aside_is_told_again_some_hours_later(desk: Client, mailbox: Catcher) -> None:
    waiting = signed()
    Signup.objects.all().delete()  # no worker sends mail here, which would be another alarm
    Signature.objects.filter(pk=waiting.pk).update(state=State.HELD, confirmed_at=timezone.now() - timedelta(hours=25))
    (alarm,) = alerts.raise_alarms(timezone.now())
    answer(desk, alarm, "seen")
    assert alerts.raise_alarms(timezone.now() + timedelta(hours=5)) == []
    assert [a.kind for a in alerts.raise_alarms(timezone.now() + timedelta(hours=7))] == [AlarmKind.HELD]


def test_an_open_alarm_tells_what_was_most_of_it(desk: Client, mailbox: Catcher) -> None:
    alarm = alarm_about("bots.example")
    signed_many("bots.example", 40)
    assert alerts.raise_alarms(timezone.now()) == []
    assert "40 people with mail at bots.example" in desk.get("/desk/alarms/").content.decode()
    answer(desk, alarm, "seen")
    assert alerts.raise_alarms(timezone.now()) == []


def raise_withdrawals() -> None:
    for n in range(3):
        mine.withdraw(signature_id=signed(address=f"w{n}@example.org", name=f"Person {n}").pk, now=timezone.now())


def raise_reports() -> None:
    signature = signed()
    for _ in range(3):
        Report.objects.create(signature=signature, wrong="other", language="en")


def raise_arrivals() -> None:
    for n in range(3):
        signed(address=f"a{n}@example.org", name=f"Person {n}")


@pytest.mark.parametrize("kind", ["withdrawals", "reports", "arrivals"])
def test_every_limit_of_an_alarm_is_set_at_the_desk_and_told_once(desk: Client, mailbox: Catcher, kind: str) -> None:
    text()
    limits(**{f"alarm_{kind}": 3})
    {"withdrawals": raise_withdrawals, "reports": raise_reports, "arrivals": raise_arrivals}[kind]()
    (alarm,) = alerts.raise_alarms(timezone.now())
    assert alarm.kind == kind
    answer(desk, alarm, "seen")
    assert alerts.raise_alarms(timezone.now() + timedelta(minutes=1)) == []
    limits(alarm_quiet_hours=1)
    Alarm.objects.update(closed_at=timezone.now() - timedelta(hours=1))
    assert [a.kind for a in alerts.raise_alarms(timezone.now() + timedelta(minutes=2))] == [kind]


def test_what_an_organizer_has_published_by_hand_stays_published(
    desk: Client, olga: AbstractBaseUser, mailbox: Catcher
) -> None:
    alarm_about("union.example")
    assert Signature.objects.counted().count() == 0
    known = Signature.objects.filter(state=State.HELD).first()
    assert known
    queue.publish(signature_id=known.pk, organizer=olga, reason="Known.", now=timezone.now())
    alerts.raise_alarms(timezone.now())
    known.refresh_from_db()
    assert known.state == State.PUBLISHED
    assert Signature.objects.counted().count() == 1


def test_a_second_burst_while_the_alarm_is_open_waits_too(mailbox: Catcher) -> None:
    organizer()
    alarm_about("bots.example")
    with time_machine.travel(timezone.now() + timedelta(hours=20)):
        for n in range(100, 112):
            signed(address=f"p{n}@bots.example", name=f"Person {n}")
        assert Signature.objects.counted().count() == 2  # published before the limit was reached
        Signup.objects.all().delete()  # no worker sends mail here, which would be another alarm
        assert alerts.raise_alarms(timezone.now()) == []
    assert Signature.objects.counted().count() == 0


def test_a_worker_that_ends_in_between_leaves_the_whole_to_the_next(
    mailbox: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    text()
    limits(most_per_domain=2, alarm_per_domain=5)
    signed_many("bots.example", 5)
    with monkeypatch.context() as killed:
        killed.setattr(transitions, "move", lambda *_, **__: exec("raise SystemExit"))
        with pytest.raises(SystemExit):
            alerts.raise_alarms(timezone.now())
    assert not Alarm.objects.exists()
    assert len(alerts.raise_alarms(timezone.now())) == 1
    assert Signature.objects.counted().count() == 0


def test_who_was_held_for_the_rush_too_waits_for_that_alone_once_the_domain_is_known(
    desk: Client, mailbox: Catcher
) -> None:
    alarm = alarm_about("union.example")
    both = Signature.objects.filter(state=State.HELD).first()
    assert both
    Signature.objects.filter(pk=both.pk).update(held_for=[holds.UNSOLVED, holds.DOMAIN])
    answer(desk, alarm, "known")
    both.refresh_from_db()
    assert (both.state, both.held_for) == (State.HELD, [holds.UNSOLVED])
    assert Signature.objects.counted().count() == 11


def flood(client: Client, count: int, networks: int) -> None:
    """Post `count` forms from `networks` networks to the public URL."""
    for n in range(count):
        address = f"198.18.{n % networks // 250}.{n % networks % 250 + 1}"
        sent = client.post("/sign/", form(name=f"Person {n}", email=f"p{n}@example.org"), REMOTE_ADDR=address)
        assert sent.status_code == 303


def test_a_thousand_from_everywhere_raise_an_alarm_that_reaches_everybody(
    desk: Client, mailbox: Catcher, webhook: list[dict[str, str]]
) -> None:
    """T11, with the task that the worker runs. The short form has a fifth of the limits."""
    text()
    count = 1000 if LONG else 200
    limits(alarm_arrivals=count // 2, free_per_wider_network=count)
    flood(Client(), count, networks=count // 2)
    assert Signup.objects.filter(held_for=[]).count() == count
    tasks.watch()
    (alarm,) = Alarm.objects.all()
    assert alarm.kind == AlarmKind.ARRIVALS
    assert f"{count} forms within an hour" in desk.get("/desk/alarms/").content.decode()
    (mail,) = mailbox.of("olga@declaration.example")
    assert f"{count} forms within an hour" in mail.text
    assert [(told["kind"], f"{count} forms" in told["text"]) for told in webhook] == [("arrivals", True)]


def confirmed_from(address: str, count: int) -> list[Signature]:
    """Sign and confirm `count` times from one IP address."""
    for n in range(count):
        said = form(name=f"Person {n} {address}", email=f"p{n}.{address}@example.org")
        assert Client().post("/sign/", said, REMOTE_ADDR=address).status_code == 303
    signups = Signup.objects.filter(name__endswith=address)
    return [signing.confirm(signup_id=s.pk, corrections=signing.said_by(s), now=timezone.now()) for s in signups]


@pytest.fixture
def network_alarm(mailbox: Catcher) -> Alarm:
    """An alarm about a network with five confirmed and two unconfirmed forms; one more person confirmed from elsewhere."""
    organizer("oona")
    text()
    limits(alarm_per_network=7)
    confirmed_from("192.0.2.7", 5)
    confirmed_from("203.0.113.9", 1)
    for n in (8, 9):
        Client().post("/sign/", form(name=f"Late {n}", email=f"late{n}@example.org"), REMOTE_ADDR="192.0.2.7")
    (alarm,) = alerts.raise_alarms(timezone.now())
    assert alarm.kind == AlarmKind.NETWORK
    return alarm


def late() -> Signature:
    """Confirm a form of the network after the alarm was answered."""
    signup = Signup.objects.get(name="Late 8")
    return signing.confirm(signup_id=signup.pk, corrections=signing.said_by(signup), now=timezone.now())


def test_whose_signatures_came_from_a_network_is_shown(desk: Client, network_alarm: Alarm) -> None:
    assert "5 have confirmed from there" in desk.get("/desk/alarms/").content.decode()
    page = desk.get(f"/desk/alarms/{network_alarm.pk}/").content.decode()
    assert page.count("192.0.2.7</bdi>") == 5
    assert "203.0.113.9" not in page
    retention.purge(timezone.now() + timedelta(days=29))
    assert desk.get(f"/desk/alarms/{network_alarm.pk}/").status_code == 200
    retention.purge(timezone.now() + timedelta(days=31))
    assert desk.get(f"/desk/alarms/{network_alarm.pk}/").status_code == 404


def test_all_of_a_network_are_held_and_then_rejected(
    desk: Client, olga: AbstractBaseUser, network_alarm: Alarm
) -> None:
    """A signature that an organizer published by hand stays published."""
    by_hand = Signature.objects.get(name="Person 0 192.0.2.7")
    for verb in (queue.hold, queue.publish):
        verb(signature_id=by_hand.pk, organizer=olga, reason="I know her.", now=timezone.now())
    without_reason = desk.post(f"/desk/alarms/{network_alarm.pk}/", {"answer": "hold"})
    assert without_reason.status_code == 422
    answer(desk, network_alarm, "hold")
    assert late().state == State.HELD
    assert Signature.objects.filter(state=State.HELD, held_for__contains=[holds.ORGANIZER]).count() == 5
    assert {s.name for s in Signature.objects.counted()} == {by_hand.name, "Person 0 203.0.113.9"}
    answer(desk, network_alarm, "reject")
    assert Signature.objects.filter(state=State.REJECTED).count() == 5
    assert {s.name for s in Signature.objects.counted()} == {by_hand.name, "Person 0 203.0.113.9"}
    calm = desk.get("/desk/alarms/").content.decode()
    assert "All is calm" in calm
    assert "<strong>0</strong>" not in calm  # the navigation shows no count of zero


def test_an_exempt_network_is_not_kept_and_raises_no_alarm(mailbox: Catcher) -> None:
    text()
    limits(alarm_per_network=3)
    Listed.objects.create(kind="network", value="192.0.2.0/24")
    rules_anew()
    confirmed_from("192.0.2.7", 4)
    assert {bytes(signup.network) for signup in Signup.objects.all()} == {b""}
    assert alerts.raise_alarms(timezone.now()) == []


@pytest.fixture
def rubbish(settings: Settings) -> Iterator[None]:
    """A webhook that answers with something other than HTTP."""

    class Hook(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(b"220 what do you want\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{server.server_address[1]}/hook"
        yield
        server.shutdown()


@pytest.mark.usefixtures("rubbish")
def test_a_webhook_that_answers_rubbish_hides_no_alarm(mailbox: Catcher) -> None:
    organizer()
    alarm_about("bots.example")
    limits(alarm_arrivals=3)
    assert [alarm.kind for alarm in alerts.raise_alarms(timezone.now())] == [AlarmKind.ARRIVALS]
    assert len(mailbox.of("olga@declaration.example")) == 2
    assert not Alarm.objects.exclude(called_at=None).exists()


def ask_for(client: Client, count: int) -> None:
    """Ask for the link to the own page for so many mailboxes, of which nobody has signed."""
    for n in range(count):
        client.post("/mine/", {"email": f"p{n}@example.org"})


def test_links_asked_for_many_mailboxes_raise_an_alarm(client: Client, mailbox: Catcher) -> None:
    limits(alarm_asked=5)
    ask_for(client, 4)
    ask_for(client, 4)  # the same mailboxes
    assert alerts.raise_alarms(timezone.now()) == []
    ask_for(client, 5)
    (alarm,) = alerts.raise_alarms(timezone.now())
    assert (alarm.kind, alarm.size) == (AlarmKind.ASKED, 5)
    assert "example.org" not in alarm.words


def test_the_page_asks_no_more_for_many_alarms(desk: Client, mailbox: Catcher) -> None:
    asked = []
    for count in (2, 20):
        for n in range(count):
            Alarm.objects.get_or_create(kind=AlarmKind.DOMAIN, subject=f"d{n}.example", words="Many.")
            Alarm.objects.get_or_create(kind=AlarmKind.NETWORK, subject=f"{n:032x}", words="Many.")
        desk.get("/desk/alarms/")
        with CaptureQueriesContext(connection) as queries:
            assert desk.get("/desk/alarms/").status_code == 200
        # The end of signing is asked for anew every two seconds.
        asked.append(len([query for query in queries if "signatories_closing" not in query["sql"]]))
    assert asked[0] == asked[1]


def test_an_alarm_is_mailed_to_each_organizer_by_name(mailbox: Catcher, settings: Settings) -> None:
    """One who refuses mail keeps it from nobody else."""
    for name in ("bounce", "oona", "olga"):
        organizer(name)
    alerts.raise_alarm(alerts.Finding(AlarmKind.REPORTS, "", "12 reports <within> an hour.", 12), timezone.now())
    for _ in range(2):
        alerts.notify(timezone.now())
    assert [mail.to for mail in mailbox.mails] == [["oona@declaration.example"], ["olga@declaration.example"]]
    for mail in mailbox.mails:
        assert [mail.message["To"]] == mail.to
        assert mail.message["Subject"] == "Alarm: many reports that entries are wrong"
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert str(mail.message["Message-ID"]).endswith("@testserver>")
        assert "12 reports <within> an hour." in mail.text
        assert "12 reports &lt;within&gt; an hour." in mail.html
        assert f"{settings.SITE_URL}/desk/alarms/" in mail.text
        assert settings.OPERATOR_ADDRESS in mail.text
    assert mailbox.mails[0].message["Message-ID"] != mailbox.mails[1].message["Message-ID"]


def test_an_alarm_waits_for_the_mail_server(mailbox: Catcher, settings: Settings) -> None:
    organizer()
    settings.OUTBOX_FIRST_GAP = 0.0
    alerts.raise_alarm(alerts.Finding(AlarmKind.REPORTS, "", "many", 12), timezone.now())
    mailbox.down()
    alerts.notify(timezone.now())
    assert Alarm.objects.get().mailed_at is None
    mailbox.start()
    alerts.notify(timezone.now() + timedelta(seconds=1))
    assert len(mailbox.of("olga@declaration.example")) == 1
