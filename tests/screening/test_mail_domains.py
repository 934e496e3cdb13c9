"""Disposable mailboxes, known subdomains, and many domains behind one mail server (T15, T17)."""

import os
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from disposable_email_domains import blocklist
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.identity import mailbox
from signatories.models import Alarm, Listed, MailServer, Signature
from signatories.models.alarm import AlarmKind
from signatories.models.signature import State
from signatories.privacy import retention
from signatories.screening import alerts, domains, holds, mail_servers
from signatories.screening.domains import Reputation
from tests.desk.alarms import answer
from tests.dns import Zone, serving
from tests.people import set_to, signed, signed_many, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
DOMAINS, EACH = (60, 9) if "FAULTS_SECONDS" in os.environ else (20, 3)
PARTS = sorted(name for name in blocklist if mailbox.registered(name) != name)
WHOLE = sorted(name for name in blocklist if mailbox.registered(name) == name and name.count(".") > 1)
TWENTY = [*PARTS[:: len(PARTS) // 10][:10], *WHOLE[:: len(WHOLE) // 10][:10]]


@pytest.mark.parametrize("under", ["", "deep.sub."])
def test_twenty_throw_away_domains_and_what_lies_in_them(under: str) -> None:
    """T17: the list holds registered domains and subdomains."""
    text()
    for n, name in enumerate(TWENTY):
        assert holds.DISPOSABLE in signed(address=f"a@{under}{name}", name=f"Person {n}").held_for, name
    assert signed(address=f"a@{PARTS[0].partition('.')[2]}", name="Neighbour").held_for == []


def test_no_entry_of_the_list_is_dead() -> None:
    assert len(PARTS) > 900
    assert {domains.reputation(name) for name in PARTS[::20]} == {Reputation.DISPOSABLE}


def test_a_part_of_a_domain_that_the_desk_lists(mailbox: Catcher) -> None:
    """Signatures of a known subdomain are not counted; those of the rest of its domain are."""
    text()
    Listed.objects.create(kind="domain", value="students.uni-x.ac.uk")
    Listed.objects.create(kind="disposable", value="guests.uni-x.ac.uk")
    signed_many("students.uni-x.ac.uk", 55)
    signed_many("mail.students.uni-x.ac.uk", 5)
    signed_many("staff.uni-x.ac.uk", 9)
    assert signed(address="g@guests.uni-x.ac.uk", name="Guest").held_for == [holds.DISPOSABLE]
    assert Signature.objects.counted().count() == 69
    assert signed(address="s@uni-x.ac.uk", name="The eleventh").held_for == [holds.DOMAIN]
    assert alerts.raise_alarms(timezone.now()) == []
    signed_many("others.uni-x.ac.uk", 50)
    (alarm,) = alerts.raise_alarms(timezone.now())
    assert alarm.subject == "uni-x.ac.uk"
    assert Signature.objects.counted().count() == 60  # all of the known subdomain, none of the others
    assert Signature.objects.filter(state=State.HELD).count() == 61


def test_an_address_under_a_lost_key_is_judged_by_its_domain(settings: Settings) -> None:
    signed(address="a@sub.mailinator.com")
    settings.MAILBOX_KEYS = [Fernet.generate_key().decode()]
    now = timezone.now()
    row = Signature.objects.get()
    assert holds.mailbox_reasons(row, now) == [holds.DISPOSABLE]
    Listed.objects.create(kind="domain", value="part.mailinator.com")
    assert domains.recent_unknown(["mailinator.com"], now).count() == 1


def sixty(server: str) -> Zone:
    """Sign as EACH people of DOMAINS unknown domains; returns a zone with one mail server for all."""
    text()
    set_to(alarm_arrivals=10_000)
    for n in range(DOMAINS):
        for person in range(EACH):
            signed(address=f"p{person}@d{n}.example", name=f"Person {person} of {n}")
    assert Signature.objects.counted().count() == DOMAINS * EACH
    return {(f"d{n}.example", "MX"): ["20 backup.elsewhere.example.", f"10 mx{n}.{server}."] for n in range(DOMAINS)}


def look_up(zone: Zone, **how: str) -> int:
    """Look up mail servers as the worker does."""
    with serving(zone, **how) as server:  # type: ignore[arg-type]
        return mail_servers.look_up(timezone.now(), server=server)


def test_sixty_domains_behind_one_mail_server_are_counted_as_one(desk: Client, mailbox: Catcher) -> None:
    zone = sixty("catchall.example")
    assert look_up(zone) == DOMAINS
    for n in range(DOMAINS):
        assert signed(address=f"late@d{n}.example", name=f"Late {n}").held_for == [holds.DOMAIN]
    everybody = DOMAINS * (EACH + 1)
    (alarm,) = alerts.raise_alarms(timezone.now())
    assert (alarm.kind, alarm.subject, alarm.size) == (AlarmKind.DOMAIN, "catchall.example", everybody)
    assert f"{DOMAINS} domains behind the mail server catchall.example" in alarm.words
    assert Signature.objects.counted().count() == 0
    page = desk.get("/desk/alarms/").content.decode()
    assert f"{everybody} wait because of it" in page
    assert desk.get(f"/desk/alarms/{alarm.pk}/").status_code == 200
    answer(desk, alarm, "known")
    assert Signature.objects.counted().count() == everybody
    assert Listed.objects.filter(kind="server", value="catchall.example").exists()
    MailServer.objects.create(domain="neighbour.example", server="catchall.example", looked_up_at=timezone.now())
    assert signed(address="a@neighbour.example", name="Neighbour").state == State.PUBLISHED


def test_the_same_behind_a_large_mail_server_are_nothing_strange(mailbox: Catcher) -> None:
    zone = sixty("google.com")
    assert look_up(zone) == DOMAINS
    assert {signed(address=f"late@d{n}.example", name=f"Late {n}").state for n in range(DOMAINS)} == {State.PUBLISHED}
    assert alerts.raise_alarms(timezone.now()) == []


def test_a_machine_behind_one_mail_server_is_rejected_at_once(desk: Client, mailbox: Catcher) -> None:
    set_to(alarm_per_domain=30)
    signed_many("d1.example", 9)
    signed_many("d2.example", 9)
    signed_many("known.example", 20)
    Listed.objects.create(kind="domain", value="known.example")
    MailServer.objects.create(domain="known.example", server="catchall.example", looked_up_at=timezone.now())
    mx = ["10 mx.catchall.example."]
    assert look_up({("d1.example", "MX"): mx, ("d2.example", "MX"): mx}) == 2
    assert alerts.raise_alarms(timezone.now()) == []  # a known domain is in no group
    signed_many("catchall.example", 12)
    (alarm,) = alerts.raise_alarms(timezone.now())
    answer(desk, alarm, "reject")
    assert {s.domain for s in Signature.objects.counted()} == {"known.example"}
    assert Signature.objects.filter(state=State.REJECTED).count() == 30


def test_dns_is_asked_about_new_domains_only_and_seldom_in_vain(mailbox: Catcher) -> None:
    text()
    signed_many("few.example", mail_servers.MIN_PEOPLE - 1)
    signed_many("gmail.com", 5)
    assert look_up({}) == 0
    signed_many("many.example", mail_servers.MIN_PEOPLE)
    assert look_up({("many.example", "MX"): ["10 mx.host.example."]}) == 1
    assert look_up({}) == 0
    now = timezone.now()
    MailServer.objects.update(looked_up_at=now - timedelta(days=1, hours=1))
    assert look_up({}, mode="failing") == 1
    kept = MailServer.objects.get()
    assert (kept.domain, kept.server) == ("many.example", "host.example")  # a failed look-up keeps the old answer
    assert kept.looked_up_at >= now
    retention.purge(now + timedelta(days=8))
    assert not MailServer.objects.exists()


def test_a_dns_that_keeps_silent_costs_seconds_and_is_left_alone_for_an_hour(
    mailbox: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_servers, "TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(mail_servers, "MAX_DOMAINS", 2)
    text()
    for name, count in (("one.example", 3), ("two.example", 4), ("three.example", 5)):
        signed_many(name, count)
    assert look_up({}, mode="silent") == 2
    assert set(MailServer.objects.values_list("domain", "server")) == {("two.example", ""), ("three.example", "")}
    assert look_up({("one.example", "MX"): ["0 ."]}) == 1
    assert look_up({}) == 0
    MailServer.objects.update(looked_up_at=timezone.now() - timedelta(hours=2))
    assert look_up({}) == 2


def test_whom_the_alarm_is_about_is_told_while_dns_is_silent(mailbox: Catcher) -> None:
    text()
    signed_many("bots.example", 50)
    assert [alarm.subject for alarm in alerts.raise_alarms(timezone.now())] == ["bots.example"]
    assert look_up({("bots.example", "MX"): ["10 mx.catchall.example."]}) == 1
    assert [alarm.subject for alarm in alerts.raise_alarms(timezone.now())] == ["catchall.example"]
    assert Alarm.objects.filter(closed_at=None).count() == 2
