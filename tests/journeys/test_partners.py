"""A union that only uses the kit, and a band of five: in a browser, at a desk and on a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect
from pytest_django import Settings

from signatories.models import Membership, Partner, PartnerAccount, Signature
from signatories.models.organizer import Role
from signatories.partners import kit
from signatories.tally import services as tally
from tests.journeys.conftest import DESK, PHONE, Visitor, log_in
from tests.journeys.form import fill
from tests.partners.partners import partner
from tests.people import organizer, read_mail, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def _pages_are_fresh(settings: Settings) -> None:
    settings.PAGE_SECONDS = 0.0
    text()


def press(visitor: Visitor) -> None:
    """Press the red button."""
    visitor.page.locator("form button.sign").first.click()


def sign(visitor: Visitor, path: str, mailbox: Catcher, **said: str) -> Any:
    """Somebody opens a link, signs, and confirms from their mailbox; returns the page that says so."""
    visitor.go(path)
    fill(visitor, **said)
    press(visitor)
    visitor.page.wait_for_url("**/sign/sent/**")
    visitor.go(read_mail(mailbox, said["email"]).path("confirm"))
    press(visitor)
    return visitor.page


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_union_that_only_uses_the_kit(visit: Visit, mailbox: Catcher, javascript: bool) -> None:
    organizer("edith", role=Role.EDITOR)
    editor = log_in(visit(viewport=DESK, javascript=javascript), "edith")
    page = editor.page
    editor.opens("Partners")
    page.click("text=Add a partner")
    page.fill("[name=name]", "Union of Stage Hands")
    page.fill("[name=slug]", "stage-hands")
    page.check("[name=stance][value=supports]")
    page.fill("[name=sentence_en]", "Our hands set the stage.")
    page.click("button:text-is('Add')")
    expect(page.locator("[role=status]")).to_contain_text("Its page is open now.")
    if javascript:
        editor.looks_right()
    union = Partner.objects.get()

    account = get_user_model().objects.create_user("ina", "ina@union.example", "long-and-secret")
    PartnerAccount.objects.create(account=account, partner=union)
    officer = log_in(visit(viewport=PHONE, javascript=javascript), "ina", then="**/partner/")
    officer.page.fill("[name=name]", "Newsletter")
    officer.page.fill("[name=slug]", "newsletter")
    officer.page.click("button:text-is('Add the link')")
    mail = officer.page.input_value("#mail-words")
    assert f"{officer.site}/with/stage-hands/" in mail
    link = officer.page.locator("code", has_text="by=newsletter").inner_text()
    row = officer.page.locator("article", has_text="by=newsletter")
    row.locator("button", has_text="poster").click()
    expect(officer.page.locator("article", has_text="by=newsletter")).to_contain_text("is being made")
    kit.make_waiting()
    officer.go("/partner/")
    with officer.page.expect_download() as told:
        officer.page.click("text=Poster for the door (PDF)")
    assert told.value.suggested_filename == "stage-hands-newsletter-poster-en.pdf"
    if javascript:
        officer.looks_right()
    else:
        officer.is_no_wider_than_the_window()

    member = visit(viewport=PHONE, javascript=javascript)
    done = sign(member, link, mailbox, name="Bram Bellweather", email="bram@example.org")
    expect(done.locator("main")).to_contain_text("Bram Bellweather")
    member.left_no_trace()
    signature = Signature.objects.get()
    assert signature.channel and (signature.channel.partner, signature.channel.slug) == (union, "newsletter")
    tally.fold()
    officer.go("/partner/")
    numbers = officer.page.locator("#numbers, section[aria-labelledby=numbers-title]").first
    expect(numbers).to_contain_text("fewer than ten")
    assert "Bram" not in officer.page.content()
    assert officer.complaints == [] and editor.complaints == []


def test_the_pages_of_partners_look_right(visit: Visit) -> None:
    partner(sentence={"en": "Our hands set the stage.", "fr": "Nos mains font la scène."})
    partner(
        "Ünion of a Very Long Name That Somebody Has Really Given To Their Association E.V.", "long", stance="collects"
    )
    for options in ({"viewport": DESK}, {"viewport": PHONE, "color_scheme": "dark"}):
        visitor = visit(**options)
        for path in ("/with/stage-hands/", "/fr/with/stage-hands/", "/with/long/", "/partners/", "/sign/group/"):
            visitor.go(path)
            visitor.looks_right()
        visitor.left_no_trace()


LINES_ENDING_WITH_HYPHENS = """link => {
    const letters = [], walker = document.createTreeWalker(link, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) for (let at = 0; at < walker.currentNode.length; at++) {
        const range = document.createRange();
        range.setStart(walker.currentNode, at);
        range.setEnd(walker.currentNode, at + 1);
        letters.push([range.toString(), range.getBoundingClientRect().top]);
    }
    const ends = letters.filter(([_letter, top], at) => letters[at + 1] && Math.abs(letters[at + 1][1] - top) > 4);
    return [ends.length, ends.filter(([letter]) => letter === "-").length];
}"""


@pytest.mark.parametrize("at_desk", [False, True], ids=["officer", "desk"])
def test_a_link_is_copied_and_no_line_of_it_ends_with_a_hyphen(visit: Visit, at_desk: bool) -> None:
    text()
    made = partner("Union", "aa-bb-cc-dd-ee-ff-gg-hh-ii-jj-kk-ll-mm")
    visitor = visit(viewport=PHONE, permissions=["clipboard-read", "clipboard-write"])
    if at_desk:
        organizer("edith", role=Role.EDITOR)
        log_in(visitor, "edith").go(f"/desk/partners/{made.pk}/")
    else:
        account = get_user_model().objects.create_user("ina", "ina@union.example", "long-and-secret")
        PartnerAccount.objects.create(account=account, partner=made)
        log_in(visitor, "ina", then="**/partner/")
    row = visitor.page.locator("article", has_text="by=newsletter")
    row.locator("button", has_text="Copy").click()
    expect(row).to_contain_text("Copied")
    link = f"{visitor.site}/with/{made.slug}/?by=newsletter"
    assert visitor.page.evaluate("navigator.clipboard.readText()") == link
    breaks, with_hyphen = row.locator("code").evaluate(LINES_ENDING_WITH_HYPHENS)
    assert breaks and not with_hyphen
    visitor.looks_right()


def test_the_channel_stays_when_the_language_is_changed(visit: Visit) -> None:
    partner()
    visitor = visit()
    visitor.go("/with/stage-hands/?by=newsletter")
    visitor.page.click("text=Français")
    visitor.page.wait_for_url("**/fr/with/stage-hands/?by=newsletter")


def sign_as_a_band(visit: Visit, mailbox: Catcher, javascript: bool) -> Visitor:
    """The speaker signs and confirms; returns their browser."""
    speaker = visit(viewport=PHONE, javascript=javascript)
    speaker.go("/")
    speaker.page.click("text=Sign as a band or an organisation")
    speaker.page.fill("[name=representative]", "Vera Quill")
    speaker.page.fill("[name=email]", "vera@example.org")
    speaker.page.fill("[name=name]", "The Paper Lanterns")
    speaker.page.select_option("[name=profession]", "band")
    press(speaker)
    speaker.page.wait_for_url("**/sign/sent/**")
    speaker.go(read_mail(mailbox, "vera@example.org").path("confirm"))
    press(speaker)
    expect(speaker.page.locator("main")).to_contain_text("a person makes sure that the group wants it")
    if javascript:
        speaker.looks_right()
    return speaker


def publish(visit: Visit, javascript: bool) -> None:
    """A moderator has made sure."""
    organizer("mona", role=Role.MODERATOR)
    moderator = log_in(visit(viewport=DESK, javascript=javascript), "mona")
    moderator.go("/desk/queue/")
    entry = moderator.page.locator("article", has_text="The Paper Lanterns")
    expect(entry).to_contain_text("a group, signed by its speaker")
    entry.locator("[name=reason]").fill("Called the number on their own site.")
    entry.locator("button", has_text="Publish").click()
    expect(moderator.page.locator("article", has_text="The Paper Lanterns")).to_have_count(0)


def links_of_members(speaker: Visitor, mailbox: Catcher, javascript: bool) -> list[str]:
    """The speaker makes five on the page of the group."""
    speaker.go("/mine/")
    speaker.page.fill("[name=email]", "vera@example.org")
    speaker.page.click("main form button")
    speaker.go(read_mail(mailbox, "vera@example.org").path("mine"))
    speaker.page.click("text=Links for your members")
    speaker.page.fill("[name=count]", "5")
    speaker.page.click("text=Make them")
    links = speaker.page.locator("code").all_inner_texts()
    assert len(links) == 5
    if javascript:
        speaker.looks_right()
    return links


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_band_of_five_of_whom_four_confirm_and_then_the_fifth(
    visit: Visit, mailbox: Catcher, javascript: bool
) -> None:
    speaker = sign_as_a_band(visit, mailbox, javascript)
    publish(visit, javascript)
    links = links_of_members(speaker, mailbox, javascript)
    band = Signature.objects.get(profession="band")
    reader = visit(viewport=DESK, javascript=javascript)
    names = ["Ada Vance", "Bram Fell", "Cosima Thorn", "Dorian Reed", "Esme Hollow"]
    for nth, (link, name) in enumerate(zip(links, names, strict=True), 1):
        member = visit(viewport=PHONE, javascript=javascript)
        member.go(link)
        expect(member.page.locator("main")).to_contain_text("asks you as a member")
        assert member.page.input_value("[name=affiliation]") == "The Paper Lanterns"
        sign(member, link, mailbox, name=name, email=f"m{nth}@example.org")
        reader.go(band.get_absolute_url())
        expect(reader.page.locator("main")).to_contain_text(name)
        told = reader.page.locator("#members-title").inner_text()
        assert told == ("All 5 members have signed" if nth == 5 else "Members who have signed")
        member.left_no_trace()
    assert Membership.all_have_signed(band) == 5
    tally.fold()
    reader.go("/")
    expect(reader.page.locator(".number")).to_contain_text(re.compile("5 have signed"))
    expect(reader.page.locator(".number")).to_contain_text("and 1 band or organisation")
    reader.left_no_trace()
