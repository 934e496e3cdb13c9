"""A signer mends and withdraws the signature in a real browser, on a phone, also without script."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from signatories.mail import messages
from signatories.models import Signature
from signatories.models.signature import State
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.people import read_mail, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]


@pytest.mark.parametrize("javascript", [True, False])
def test_correct_hide_withdraw_and_undo_on_a_phone(visit: Visit, mailbox: Catcher, javascript: bool) -> None:
    signed(name="Avelinne Ashgrove")
    visitor = visit(javascript=javascript, viewport=PHONE)
    visitor.go("/")
    visitor.page.click("a[href='/mine/']")
    visitor.page.fill("[name=email]", "ann@example.org")
    visitor.page.click("form [type=submit]")
    assert "on its way" in visitor.page.inner_text("main")
    visitor.go(read_mail(mailbox).path("mine"))
    visitor.page.fill("[name=name]", "Aveline Ashgrove")
    visitor.page.click("form [type=submit]")
    assert "is saved" in visitor.page.inner_text("[role=status]")
    visitor.page.check("[name=appearance][value=unnamed]")
    visitor.page.click("form [type=submit]")
    assert "shown nowhere" in visitor.page.inner_text("main")
    visitor.page.click("a[href$='/withdraw/']")
    visitor.page.click("form [type=submit]")
    assert "withdrawn" in visitor.page.inner_text("h1")
    assert Signature.objects.get().state == State.WITHDRAWN
    visitor.page.click("form [type=submit]")
    assert "stands" in visitor.page.inner_text("h1")
    signature = Signature.objects.get()
    assert (signature.state, signature.name, signature.named) == (State.PUBLISHED, "Aveline Ashgrove", False)
    visitor.left_no_trace()


@pytest.mark.parametrize("javascript", [True, False])
def test_what_is_saved_is_told_in_sight_and_in_focus(visit: Visit, mailbox: Catcher, javascript: bool) -> None:
    """The form stands below the first screen of a phone: its answer must not stay above the window."""
    signature = signed()
    path = f"/mine/{messages.own_link(signature, timezone.localdate())}/"
    visitor = visit(javascript=javascript, viewport={"width": 375, "height": 667})
    visitor.go(path)
    assert visitor.page.locator("[role=status]").count() == 0
    visitor.page.fill("[name=name]", "Aveline Ashgrove-Vale")
    visitor.page.click("form [type=submit]")
    told = visitor.page.locator("[role=status]")
    assert "is saved" in told.inner_text()
    box = told.bounding_box()
    assert box
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 667
    assert told.evaluate("element => element === document.activeElement")
    visitor.page.fill("[name=name]", "")
    visitor.page.click("form [type=submit]")
    wrong = visitor.page.locator("[role=alert]").bounding_box()
    assert wrong
    assert 0 <= wrong["y"] < 667
    assert visitor.page.locator("[role=status]").count() == 0


def test_a_scanner_that_opens_every_link_changes_nothing(visit: Visit, mailbox: Catcher) -> None:
    """T2, T3."""
    signed()
    visitor = visit()
    visitor.go("/mine/")
    visitor.page.fill("[name=email]", "ann@example.org")
    visitor.page.click("form [type=submit]")
    own = read_mail(mailbox).path("mine")
    for path in (own, f"{own}withdraw/", f"{own}data/"):
        visitor.go(path)
        visitor.page.wait_for_timeout(700)
    assert Signature.objects.get().state == State.PUBLISHED


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def test_every_page_and_state_is_accessible(
    visit: Visit, mailbox: Catcher, scheme: str, viewport: dict[str, int]
) -> None:
    visitor = visit(viewport=viewport, color_scheme=scheme)
    seen = iter(range(99))

    def look() -> None:
        visitor.looks_right()
        if folder := os.environ.get("SCREENSHOTS"):
            name = f"own-{next(seen):02}-{scheme}-{viewport['width']}.png"
            visitor.page.screenshot(path=Path(folder) / name, full_page=True)

    text()
    for path in ("/mine/", "/mine/asked/", "/mine/1.garbled/", "/mine/undo/1.garbled/", "/sign/for/", "/privacy/"):
        visitor.go(path)
        look()
    visitor.go("/sign/for/")
    visitor.page.click("form [type=submit]")
    look()
    name = "نورس بن الرمّاني " * 4
    path = sign_up_as(visitor, mailbox, name)
    visitor.go(path)
    visitor.page.click("a[href^='/mine/']")
    look()
    own = visitor.page.url
    visitor.page.fill("[name=name]", "")
    visitor.page.click("form [type=submit]")
    look()
    for way in ("?saved", "withdraw/", "data/"):
        visitor.go(own + way)
        look()
    visitor.go(f"{own}withdraw/")
    visitor.page.click("form [type=submit]")
    look()
    assert visitor.foreign == []


def sign_up_as(visitor: Visitor, mailbox: Catcher, name: str) -> str:
    """Sign and confirm; returns the path of the page that says so."""
    mail = sign_up(Client(), mailbox, name=name)
    visitor.go(mail.path("confirm"))
    visitor.page.click("form [type=submit]")
    return mail.path("confirm")
