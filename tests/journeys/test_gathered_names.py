"""A union hands over members who agreed to be asked; they sign in two languages, some say no; the rest is taken back.

Two hundred with all other tests, eight hundred with `make faults`.
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import expect
from pytest_django import Settings

from signatories.gathering import preparing, services
from signatories.mail import outbox
from signatories.models import GatheredBatch, Invitee, Listed, Partner, PartnerAccount, Signature
from signatories.models.limits import ListKind
from signatories.tally import services as tally
from tests.editions.building import body, build
from tests.faults.length import LONG
from tests.gathering.gathering import PDF, WORDS, members, send_all, table
from tests.journeys.conftest import DESK, PHONE, Visitor, log_in
from tests.partners.partners import partner
from tests.people import organizer, rules_anew, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]
PEOPLE, FLAWED, SIGN, OBJECT = (800, 37, 500, 20) if LONG else (200, 37, 100, 20)
ASKED = PEOPLE - FLAWED


def flawed() -> list[Sequence[str]]:
    """Rows that are refused, or stand in the file twice."""
    nameless = [("", f"nameless{n}@union.example", "", "") for n in range(9)]
    without = [(f"Nobody Number{n:02}", "", "", "") for n in range(9)]
    unreachable = [(f"Somebody Number{n:02}", f"somebody{n}(at)union.example", "", "") for n in range(9)]
    twice = [(f"Member Number{n:04} Ash", f"M{n}+list@union.example", "", "") for n in range(10)]
    return [*nameless, *without, *unreachable, *twice]


@pytest.fixture
def union(settings: Settings, tmp_path: Path) -> Partner:
    """A union whose mail domain the organizers know."""
    settings.PAGE_SECONDS = 0.0
    settings.MEDIA_ROOT = tmp_path / "files"
    text()
    Listed.objects.create(kind=ListKind.DOMAIN, value="union.example")
    rules_anew()
    made = partner()
    account = get_user_model().objects.create_user("ina", "ina@desk.example", "long-and-secret")
    PartnerAccount.objects.create(account=account, partner=made)
    organizer("olga")
    return made


def allow(desk: Visitor, union: Partner) -> None:
    """An administrator lets the union hand names over."""
    desk.go(f"/desk/partners/{union.pk}/")
    desk.page.click("main >> text=Gathered names")
    desk.page.fill("[name=signed_by]", "Olive Tarn")
    desk.page.fill("[name=signed_on]", "2026-11-02")
    desk.page.check("[name=contract]")
    desk.page.check("[name=assessment]")
    desk.looks_right()
    desk.page.click("text=Let it hand names over")
    expect(desk.page.locator("[role=status]")).to_contain_text("It may hand names over now.")


def hand_over(officer: Visitor, settings: Settings, mailbox: Catcher) -> None:
    """The officer sends the file, says what its columns are and how people agreed, looks at the test, and asks."""
    page = officer.page
    officer.go("/partner/names/")
    officer.looks_right()
    content = table([*members(ASKED), *flawed()], ("Full name", "E-mail", "Profession", "Language"))
    page.set_input_files("[name=file]", {"name": "members.csv", "mimeType": "text/csv", "buffer": content})
    page.click("text=Have it read")
    expect(page.locator(".lead")).to_have_text("The file is being read")
    preparing.work()
    page.click("text=Look again")
    expect(page.locator("table.words")).to_contain_text("Member Number0000 Ash")
    officer.looks_right()
    page.click("text=Check the rows")
    preparing.work()
    page.click("text=Look again")
    rows = page.locator("#rows")
    expect(rows).to_contain_text("refused 27")
    expect(rows).to_contain_text("twice in the file 10")
    officer.looks_right()
    page.click("#rows >> text=refused")
    expect(page.locator(".rows li").first).to_contain_text("There is no name.")
    page.fill("[name=asked_by]", "Olive Tarn, secretary")
    page.fill("[name=asked_on]", "October 2026")
    page.fill("[name=asked_where]", "the page for members")
    page.fill("[name=asked_in]", WORDS.format(settings.OPERATOR_NAME))
    page.set_input_files("[name=specimen]", {"name": "form.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.check("[name=agreed]")
    page.click("form[action*=proof] button")
    page.click("text=Mail me the invitation")
    expect(page.locator("[role=status]")).to_contain_text("on its way to ina@desk.example")
    outbox.drain()
    officer.go(mailbox.of("ina@desk.example")[0].path("invited"))
    expect(page.locator("main")).to_contain_text("This is a test")
    officer.looks_right()
    batch = GatheredBatch.objects.get()
    officer.go(f"/partner/names/{batch.pk}/")
    page.click("text=I have looked at it")
    page.click("text=Ask the organizers to approve it")
    expect(page.locator(".lead")).to_have_text("The organizers look at it")


def approve(desk: Visitor) -> GatheredBatch:
    """The administrator looks at it and approves it; its hour passes."""
    desk.page.reload()
    desk.page.click("ul.found a")
    expect(desk.page.locator("main")).to_contain_text(f"{ASKED} people would be written to")
    desk.looks_right()
    desk.page.click("text=Approve it")
    expect(desk.page.locator("[role=status]")).to_contain_text("The first invitations go in an hour")
    batch = GatheredBatch.objects.get()
    assert batch.starts_at and batch.decided_at
    GatheredBatch.objects.update(pace=1200, starts_at=batch.decided_at)
    return batch


def answer(mailbox: Catcher) -> None:
    """All but a few of those who answer, without a browser: it would take hours."""
    browser = Client()
    for n in range(2, SIGN):
        path = mailbox.of(f"m{n}@union.example")[0].path("invited")
        said = {"name": f"Member Number{n:04} Ash", "profession": "singer", "appearance": "named"}
        assert browser.post(path, said).status_code == 303
    for n in range(SIGN + 1, SIGN + OBJECT):
        path = mailbox.of(f"m{n}@union.example")[0].path("invited")
        assert browser.post(f"{path}no/", {"never": "1"} if n % 2 else {}).status_code == 200


def two_sign_and_one_objects(visit: Visit, mailbox: Catcher) -> None:
    """In a browser: one in each language, the second without script; then somebody who never agreed."""
    for n, (script, words, button, done) in enumerate(
        [(True, "Do you want to sign?", "Sign", "You have signed"), (False, "signer", "Signer", "avez signé")]
    ):
        member = visit(viewport=PHONE, javascript=script)
        member.go(mailbox.of(f"m{n}@union.example")[0].path("invited"))
        expect(member.page.locator("h1")).to_contain_text(words)
        member.page.check("[name=appearance][value=named]")
        member.page.click(f"button.sign:text-is('{button}')")
        expect(member.page.locator("main")).to_contain_text(done)
        member.left_no_trace()
    objector = visit(viewport=PHONE)
    objector.go(mailbox.of(f"m{SIGN}@union.example")[0].path("invited"))
    objector.looks_right()
    objector.page.click("text=I never agreed to be asked")
    expect(objector.page.locator("h1")).to_have_text("We do not ask you again")
    objector.looks_right()
    objector.left_no_trace()


def the_officer_reads_figures(officer: Visitor, batch: GatheredBatch) -> None:
    """Rounded down to tens, and about nobody."""
    tally.fold()
    officer.go(f"/partner/names/{batch.pk}/")
    told = officer.page.locator("section[aria-labelledby=results-title]")
    answers = [f"at least {SIGN}", "fewer than ten", "at least 10"]
    expect(told.locator("dd")).to_have_text([str(ASKED), "all of them", *answers])
    officer.looks_right()
    assert "Number0002" not in officer.page.content()


def numbers_are_true(reader: Visitor, officer: Visitor) -> None:
    """Wherever a number stands: who signed is counted once, and nobody who was only asked."""
    browser, figures = Client(), {"count": SIGN, "named": SIGN, "unnamed": 0, "groups": 0}
    assert tally.repair() == {}
    edition = build()
    assert (edition.count, edition.named, edition.unnamed, edition.groups) == (SIGN, SIGN, 0, 0)
    for path in ("/", "/signatories/", "/press/"):
        reader.go(path)
        told = reader.page.locator(".number").first
        expect(told).to_contain_text(f"{SIGN} have signed")
        expect(told).to_contain_text(f"{SIGN} by name, 0 without")
    expect(reader.page.locator("main")).to_contain_text(f"{SIGN} people have signed")
    assert browser.get("/api/v1/count").json().items() >= figures.items()
    counts = browser.get("/api/v1/tallies/profession").json()["counts"]
    assert sum(part["count"] for part in counts) == SIGN
    rows = list(csv.DictReader(io.StringIO(body(browser.get("/press/latest.csv")).decode("utf-8-sig"))))
    assert len({row["number"] for row in rows}) == len(rows) == SIGN
    assert len(json.loads(body(browser.get("/press/latest.json")))["signatories"]) == SIGN
    officer.go("/partner/")
    expect(officer.page.locator("#numbers")).to_contain_text(f"at least {SIGN}")


def test_a_union_invites_its_members(visit: Visit, union: Partner, mailbox: Catcher, settings: Settings) -> None:
    desk = log_in(visit(viewport=DESK), "olga")
    allow(desk, union)
    officer = log_in(visit(viewport=DESK), "ina", then="**/partner/")
    hand_over(officer, settings, mailbox)
    batch = approve(desk)
    send_all()
    assert Invitee.objects.filter(asked_at__isnull=False).count() == ASKED

    two_sign_and_one_objects(visit, mailbox)
    answer(mailbox)

    the_officer_reads_figures(officer, batch)
    waiting = mailbox.of(f"m{SIGN + OBJECT}@union.example")[0].path("invited")
    officer.page.click("text=Take this file back")
    expect(officer.page.locator("[role=status]")).to_contain_text("Taken back.")
    reader = visit(viewport=DESK)
    reader.go(waiting)
    expect(reader.page.locator("h1")).to_have_text("This invitation is over")
    assert not Invitee.objects.exclude(name="").exists()
    assert not services.undo(
        batch_id=batch.pk, account=get_user_model().objects.get(username="olga"), now=batch.created_at
    )

    assert Signature.objects.counted().count() == SIGN
    assert Signature.objects.filter(language="fr").count() == SIGN // 2
    reader.go("/signatories/?q=Number0021")
    expect(reader.page.locator("main")).to_contain_text("Member Number0021 Ash")
    numbers_are_true(reader, officer)
    assert officer.complaints == [] and desk.complaints == []
