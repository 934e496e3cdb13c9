"""Organizers of each role in a real browser: their pages, and what they are told when the role is gone."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from signatories.demo import invented_people
from signatories.desk.organizers import services
from signatories.models import Act, Alarm, Organizer, Signature
from signatories.models.organizer import Role
from signatories.models.signature import State
from tests.journeys.conftest import DESK, Visitor, log_in
from tests.people import organizer, text

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]
NARROW = {"width": 375, "height": 740}
PAGES = {
    Role.VIEWER: ["", "numbers/"],
    Role.MODERATOR: ["", "queue/", "alarms/", "numbers/", "trail/", "mails/"],
    Role.EDITOR: ["numbers/", "notable/", "settings/", "texts/", "texts/2/", "texts/1/publish/", "editions/"],
    Role.ADMINISTRATOR: ["numbers/", "organizers/", "start/", "start/rehearsal/", "start/open/"],
}


@pytest.fixture(autouse=True)
def _some_wait() -> None:
    text()
    invented_people.signatures(12, until=timezone.now())
    for row in Signature.objects.order_by("pk")[:3]:
        row.state, row.held_for = State.HELD, ["crowd"]
        row.save()


def come_in(visitor: Visitor, role: Role) -> Visitor:
    organizer("mona", role=role)
    return log_in(visitor, "mona")


def look(visitor: Visitor, name: str) -> None:
    """Axe on the page, and a picture of it when somebody wants to see (SCREENSHOTS=folder)."""
    visitor.looks_right()
    if folder := os.environ.get("SCREENSHOTS"):
        visitor.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("viewport", [DESK, NARROW], ids=["desk", "phone"])
@pytest.mark.parametrize("role", list(Role))
def test_the_pages_of_each_role_are_accessible(visit: Visit, role: Role, viewport: dict[str, int]) -> None:
    Alarm.objects.create(kind="network", subject="00", words="60 forms came from one network within an hour.")
    organizer("anna-with-quite-a-long-name-of-an-account", role=None)
    visitor = come_in(visit(viewport=viewport), role)
    for path in PAGES[role]:
        visitor.go(f"/desk/{path}")
        look(visitor, f"{role}-{path.strip('/').replace('/', '-') or 'overview'}-{viewport['width']}")
    visitor.go("/desk/trail/" if role in (Role.VIEWER, Role.EDITOR) else "/desk/numbers/")
    look(visitor, f"{role}-last-{viewport['width']}")
    assert visitor.foreign == []


@pytest.mark.parametrize("javascript", [True, False])
def test_a_button_pressed_after_the_role_was_taken_away(visit: Visit, javascript: bool) -> None:
    visitor = come_in(visit(viewport=DESK, javascript=javascript), Role.MODERATOR)
    visitor.go("/desk/queue/")
    page = visitor.page
    Organizer.objects.update(role=Role.VIEWER)
    page.click("button[value=publish] >> nth=0")
    page.wait_for_selector("text=Only moderators and administrators may do this. Your role is viewer.")
    assert page.locator("[data-entry]").count() == 0
    if javascript:
        assert page.evaluate("document.activeElement.id") == "main"
    assert Signature.objects.filter(state=State.HELD).count() == 3
    assert not Act.objects.of_the_desk().exists()
    page.click("main >> text=The desk")
    page.wait_for_url("**/desk/")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_button_pressed_after_the_account_was_closed(visit: Visit, javascript: bool) -> None:
    visitor = come_in(visit(viewport=DESK, javascript=javascript), Role.MODERATOR)
    visitor.go("/desk/queue/")
    page = visitor.page
    olga = organizer()
    mona = Organizer.objects.get(role=Role.MODERATOR)
    assert services.disable(account_id=mona.pk, organizer=olga, reason="She left.", now=timezone.now())
    page.click("button[value=publish] >> nth=0")
    page.wait_for_url(re.compile(r"/accounts/login/\?next=/desk/"))
    assert page.locator("[name=password]").count() == 1
    assert Signature.objects.filter(state=State.HELD).count() == 3
