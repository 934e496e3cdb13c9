"""A look at a mail address needs a reason from a list; many looks in a day are told to the administrators."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories.desk import looks
from signatories.desk.looks import LookReason
from signatories.identity import mailbox as sealing
from signatories.models import Act, Alarm, Report, Signature, Signup
from signatories.models.act import Actor, Verb
from signatories.models.organizer import Role
from signatories.models.report import ReportKind
from signatories.screening import alerts
from tests.people import ADDRESS, enter, organizer, post_form, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def of_signature() -> tuple[str, tuple[int | None, str]]:
    pk = signed().pk
    return f"/desk/signatures/{pk}/address/", (pk, "")


def of_signup() -> tuple[str, tuple[int | None, str]]:
    text()
    post_form(Client())
    pk = Signup.objects.get().pk
    return f"/desk/signups/{pk}/", (None, f"signup {pk}")


def of_report() -> tuple[str, tuple[int | None, str]]:
    about = signed(address="other@example.org")
    report = Report.objects.create(
        signature=about, wrong=ReportKind.OTHER, words="", language="en", address_sealed=sealing.seal(ADDRESS)
    )
    return f"/desk/reports/{report.pk}/address/", (about.pk, f"report {report.pk}")


@pytest.mark.parametrize("place", [of_signature, of_signup, of_report])
def test_without_a_reason_of_the_list_no_address_is_shown(
    desk: Client, place: Callable[[], tuple[str, tuple[int | None, str]]]
) -> None:
    path, whom = place()
    none: list[dict[str, str]] = [{}, {"reason": ""}, {"reason": "curious"}]
    for nothing in none:
        refused = desk.post(path, {"reveal": "1"} | nothing)
        page = refused.content.decode()
        assert refused.status_code == 422
        assert "Please choose why; it stays on record." in page
        assert ADDRESS not in page
    assert not Act.objects.of_the_desk().exists()
    for reason in LookReason:
        assert ADDRESS in desk.post(path, {"reveal": "1", "reason": reason.value}).content.decode()
        act = Act.objects.of_the_desk().latest("pk")
        assert (act.verb, act.reason) == (Verb.REVEAL, reason.label)
        assert (act.signature_id, act.about) == whom
    assert "The law asks" in desk.get("/desk/trail/").content.decode()


def test_the_error_stands_beside_the_report_that_was_asked_for(desk: Client) -> None:
    path, _whom = of_report()
    of_report()
    assert desk.post(path).content.decode().count("Please choose why") == 1
    page = desk.post(path, {"reason": "law"}).content.decode()
    assert page.count(ADDRESS) == 1
    assert page.count("•••@example.org</span>") == 1


def look(signature: Signature, who: AbstractBaseUser, times: int, at: datetime) -> None:
    """The acts of so many looks; their moment is the database's, which no test moves."""
    by = {"actor": Actor.ORGANIZER, "organizer": who, "reason": "The signer asked us"}
    acts = [Act(verb=Verb.REVEAL, signature=signature, acted_at=at, **by) for _ in range(times)]
    Act.objects.bulk_create(acts)


def told(mailbox: Catcher) -> set[str]:
    return {to for mail in mailbox.mails for to in mail.to}


def test_more_than_twenty_looks_a_day_are_told_to_administrators_once(desk: Client, mailbox: Catcher) -> None:
    mona, signature = organizer("mona", role=Role.MODERATOR), signed()
    organizer("malte", role=Role.MODERATOR)
    look(signature, mona, 20, NOON)
    assert alerts.raise_alarms(NOON) == []
    look(signature, mona, 1, NOON)
    (alarm,) = alerts.raise_alarms(NOON)
    assert told(mailbox) == {"olga@declaration.example"}
    (mail,) = mailbox.mails
    assert f"mona (account {mona.pk}) looked at 21 addresses on 2026-05-03." in mail.text
    assert not re.search(r"example\.org|Aveline|Ashgrove", mail.text + alarm.words)
    look(signature, mona, 30, NOON)
    assert alerts.raise_alarms(NOON) == []
    alarm.refresh_from_db()
    assert "51 addresses" in alarm.words
    assert alerts.close(alarm_id=alarm.pk, now=NOON)
    look(signature, mona, 100, NOON)
    for hours in (1, 8, 11):
        assert alerts.raise_alarms(NOON + timedelta(hours=hours)) == []
    tomorrow = NOON + timedelta(days=1)
    look(signature, mona, 21, tomorrow)
    assert [alarm.subject for alarm in alerts.raise_alarms(tomorrow)] == [f"{mona.pk} 2026-05-04"]
    assert len(mailbox.mails) == 2


def test_the_looks_of_two_organizers_or_of_two_days_are_not_added(mailbox: Catcher) -> None:
    signature = signed()
    mona, malte = organizer("mona", role=Role.MODERATOR), organizer("malte", role=Role.MODERATOR)
    look(signature, mona, 15, NOON - timedelta(hours=13))
    look(signature, mona, 15, NOON)
    look(signature, malte, 15, NOON)
    assert alerts.raise_alarms(NOON) == []


def test_the_last_minute_of_a_day_counts_too(mailbox: Catcher) -> None:
    signature, mona = signed(), organizer("mona", role=Role.MODERATOR)
    midnight = NOON.replace(hour=0)
    look(signature, mona, 21, midnight - timedelta(seconds=30))
    assert [alarm.kind for alarm in alerts.raise_alarms(midnight + timedelta(seconds=30))] == ["looks"]


def test_whom_the_alarm_is_about_does_not_put_it_aside(desk: Client) -> None:
    mona, signature = organizer("mona", role=Role.MODERATOR), signed()
    for _ in range(21):
        looks.reveal(row=signature, organizer=mona, reason=LookReason.ASKED)
    (alarm,) = [alarm for alarm in alerts.raise_alarms(timezone.now()) if alarm.kind == "looks"]
    moderator = Client()
    enter(moderator, mona)
    page = moderator.get("/desk/alarms/").content.decode()
    assert "All is calm" in page and "looked at" not in page
    assert "Alarms <strong>" not in page
    assert moderator.get(f"/desk/alarms/{alarm.pk}/").status_code == 404
    refused = moderator.post(f"/desk/alarms/{alarm.pk}/", {"answer": "seen"})
    assert refused.status_code == 403
    assert Alarm.objects.get().closed_at is None
    assert "looked at 21 addresses" in desk.get("/desk/alarms/").content.decode()
    assert desk.post(f"/desk/alarms/{alarm.pk}/", {"answer": "seen"}).status_code == 303
    assert Alarm.objects.get().closed_at
