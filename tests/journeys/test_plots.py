"""Plots in a browser: every label is seen whole, and reads as its language is written."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from declaration import languages
from signatories.models import TallyHistory
from signatories.tally import services as tally
from tests.journeys.conftest import DESK, Visitor
from tests.people import signed, text

pytestmark = pytest.mark.django_db(transaction=True)
CODES = [code for code, _name in languages.known()]
# Labels of which some ink may stand outside the picture, with their boxes; letters of the time axis from left to right.
OUTSIDE = """() => [...document.querySelectorAll("svg.plot text")].filter(label => {
  const box = label.getBBox(), view = label.ownerSVGElement.viewBox.baseVal;
  const deep = label.ownerSVGElement.getAttribute("aria-labelledby") == "plot-curve" ? 0.45 * 16 : 0;
  const down = Number(label.getAttribute("y")) + 16 * parseFloat(label.getAttribute("dy")) + deep;
  const across = label.ownerSVGElement.getCTM(), at = label.getCTM();
  const moved = (at.f - across.f) / across.d;
  return box.x + (at.e - across.e) / across.a < view.x - 0.5 || down + moved > view.y + view.height;
}).map(label => label.textContent)"""
AS_SEEN = """() => [...document.querySelectorAll("[aria-labelledby=plot-curve] .bottom text")].map(label =>
  [...label.textContent].map((letter, place) => [label.getExtentOfChar(place).x, letter])
    .sort((one, other) => one[0] - other[0]).map(([_x, letter]) => letter).join(""))"""


@pytest.fixture
def two(settings: Settings) -> None:
    """Two have signed, so the curve is told by the hour; one comes from where the name is long."""
    settings.LANGUAGES = languages.known()
    text()
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    TallyHistory.objects.create(hour=hour - timedelta(hours=40), count=1, named=1)
    for country in ("DE", "GS"):
        signed(country=country, address=f"{country}@example.org")
    tally.fold()


@pytest.mark.parametrize("language", CODES)
def test_no_label_is_cut(visit: Callable[..., Visitor], two: None, language: str) -> None:
    visitor = visit(viewport=DESK)
    visitor.go("/press/" if language == "en" else f"/{language}/press/")
    assert visitor.page.locator("svg.plot text").count() > 8
    visitor.page.evaluate("document.fonts.ready")  # another face has other widths
    assert visitor.page.evaluate(OUTSIDE) == []


def test_a_moment_in_arabic_reads_from_the_right(visit: Callable[..., Visitor], two: None) -> None:
    """The hour stands at the left of the month, the day at its right."""
    visitor = visit(viewport=DESK)
    visitor.go("/ar/press/")
    visitor.page.evaluate("document.fonts.ready")
    seen = visitor.page.evaluate(AS_SEEN)
    assert seen
    for label in seen:
        hour, month, day = label.split()
        assert ":" in hour, label
        assert not month.isascii(), label
        assert day.isdigit(), label
