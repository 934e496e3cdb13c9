"""Organizers work at the desk in a real browser: by keyboard, by thumb, without script."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from declaration.models import PressPage
from signatories.demo import invented_people
from signatories.identity import mailbox
from signatories.models import Act, Alarm, Listed, Report, Signature, Tally, TallyDelta, WatchedName
from signatories.models.report import ReportKind
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.journeys.conftest import DESK, PHONE, Visitor, log_in
from tests.payloads import PAYLOADS
from tests.people import organizer, signed, text

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]


def hold(number: int) -> None:
    """So many wait, each an hour longer than the next."""
    text()
    invented_people.signatures(number, until=timezone.now())
    for age, row in enumerate(Signature.objects.order_by("-pk")):
        row.state, row.held_for = State.HELD, ["crowd"]
        row.confirmed_at = timezone.now() - timedelta(hours=age)
        row.save()
    Tally.objects.all().delete()
    TallyDelta.objects.all().delete()


def come_in(visitor: Visitor) -> Visitor:
    """Sign in as an organizer and open the queue."""
    organizer()
    log_in(visitor).go("/desk/queue/")
    return visitor


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Signature.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_fifty_are_decided_by_keyboard_and_some_taken_back(visit: Visit) -> None:
    hold(50)
    page = come_in(visit(viewport=DESK)).page

    def left(number: int) -> None:
        page.wait_for_function("n => document.querySelectorAll('[data-entry]').length === n", arg=number)

    for done in range(1, 51):
        if done % 10 == 0:
            page.keyboard.press("r")
            page.keyboard.type("An invented name.")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("p")
        left(50 - done)
        page.wait_for_function("document.activeElement.matches('[data-entry], [data-decided]')")
    assert states() == {State.PUBLISHED: 45, State.REJECTED: 5}
    assert "Nobody waits" in page.inner_text("#numbers")
    for undone in range(1, 4):
        page.keyboard.press("u")
        left(undone)
        page.keyboard.press("j")
    assert states()[State.HELD] == 3
    assert Act.objects.of_the_desk().count() == 53
    assert tally.repair() == {}


def test_keys_type_letters_in_a_field_and_escape_leaves_it(visit: Visit) -> None:
    hold(2)
    page = come_in(visit(viewport=DESK)).page
    page.keyboard.press("r")
    page.keyboard.type("jump")
    assert page.input_value("input.reason >> nth=0") == "jump"
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('[data-entry]:nth-of-type(2)')")
    assert not Act.objects.of_the_desk().exists()


def test_rejecting_without_a_reason_is_told_in_its_place(visit: Visit) -> None:
    hold(2)
    page = come_in(visit(viewport=DESK)).page
    page.click("button[value=reject] >> nth=0")
    page.wait_for_selector("[aria-invalid]")
    assert page.evaluate("document.activeElement.matches('[aria-invalid]')")
    page.keyboard.type("An invented name.")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-decided]")
    assert states() == {State.HELD: 1, State.REJECTED: 1}


def test_a_person_is_decided_on_their_own_page(visit: Visit) -> None:
    hold(2)
    visitor = come_in(visit(viewport=DESK))
    first, second = Signature.objects.order_by("pk")
    for person, verb, word in (
        (first, "publish", "Published"),
        (second, "publish", "Published"),
        (second, "reject", "Rejected"),
    ):
        visitor.go(f"/desk/signatures/{person.pk}/")
        visitor.page.fill("input.reason", "Known to us.")
        visitor.page.click(f"button[value={verb}]")
        visitor.page.wait_for_selector(f"text={person.name}: {word}")
    assert states() == {State.PUBLISHED: 1, State.REJECTED: 1}


@pytest.mark.parametrize("javascript", [True, False])
def test_by_thumb_on_a_phone(visit: Visit, javascript: bool) -> None:
    hold(8)
    visitor = come_in(visit(viewport=PHONE, has_touch=True, is_mobile=True, javascript=javascript))
    page = visitor.page
    for left in range(7, -1, -1):
        page.locator("[data-entry] button[value=publish]").first.tap()
        if javascript:
            page.wait_for_function("n => document.querySelectorAll('[data-entry]').length === n", arg=left)
        else:
            page.wait_for_url("**/desk/signatures/**")
            visitor.go("/desk/queue/")
    assert states() == {State.PUBLISHED: 8}
    sizes = page.eval_on_selector_all("a.quiet, button", "all => all.map(e => e.getBoundingClientRect().height)")
    assert all(height >= 44 for height in sizes), sizes
    visitor.is_no_wider_than_the_window()


@pytest.fixture
def look() -> Callable[[Visitor, str], None]:
    """Axe on a page, and a picture of it when somebody wants to see (SCREENSHOTS=folder)."""

    def at(visitor: Visitor, name: str) -> None:
        visitor.looks_right()
        if folder := os.environ.get("SCREENSHOTS"):
            visitor.page.screenshot(path=Path(folder) / f"desk-{name}.png", full_page=True)

    return at


def hostile_beside_the_queue() -> list[str]:
    """Markup in what readers report, in doubles, in names in front, in watched names; returns the pages of it."""
    for n, payload in enumerate(PAYLOADS):
        shown, double = (signed(name="Aveline Ashgrove", address=f"{n}-{m}@example.org") for m in range(2))
        Signature.objects.filter(pk__in=[shown.pk, double.pk]).update(
            name=payload, name_latin=payload, affiliation=payload, skeleton=f"{n}"
        )
        Signature.objects.filter(pk=shown.pk).update(featured=n + 1)
        Report.objects.create(
            signature=shown, wrong=ReportKind.OTHER, words=f"{payload}\n{payload}", language="en",
            address_sealed=mailbox.seal("reader@example.org"),
        )  # fmt: skip
        watched = WatchedName.objects.create(name=payload, note=payload)
        PressPage.objects.update_or_create(language="en", defaults={"behind": payload, "key_points": payload})
    Listed.objects.create(kind="domain", value=PAYLOADS[0], note=PAYLOADS[0])
    Alarm.objects.create(kind="domain", subject="union.example", words=f"60 people of {PAYLOADS[0]} within an hour.")
    Alarm.objects.create(kind="held", words="Somebody waits.", closed_at=timezone.now())
    Signature.objects.filter(state=State.HELD).update(domain="union.example", held_for=["many-of-domain"])
    return [
        "alarms/", "settings/limits/", "settings/lists/", "reports/", "doubles/", "notable/", "settings/", "settings/press/en/", "settings/watched/",
        f"settings/watched/{watched.pk}/",
    ]  # fmt: skip


@pytest.mark.parametrize(("viewport", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone-dark"])
def test_every_page_is_accessible_and_hostile_names_run_nowhere(
    visit: Visit, look: Callable[[Visitor, str], None], viewport: dict[str, int], scheme: str
) -> None:
    hold(len(PAYLOADS))
    for row, payload in zip(Signature.objects.all(), PAYLOADS, strict=True):
        row.name = row.name_latin = row.affiliation = row.profession_other = row.filed_under = payload
        row.profession, row.representative, row.representative_role = "other", payload, "agent"
        row.held_for = [f"looks-like:{payload}"]
        row.save()
    others = hostile_beside_the_queue()
    visitor = come_in(visit(viewport=viewport, color_scheme=scheme))
    page, size = visitor.page, f"{scheme}-{viewport['width']}"
    look(visitor, f"queue-{size}")
    first = Signature.objects.earliest("confirmed_at").pk
    page.fill("input.reason >> nth=0", "Reached her through the union.")
    page.click("button[value=publish] >> nth=0")
    page.wait_for_selector("[data-decided]")
    look(visitor, f"decided-{size}")
    for path in (f"signatures/{first}/", f"signatures/{first}/correct/", "find/", "trail/", *others):
        visitor.go(f"/desk/{path}")
        look(visitor, f"{path.strip('/').replace('/', '-')}-{size}")
    visitor.go("/desk/find/")
    page.fill("[name=q]", "alert")
    page.click("main form [type=submit]")
    look(visitor, f"found-{size}")
    visitor.go(f"/desk/signatures/{first}/")
    page.select_option("[name=reason] >> nth=0", "proof")
    page.click("[name=reveal]")
    look(visitor, f"revealed-{size}")
    assert visitor.foreign == []
    assert visitor.complaints == []
