"""An organizer leaves the overview open: it renews itself, moves nothing that is read, and says what is new."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from signatories.demo import invented_people
from signatories.desk.presence import services as presence
from signatories.models import Alarm, HourlyFigure, Signature
from signatories.models.figures import What
from signatories.models.organizer import Role
from signatories.models.report import Report, ReportKind
from signatories.models.signature import State
from signatories.tally import hourly
from signatories.tally import services as tally
from tests.journeys.conftest import DESK, Visitor, log_in
from tests.people import organizer, text

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]
NARROW = {"width": 375, "height": 740}
LONG = "anna-with-quite-a-long-name-of-an-account-from-a-union-of-stage-hands"
DOMAINS = ("gmail.com", "a-very-long-mail-domain-of-a-conservatory.example", "webmail.example", "post.example")
RENEW = 'document.querySelector("[data-renews]").dispatchEvent(new Event("renew"))'


def a_busy_day() -> None:
    """Figures of a month, people who wait, an alarm, reports, and a colleague with a long name."""
    now = timezone.now()
    this_hour = hourly.full_hour(now)
    rows = []
    for n in range(24 * 30):
        for share, what in zip((100, 97, 81, 76), What, strict=True):
            busy = (900 if n < 24 else 60) * (1 + (n * 7) % 5) * share // 300
            rows.append(HourlyFigure(hour=this_hour - timedelta(hours=n), what=what, count=busy))
            for place, domain in enumerate(DOMAINS if n < 24 else ()):
                of_domain = busy // (place + 3)
                rows.append(HourlyFigure(hour=this_hour - timedelta(hours=n), what=what, key=domain, count=of_domain))
    HourlyFigure.objects.bulk_create(rows)
    text()
    invented_people.signatures(60, until=now)
    codes = ("many-of-domain", "looks-like:Cassius Moonwright", "represented", "crowd", "disposable-mailbox")
    for n, row in enumerate(Signature.objects.order_by("pk")[:14]):
        row.state, row.held_for, row.confirmed_at = State.HELD, [codes[n % 5]], now - timedelta(hours=2 * n + 1)
        row.save()
    tally.repair()
    Alarm.objects.create(kind="network", subject="00", words="60 forms came from one network within an hour.")
    shown = Signature.objects.public().first()
    assert shown
    Report.objects.create(signature=shown, wrong=ReportKind.MISSPELT, words="Two l.", language="en")
    colleague = organizer(LONG, role=Role.MODERATOR)
    presence.note(account=colleague, page="desk-signature", subject=f"signature {shown.pk}", now=now)


def come_in(visitor: Visitor, role: Role = Role.ADMINISTRATOR) -> Visitor:
    organizer("olga", role=role)
    return log_in(visitor)


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [(DESK, "light"), (NARROW, "light"), (DESK, "dark"), (NARROW, "dark")],
    ids=["desk", "phone", "desk-dark", "phone-dark"],
)
def test_it_is_accessible_and_as_wide_as_the_window(visit: Visit, viewport: dict[str, int], scheme: str) -> None:
    a_busy_day()
    visitor = come_in(visit(viewport=viewport, color_scheme=scheme))
    if folder := os.environ.get("SCREENSHOTS"):
        visitor.page.screenshot(path=Path(folder) / f"overview-{scheme}-{viewport['width']}.png", full_page=True)
    visitor.looks_right()
    for summary in visitor.page.locator(".plots summary").all():
        summary.click()
    visitor.looks_right()
    assert visitor.foreign == []
    assert visitor.complaints == []


def test_before_anything_has_happened(visit: Visit) -> None:
    text()
    visitor = come_in(visit(viewport=NARROW))
    expect(visitor.page.locator("main")).to_contain_text("Nothing waits.")
    if folder := os.environ.get("SCREENSHOTS"):
        visitor.page.screenshot(path=Path(folder) / "overview-empty-375.png", full_page=True)
    visitor.looks_right()


def test_it_renews_itself_in_place_and_says_what_is_new(visit: Visit) -> None:
    a_busy_day()
    page = come_in(visit(viewport=DESK)).page
    page.locator("#days summary").click()
    page.locator("#days").scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 200)")
    before = page.locator("#days h3").bounding_box()
    expect(page.locator("#news")).to_be_empty()
    for kind in ("arrivals", "withdrawals", "mail"):
        Alarm.objects.create(kind=kind, words="Something happened.")
    page.evaluate(RENEW)
    expect(page.locator("#news")).to_have_text("New: Alarms: 4.")
    expect(page.locator("#days details")).to_have_attribute("open", "")
    after = page.locator("#days h3").bounding_box()
    assert before and after and abs(before["y"] - after["y"]) < 1
    page.evaluate(RENEW)  # nothing is new, and nothing is said again
    page.wait_for_function("document.querySelector('#as-of')")
    expect(page.locator("#news")).to_have_text("New: Alarms: 4.")


def test_it_waits_while_a_form_has_the_focus(visit: Visit) -> None:
    a_busy_day()
    visitor = come_in(visit(viewport=DESK))
    page = visitor.page
    visitor.go("/desk/queue/")
    # One that is published without a reason: not somebody who was signed for.
    page.locator("[data-entry]:has(button[value=publish]):has(label .note)").first.evaluate(
        "entry => entry.firstElementChild.open = true"
    )
    page.locator("details[open] button[value=publish]").first.click()
    page.wait_for_selector("[data-decided]")
    visitor.go("/desk/")
    undo = page.locator(".there button", has_text="Undo")
    undo.focus()
    Alarm.objects.create(kind="mail", words="Mail waits.")
    with pytest.raises(PlaywrightTimeout), page.expect_request("**/desk/", timeout=1000):
        page.evaluate(RENEW)
    expect(undo).to_be_focused()
    undo.evaluate("button => button.blur()")
    page.evaluate(RENEW)
    expect(page.locator("#news")).to_have_text("New: Alarms: 2.")


def test_without_script_a_link_renews_it(visit: Visit) -> None:
    text()
    page = come_in(visit(viewport=NARROW, javascript=False)).page
    expect(page.locator("main")).to_contain_text("Nothing waits.")
    Alarm.objects.create(kind="mail", words="Mail waits.")
    page.locator("text=Renew").click()
    expect(page.locator(".lines")).to_contain_text("Alarms")
