"""The embeds in a browser: in light and dark, on a narrow page, with names of several scripts, without a trace."""

import html
import re
from collections.abc import Callable

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone
from pytest_django import Settings

from declaration import languages
from declaration.models import Text
from signatories.demo import invented_people
from signatories.models import Signature
from signatories.tally import services as tally
from tests.journeys.conftest import Visitor
from tests.people import signed, text

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = (280, 320, 359, 480, 600, 900, 1200)
KINDS = ("counter", "curve", "names")
# Heights: of the page, of what does not fit into a part that scrolls, and where the line that leads on ends.
MEASURED = """() => [
  document.documentElement.scrollHeight,
  [...document.querySelectorAll(".fitted")].map(part => part.scrollHeight - part.clientHeight)[0] || 0,
  Math.round(document.querySelector("main > .as-of a").getBoundingClientRect().bottom),
]"""
CODES = [code for code, _name in languages.known()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_frames_and_their_page(visit: Callable[..., Visitor], scheme: str) -> None:
    for n, name in enumerate(("Aveline Ashgrove", "محمد العَلي", "風見坂奏太", "W" * 120)):
        signed(name=name, address=f"p{n}@example.org", affiliation="The Paper Lanterns")
    tally.fold()
    visitor = visit(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    for path in (
        "/embed/counter/",
        "/fr/embed/names/",
        "/embed/names/?theme=dark",
        "/embed/counter/?theme=light",
        "/embed/curve/",
    ):
        visitor.go(path)
        visitor.looks_right()
    visitor.go("/embed/")
    visitor.looks_right()
    frame = visitor.page.frame_locator("iframe").first
    frame.get_by_text("Read it, and sign").wait_for()
    visitor.left_no_trace()


def heights(visitor: Visitor, language: str) -> dict[str, int]:
    """The height of each frame as the code of the page says it."""
    visitor.go("/embed/" if language == "en" else f"/{language}/embed/")
    codes = [html.unescape(visitor.page.locator(f"#{kind}-code").input_value()) for kind in KINDS]
    found = [re.search(r'src="[^"]*/embed/(\w+)/" width="100%" height="(\d+)"', code) for code in codes]
    return {match[1]: int(match[2]) for match in found if match}


@pytest.mark.parametrize("language", CODES)
def test_the_code_as_pasted_cuts_nothing(visit: Callable[..., Visitor], settings: Settings, language: str) -> None:
    """On a phone and on a wide page: with a long title, as many names as there may be, and a group."""
    settings.LANGUAGES = languages.known()
    text()
    Text.objects.update(title=Concat("title", Value(" – "), "title", Value(" – "), "title"))
    invented_people.signatures(16, until=timezone.now())
    group = signed(name="The Paper Lanterns", address="band@example.org")
    Signature.objects.filter(pk=group.pk).update(profession="band")
    Signature.objects.update(shown_elsewhere=True)
    tally.repair()
    visitor = visit()
    said = heights(visitor, language)
    assert said.keys() == set(KINDS)
    cut = {}
    for kind, height in said.items():
        visitor.go(f"{'' if language == 'en' else '/' + language}/embed/{kind}/")
        for width in WIDTHS:
            visitor.page.set_viewport_size({"width": width, "height": height})
            needed, inside, end = visitor.page.evaluate(MEASURED)
            if needed > height or inside or end > height:
                cut[kind, width] = (height, needed, inside, end)
    assert cut == {}


def test_with_names_that_do_not_fit_the_way_on_is_still_seen(visit: Callable[..., Visitor]) -> None:
    """The names scroll, in reach of the keyboard; what a page makes lower scrolls as a whole."""
    for n in range(12):
        signed(name="Wo " * 50, address=f"p{n}@example.org", affiliation="The Paper Lanterns")
    tally.fold()
    visitor = visit()
    height = heights(visitor, "en")["names"]
    visitor.page.set_viewport_size({"width": 280, "height": height})
    visitor.go("/embed/names/")
    visitor.looks_right()
    needed, inside, end = visitor.page.evaluate(MEASURED)
    assert needed <= height
    assert inside > 0
    assert end <= height
    visitor.page.set_viewport_size({"width": 280, "height": 120})
    visitor.page.locator("main > .as-of a").scroll_into_view_if_needed()
    assert 0 < visitor.page.evaluate(MEASURED)[2] <= 120
