"""The embeds in a browser: in light and dark, on a narrow page, with names of several scripts, without a trace."""

from collections.abc import Callable

import pytest

from signatories.tally import services as tally
from tests.journeys.conftest import Visitor
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)


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
