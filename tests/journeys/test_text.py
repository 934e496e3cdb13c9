"""An editor writes a new version in two languages, sees it, publishes it, and somebody signs it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect
from pytest_django import Settings

from declaration.models import Text, forget_current
from signatories.models import Signup
from signatories.models.organizer import Role
from tests.journeys.conftest import DESK, Visitor, log_in
from tests.people import organizer, post_form, text

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 375, "height": 740}
type Visit = Callable[..., Visitor]
WORDS = {
    "en": ("We ask to be asked", "**Nobody may be taken from.**\n\nWe ask loudly."),
    "fr": ("Nous demandons", "**Personne ne doit être pris.**\n\nNous demandons fort."),
}


@pytest.fixture(autouse=True)
def _pages_are_fresh(settings: Settings) -> None:
    settings.PAGE_SECONDS = 0.0
    text()


def come_in(visitor: Visitor) -> Any:
    organizer("edith", role=Role.EDITOR)
    return log_in(visitor, "edith").page


def write(page: Any) -> None:
    for code, (title, body) in WORDS.items():
        page.fill(f"#id_{code}-title", title)
        page.fill(f"#id_{code}-body", body)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_written_previewed_published_and_signed(visit: Visit, viewport: dict[str, int], javascript: bool) -> None:
    post_form(Client())
    editor = visit(viewport=viewport, javascript=javascript)
    page = come_in(editor)
    editor.opens("Text")
    page.click("text=Start version 2")
    write(page)
    if not javascript:
        page.click("button:text-is('Preview')")
    for code, (title, _body) in WORDS.items():
        preview = page.locator(f"#preview-{code}")
        expect(preview.locator("h3")).to_have_text(title)
        expect(preview.locator(".text strong")).to_have_count(1)
        expect(preview.locator("ins").first).to_be_visible()
    assert not Text.objects.filter(version=2).exists()
    sides = [page.locator(f"#side-{code}").bounding_box() for code in WORDS]
    beside = sides[0]["y"] == sides[1]["y"]
    assert beside is (viewport is DESK)
    if javascript:
        editor.looks_right()
    page.click("text=Save and publish …")
    assert Text.objects.filter(version=2, published_at=None).count() == 2
    if javascript:
        editor.looks_right()
    page.click("text=Publish all languages now")
    expect(page.locator("[role=status]")).to_have_text("Published.")
    if javascript:
        editor.looks_right()
    forget_current()

    reader = visit(viewport=PHONE, javascript=javascript)
    for path, (title, _body) in zip(("/", "/fr/"), WORDS.values(), strict=True):
        reader.go(path)
        expect(reader.page.locator("h1")).to_have_text(title)
    reader.go("/")
    reader.page.fill("[name=name]", "Bram Bellweather")
    reader.page.select_option("[name=profession]", "singer")
    reader.page.fill("[name=email]", "bram@example.org")
    reader.page.check("[name=appearance][value=named]")
    reader.page.click("form button.sign")
    reader.page.wait_for_url("**/sign/sent/**")
    assert Signup.objects.latest("pk").text == Text.objects.get(version=2, language="en")

    editor.go("/desk/texts/2/")
    assert page.locator("#id_en-body").count() == 0
    expect(page.locator("#side-en")).to_contain_text("Signed, so its words are locked")
    expect(page.locator("#side-en")).to_contain_text("start version 3")
    assert editor.complaints == []


def test_words_of_two_editors(visit: Visit) -> None:
    """The second one sees what the first did, and keeps their own words."""
    editor = visit(viewport=DESK)
    page = come_in(editor)
    editor.go("/desk/texts/2/")
    write(page)
    Text.objects.create(version=2, language="en", title="We ask to be asked", body="Somebody else’s words.")
    page.click("button:text-is('Save')")
    expect(page.locator("#problem")).to_contain_text("Somebody else was quicker")
    assert page.evaluate("document.activeElement.id") == "problem"
    expect(page.locator("#side-en .warning del").first).to_contain_text("else’s")
    assert page.input_value("#id_en-body") == WORDS["en"][1]
    assert not Text.objects.filter(version=2, language="fr").exists()
    editor.looks_right()
    page.click("button:text-is('Save')")
    expect(page.locator("[role=status]")).to_have_text("Saved.")
    assert Text.objects.get(version=2, language="en").body == WORDS["en"][1]
