"""The living number in a real browser whose clock is moved: it rises, and asks politely."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from signatories.tally import services as tally
from tests.journeys.conftest import Visitor
from tests.people import signed, text

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]
COUNT = "**/api/v1/count"
# As it is in Safari before 16.
OLD = "delete AbortSignal.timeout"
HIDDEN = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true}); document.dispatchEvent(new Event('visibilitychange'))"  # fmt: skip


class Counts:
    """The address of the number, as told to answer; who asked is counted."""

    def __init__(self, page: Page) -> None:
        self.asked = 0
        self.status, self.count = 200, 0
        page.route(COUNT, self.answer)

    def answer(self, route: Route) -> None:
        self.asked += 1
        body = {"count": self.count, "named": self.count, "unnamed": 0, "as_of": ""}
        route.fulfill(status=self.status, body=json.dumps(body))


@pytest.fixture
def reader(visit: Visit) -> Visit:
    """Somebody who reads the declaration in a browser whose clock we move."""

    def make(**options: Any) -> Visitor:
        text()
        visitor = visit(**options)
        visitor.page.clock.install()
        return visitor

    return make


def until(visitor: Visitor, happened: Callable[[], bool], seconds: int = 40) -> None:
    """Let the clock run, a few seconds at a time."""
    for _ in range(0, seconds, 4):
        if happened():
            return
        visitor.page.clock.run_for(4000)
        visitor.page.wait_for_timeout(10)
    for _ in range(100):  # what was asked last is under way, for as long as a busy machine takes
        if happened():
            return
        visitor.page.wait_for_timeout(100)
    raise AssertionError("it has not happened")


def shown(visitor: Visitor) -> str:
    """What the page says, as a reader hears it."""
    return " ".join(visitor.page.inner_text(".number").split())


def test_from_nobody_to_the_first_and_on(reader: Visit) -> None:
    visitor = reader()
    visitor.context.add_init_script(OLD)
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url) if "/count" in request.url else None)
    visitor.go("/")
    assert "Nobody has signed yet" in shown(visitor)
    for n, sentence in enumerate(("1 has signed", "2 have signed", "3 have signed")):
        signed(address=f"p{n}@example.org", name=f"Person Number{n}")
        tally.fold()
        until(visitor, lambda: len(asked) == n + 1)  # noqa: B023 - called within this round
        visitor.page.get_by_text(sentence).wait_for()
        assert shown(visitor) == f"{sentence} {n + 1} by name, 0 without"
    number = visitor.page.locator("[data-number=count]")
    assert number.evaluate("n => n.closest('[aria-live], [role=status], [role=alert], [role=timer]') === null")
    visitor.left_no_trace()


def test_it_asks_ever_more_seldom_while_it_fails_and_never_in_a_hidden_tab(reader: Visit) -> None:
    visitor = reader()
    counts = Counts(visitor.page)
    counts.status = 503
    visitor.go("/")
    visitor.page.clock.run_for(26_000)
    assert counts.asked == 0
    until(visitor, lambda: counts.asked == 1)
    for asked, seconds in enumerate((60, 120), start=1):
        visitor.page.clock.run_for((seconds - 5) * 900)
        assert counts.asked == asked
        until(visitor, lambda: counts.asked == asked + 1, seconds // 2)  # noqa: B023 - called within this round
    visitor.page.evaluate(HIDDEN % "true")
    visitor.page.clock.run_for(3_600_000)
    assert counts.asked == 3
    counts.status = 200
    visitor.page.evaluate(HIDDEN % "false")
    until(visitor, lambda: counts.asked == 4, 280)
    until(visitor, lambda: counts.asked == 5)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_it_rises_step_by_step_only_for_who_likes_that(reader: Visit, motion: str) -> None:
    signed()
    signed(address="two@example.org", name="Person Two")
    tally.fold()
    visitor = reader(reduced_motion=motion)
    counts = Counts(visitor.page)
    counts.count = 4000
    visitor.go("/")
    with visitor.page.expect_response(COUNT):
        until(visitor, lambda: counts.asked == 1)
    visitor.page.wait_for_function("document.querySelector('[data-number=count]').dataset.value === '4000'")
    assert ("4,000 have signed" in shown(visitor)) == (motion == "reduce")
    visitor.page.clock.run_for(2000)
    assert "4,000 have signed 4,000 by name" in shown(visitor)
