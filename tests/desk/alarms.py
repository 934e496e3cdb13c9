"""Raises an alarm, and answers it as an organizer does: with the form that the page has shown."""

import re
from html import unescape

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from signatories import tasks
from signatories.models import Alarm, MassMove
from signatories.screening import alerts
from tests.people import set_to, signed_many, text


def alarm_about(domain: str, count: int = 12) -> Alarm:
    """An alarm because of so many of a domain."""
    text()
    set_to(most_per_domain=2, alarm_per_domain=count)
    signed_many(domain, count)
    (alarm,) = alerts.raise_alarms(timezone.now())
    return alarm


def shown(desk: Client, alarm: Alarm) -> dict[str, str]:
    """The hidden fields of an alarm's form on the page of alarms; none if it has no form."""
    page = desk.get("/desk/alarms/").content.decode()
    parts = re.findall(rf'<article class="entry" id="alarm-{alarm.pk}".*?</article>', page, re.DOTALL)
    fields = re.findall(r'<input type="hidden" name="(shown)" value="([^"]*)">', "".join(parts))
    return {name: unescape(value) for name, value in fields}


def press(desk: Client, alarm: Alarm, act: str, reason: str = "Looked at.", **fields: str) -> HttpResponse:
    """Press a button of the alarm's form as it is now, or as `fields` say it was."""
    said = {"answer": act, "reason": reason} | (fields or shown(desk, alarm))
    return desk.post(f"/desk/alarms/{alarm.pk}/", said)  # type: ignore[return-value]


def answer(desk: Client, alarm: Alarm, act: str, reason: str = "Looked at.") -> None:
    """Answer an alarm, and let the worker move whom it concerns."""
    assert press(desk, alarm, act, reason).status_code == 303
    tasks.move()


def newest_move() -> MassMove:
    """The mass move that was asked for last."""
    return MassMove.objects.latest("pk")
