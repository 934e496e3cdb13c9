"""The pages of settings, doubles and reports in a browser, wide and on a phone; a pause as visitors see it."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.duplicates import finding
from signatories.desk.settings.changes import Change, change
from signatories.models import Report, Signature
from signatories.models.report import ReportKind
from signatories.models.settings import current, forget_settings
from tests.journeys.conftest import DESK, PHONE, Visitor, log_in
from tests.people import organizer, signed, text

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]
PICTURES = os.environ.get("PICTURES", "")


def picture(visitor: Visitor, name: str) -> None:
    """Keep what is seen, to be looked at by a person, if a folder is named."""
    if PICTURES:
        visitor.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("size", "name"), [(DESK, "wide"), (PHONE, "phone")])
def test_an_organizer_pauses_signing_and_visitors_are_told(
    visit: Visit, settings: Settings, size: dict[str, int], name: str
) -> None:
    settings.PAGE_SECONDS = 0.0
    text()
    olga = organizer()
    until = (timezone.now() + timedelta(hours=3)).replace(second=0, microsecond=0)
    wanted = {"list_public": Change(False, until), "reminders": Change(False)}
    change(changes=wanted, organizer=olga, now=timezone.now())
    desk = log_in(visit(viewport=size))
    page = desk.page
    desk.go("/desk/settings/")
    page.uncheck("input[name=signing_open]")
    page.fill("input[name=signing_open_until]", f"{until:%Y-%m-%dT%H:%M}")
    page.fill("input[name=banner_en]", "We pause for three hours, because too much comes at once.")
    picture(desk, f"settings-{name}")
    desk.looks_right()
    page.click("form.settings button[type=submit]")
    page.wait_for_selector(".said")
    picture(desk, f"settings-saved-{name}")
    forget_settings()
    assert not current().signing_open
    page.fill("input[name=banner_until]", "2020-01-01T10:00")
    page.click("form.settings button[type=submit]")
    page.wait_for_selector("#id_banner_until_error")
    picture(desk, f"settings-wrong-{name}")
    desk.looks_right()
    desk.go("/desk/settings/limits/")
    picture(desk, f"limits-{name}")
    desk.looks_right()
    visitor = visit(viewport=size)
    for path, shot in (("/", "home"), ("/signatories/", "closed")):
        visitor.page.goto(visitor.site + path)
        picture(visitor, f"{shot}-{name}")
        visitor.looks_right()
    assert visitor.page.locator(".banner").inner_text().startswith("We pause")
    visitor.complaints.clear()  # the closed list is a 404


@pytest.mark.parametrize(("size", "name"), [(DESK, "wide"), (PHONE, "phone")])
def test_three_of_one_name_are_decided_by_one_press(visit: Visit, size: dict[str, int], name: str) -> None:
    organizer()
    people = [signed(address=f"{n}@example.org", affiliation="The Lanterns") for n in range(3)]
    other = [signed(address=f"{n}@example.net", name="Bram Oake", country="IE") for n in range(2)]
    for kind in (ReportKind.NOT_ME, ReportKind.OTHER):
        Report.objects.create(signature=other[0], wrong=kind, words="I did not sign this.", language="en")
    finding.look(timezone.now())
    desk = log_in(visit(viewport=size))
    desk.go("/desk/reports/")
    picture(desk, f"reports-{name}")
    desk.looks_right()
    desk.go("/desk/doubles/")
    picture(desk, f"doubles-{name}")
    desk.looks_right()
    first = desk.page.locator("article").first
    first.locator("input[name=reason]").fill("The same band.")
    first.locator("button[value=merge]").click()
    desk.page.wait_for_selector(".said")
    assert desk.page.locator("article").count() == 1
    assert Signature.objects.counted().filter(pk__in=[person.pk for person in people]).count() == 1
