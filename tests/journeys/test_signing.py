"""The main journey in a real browser: read, sign, confirm by mail, be listed."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Route

from declaration.models import PressPage
from signatories.demo import invented_people
from signatories.models import Edition, Signature, Signup, WatchedName
from signatories.models.edition import EditionState
from signatories.tally import services as tally
from tests.faults.length import LONG
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.form import fill, send
from tests.people import read_mail, sign_up, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]
APPS = {"mailto", "sms"}  # what a link opens outside the browser


@pytest.fixture(autouse=True)
def launch_day() -> None:
    """A text and some who have signed."""
    text()
    invented_people.signatures(40, until=timezone.now())


def press_day() -> None:
    """Names in front, words for the press, an edition and an older one without files."""
    for place, signature in enumerate(Signature.objects.public()[:5], start=1):
        Signature.objects.filter(pk=signature.pk).update(featured=place)
    PressPage.objects.create(
        language="en", key_points="Nobody was asked.", behind="A *society*.", funding="Members.",
        contact_name="Perpetua Quill", contact_email="press@declaration.example", contact_phone="+353 1 555",
    )  # fmt: skip
    now = timezone.now()
    for edition, retired in ((1, now), (2, None)):
        Edition.objects.create(
            number=edition, state=EditionState.READY, as_of=now, named=40, pages=3, pdf_sha256="ab" * 32,
            csv_sha256="cd" * 32, retired_at=retired,
        )  # fmt: skip


@pytest.mark.parametrize("javascript", [True, False])
def test_on_a_phone(visit: Visit, mailbox: Catcher, javascript: bool) -> None:
    visitor = visit(javascript=javascript, viewport=PHONE)
    visitor.go("/")
    fill(visitor)
    send(visitor)
    assert "ann@example.org" in visitor.page.inner_text("main")
    visitor.go(read_mail(mailbox).path("confirm"))
    assert not Signature.objects.filter(name="Aveline Ashgrove").exists()
    assert visitor.page.input_value("[name=name]") == "Aveline Ashgrove"
    visitor.page.click("form [type=submit]")
    assert "signed" in visitor.page.inner_text("main")
    tally.fold()
    visitor.go("/signatories/?q=aveline ashgrove")
    assert "Aveline Ashgrove" in visitor.page.inner_text("main")
    visitor.left_no_trace()


def test_with_the_keyboard_alone(visit: Visit, mailbox: Catcher) -> None:
    visitor = visit(viewport=DESK)
    visitor.go("/#sign")
    page = visitor.page

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name || document.activeElement.type") == name:
                return
        raise AssertionError(f"Tab never reaches {name}")

    page.focus("[name=name]")
    page.keyboard.type("Bram Bellweather")
    tab_to("profession")
    page.keyboard.type("Singer")
    tab_to("email")
    page.keyboard.type("bram@example.org")
    tab_to("appearance")
    page.keyboard.press("Space")
    tab_to("submit")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign/sent/**")
    visitor.go(read_mail(mailbox, "bram@example.org").path("confirm"))
    tab_to("submit")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Signature.objects.get(name="Bram Bellweather").named


def test_the_typed_code_instead_of_the_link(visit: Visit, mailbox: Catcher) -> None:
    visitor = visit(javascript=False)
    visitor.go("/")
    fill(visitor, email="code@example.org")
    send(visitor)
    visitor.page.fill("[name=code]", read_mail(mailbox, "code@example.org").code)
    visitor.page.click("form [type=submit]")
    assert visitor.page.input_value("[name=name]") == "Aveline Ashgrove"


def test_errors_stand_in_a_summary_that_has_the_focus_and_nothing_typed_is_lost(visit: Visit) -> None:
    visitor = visit()
    visitor.go("/")
    visitor.page.fill("[name=name]", "Ann www.spam.example")
    visitor.page.fill("[name=affiliation]", "The Paper Lanterns")
    send(visitor)
    assert visitor.page.input_value("[name=name]") == "Ann www.spam.example"
    assert visitor.page.input_value("[name=affiliation]") == "The Paper Lanterns"
    assert visitor.page.evaluate("document.activeElement.closest('[role=alert]') !== null")
    assert "web addresses" in visitor.page.inner_text("[role=alert]")
    visitor.looks_right()


def test_a_scanner_that_runs_scripts_confirms_nothing(visit: Visit, mailbox: Catcher) -> None:
    """T2."""
    mail = sign_up(Client(), mailbox)
    visitor = visit()
    for _ in range(2):
        visitor.go(mail.path("confirm"))
        visitor.page.mouse.move(100, 300)
        visitor.page.wait_for_timeout(10_000 if LONG else 1500)
    assert not Signature.objects.filter(name="Aveline Ashgrove").exists()


# What a browser's autofill does: it sets the values of all the fields it knows, seen or not, and tells the page.
AUTOFILL = """known => {
    for (const field of document.querySelector("form [name=email]").form.elements)
        if (field.autocomplete in known) {
            field.value = known[field.autocomplete];
            for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, {bubbles: true}));
        }
}"""


def test_what_the_browser_fills_in_by_itself_is_taken(visit: Visit) -> None:
    """T35: no field is a trap for autofill; the rest is chosen by hand."""
    visitor = visit(viewport=PHONE)
    visitor.go("/")
    known = {
        "name": "Aveline Ashgrove", "email": "ann@example.org", "organization": "The Paper Lanterns", "country": "IE",
        "url": "https://ashgrove.example", "tel": "+353 1 555", "street-address": "1 Quay", "postal-code": "D01", "address-level2": "Dublin",
    }  # fmt: skip
    visitor.page.evaluate(AUTOFILL, known)
    visitor.page.select_option("[name=profession]", "singer")
    visitor.page.check("[name=appearance][value=named]")
    send(visitor)
    assert "ann@example.org" in visitor.page.inner_text("main")
    signup = Signup.objects.get()
    assert (signup.name, signup.affiliation, signup.country.code, signup.held_for) == (
        "Aveline Ashgrove", "The Paper Lanterns", "IE", [],
    )  # fmt: skip


def test_no_link_of_a_private_page_carries_it_elsewhere(visit: Visit, mailbox: Catcher) -> None:
    """T7: whatever is clicked on the pages behind a link of a mail, nobody else hears of that link."""
    visitor = visit()
    policies: dict[str, str] = {}
    visitor.page.on("response", lambda answer: policies.update({answer.url: answer.headers.get("referrer-policy", "")}))
    clicked: set[str] = set()
    heard: list[str] = []

    def elsewhere(route: Route) -> None:
        heard.append(f"{route.request.url} {route.request.headers}")
        route.fulfill(body="another site")

    visitor.context.route(lambda address: not address.startswith(visitor.site), elsewhere)

    def click_every_link(path: str) -> None:
        visitor.go(path)
        assert policies[visitor.site + path] == "same-origin", path
        links = visitor.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        away = visitor.page.eval_on_selector_all(
            "a[href^='http']:not([rel='noopener noreferrer'])", "links => links.map(link => link.href)"
        )
        assert all(link.startswith(visitor.site) for link in away)
        for link in dict.fromkeys(links):
            if link not in clicked and urlsplit(link).scheme not in APPS and not link.endswith("/data.json"):
                clicked.add(link)
                visitor.go(path)
                with visitor.page.expect_navigation(wait_until="commit"):
                    visitor.page.evaluate("href => [...document.links].find(link => link.href == href).click()", link)

    mail = sign_up(Client(), mailbox)
    confirm = mail.path("confirm")
    click_every_link(confirm)
    click_every_link(mail.path("stop"))
    visitor.go(confirm)
    visitor.page.click("form [type=submit]")
    click_every_link(confirm)
    visitor.go(confirm)
    own = visitor.page.get_attribute("a[href^='/mine/']", "href")
    assert own
    click_every_link(own)
    click_every_link(f"{own}withdraw/")
    visitor.go(f"{own}withdraw/")
    visitor.page.click("form [type=submit]")
    click_every_link(urlsplit(visitor.page.url).path)
    assert len(clicked) > 10
    assert 0 < len(heard) == len(visitor.foreign)  # only what was clicked
    for secret in (confirm, own):
        assert not any(secret.strip("/").rpartition("/")[2] in said for said in heard)
    assert not any("referer" in said.lower() for said in heard)


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
def test_every_page_and_state_is_accessible(
    visit: Visit, mailbox: Catcher, scheme: str, viewport: dict[str, int]
) -> None:
    WatchedName.objects.create(name="Cassius Moonwright")
    press_day()
    number = Signature.objects.public().earliest("number").number
    visitor = visit(viewport=viewport, color_scheme=scheme)
    public = [
        "/",
        "/fr/",
        "/signatories/",
        "/signatories/?q=nobody-at-all",
        f"/signatories/{number}/",
        f"/report/?number={number}",
        "/report/sent/",
        "/press/",
        "/press/editions/",
        "/press/editions/1/",
        "/press/editions/2/",
        "/about/",
        "/privacy/",
    ]
    for path in [*public, "/sign/sent/", "/confirm/", "/accounts/login/"]:
        visitor.go(path)
        visitor.looks_right()
    assert visitor.complaints == []
    for broken in ("/nowhere/", "/confirm/1.garbled/", "/stop/garbled/"):
        visitor.go(broken)
        visitor.looks_right()
    visitor.go("/")
    fill(visitor, name="Cassius Moonwright", email=f"{scheme}{viewport['width']}@example.org")
    send(visitor)
    visitor.looks_right()
    visitor.page.fill("[name=code]", "0000")
    visitor.page.click("form [type=submit]")
    visitor.looks_right()
    mail = read_mail(mailbox, f"{scheme}{viewport['width']}@example.org")
    for path in (mail.path("stop"), mail.path("confirm")):
        visitor.go(path)
        visitor.looks_right()
    visitor.page.click("form [type=submit]")
    visitor.looks_right()


@pytest.mark.parametrize(
    ("name", "affiliation"),
    [("X" * 190, "Y" * 120), ("نورس بن " * 20 + "الرمّاني", "فرقة (1) القمر"), ("נועם " * 30 + "הרדוף", "להקה 2!")],
)
def test_long_and_right_to_left_names_fit_a_phone(visit: Visit, name: str, affiliation: str) -> None:
    row = Signature.objects.public().first()
    assert row
    Signature.objects.filter(pk=row.pk).update(name=name, affiliation=affiliation)
    visitor = visit()
    for path in ("/signatories/", f"/signatories/{row.number}/", "/"):
        visitor.go(path)
        visitor.is_no_wider_than_the_window()


def test_the_first_load_is_small(visit: Visit) -> None:
    visitor = visit()
    sizes: list[int] = []
    visitor.page.on("response", lambda response: sizes.append(len(response.body())))
    visitor.page.goto(visitor.site + "/", wait_until="networkidle")
    assert sum(sizes) <= 100 * 1024, sizes
