"""A signer makes a card on a phone, also without script, hands it on, and removes it."""

from collections.abc import Callable

import pytest
from django.test import Client

from signatories.models import Card
from tests.journeys.conftest import Visitor
from tests.people import sign_up
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"width": 375, "height": 700}
type Visit = Callable[..., Visitor]


@pytest.mark.parametrize("javascript", [True, False])
def test_from_confirming_to_a_card_and_back(visit: Visit, mailbox: Catcher, javascript: bool) -> None:
    visitor = visit(javascript=javascript, viewport=SMALL)
    look = visitor.looks_right if javascript else lambda: None
    mail = sign_up(Client(), mailbox)
    visitor.go(mail.path("confirm"))
    visitor.page.click("form [type=submit]")
    assert "We never mail your friends" in visitor.page.inner_text("main")
    look()
    visitor.page.click("main a[href$='/card/']")
    assert visitor.page.locator("img.card").count() == 0
    look()
    visitor.page.click("form [type=submit]")
    picture = visitor.page.locator("img.card")
    picture.wait_for()
    box = picture.bounding_box()
    assert box
    assert box["width"] <= SMALL["width"]
    assert abs(box["width"] / box["height"] - 1200 / 630) < 0.05
    look()
    card = Card.objects.get()
    visitor.page.click(f"main a[href='{card.get_absolute_url()}']")
    assert "Aveline Ashgrove" in visitor.page.inner_text("h1")
    look()
    visitor.page.go_back()
    visitor.page.click("[name=remove]")
    visitor.page.wait_for_selector("img.card", state="detached")
    assert not Card.objects.exists()
    visitor.page.click("main p > a[href^='/mine/']")
    look()
    assert "Ask three colleagues" in visitor.page.inner_text("main")
    visitor.left_no_trace()


def test_the_words_are_copied(visit: Visit, mailbox: Catcher) -> None:
    visitor = visit(viewport=SMALL, permissions=["clipboard-read", "clipboard-write"])
    visitor.go(sign_up(Client(), mailbox).path("confirm"))
    visitor.page.click("form [type=submit]")
    visitor.page.click("[data-copy=asking]")
    visitor.page.get_by_text("Copied").wait_for()
    assert visitor.page.evaluate("navigator.clipboard.readText()").startswith("I have signed “")
