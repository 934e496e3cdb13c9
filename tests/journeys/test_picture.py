"""The pictures of the README are of the product as it is: PICTURES=1 make test ARGS=tests/journeys/test_picture.py."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from declaration import languages
from signatories.demo import invented_people
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.people import text

pytestmark = pytest.mark.django_db(transaction=True)
DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("name", "viewport"), [("desk", DESK), ("phone", PHONE)])
def test_the_first_screen_holds_sentence_number_and_button(
    visit: Callable[..., Visitor], settings: Settings, tmp_path: Path, name: str, viewport: dict[str, int]
) -> None:
    settings.LANGUAGES = languages.known()
    text()
    invented_people.signatures(300, until=timezone.now())
    visitor = visit(viewport=viewport)
    visitor.go("/")
    for words in ("Our work is not raw material", "300", "Sign the declaration"):
        box = visitor.page.get_by_text(words, exact=True).first.bounding_box()
        assert box
        assert box["y"] + box["height"] < viewport["height"], words
    folder = DOCS if os.environ.get("PICTURES") else tmp_path
    visitor.page.screenshot(path=folder / f"{name}.png")
