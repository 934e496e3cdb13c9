"""From an empty database to the first name, with no shell after the first command; the pictures of the handbook.

PICTURES=1 make test ARGS=tests/journeys/test_first_hour.py makes them anew.
"""

import os
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from declaration.demo import totp
from declaration.models import Text, forget_current
from signatories.mail import check
from signatories.models import Signature
from signatories.models.signature import State
from signatories.operations import heartbeats
from tests.dns import serving
from tests.journeys.conftest import DESK, Visitor, log_in
from tests.people import organizer, read_mail
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 375, "height": 740}
PICTURES = Path(__file__).parents[2] / "docs" / "organizers"
TALLEST, LEAST = 1100, 640  # of a picture, pixels
ADA = "ada@declaration.example"
WORDS = {
    "en": (
        "Ask us first",
        "**Our names and voices are no raw material.**\n\nWhoever wants to train on them asks first.",
    ),
    "fr": (
        "Demandez-nous d’abord",
        "**Nos noms et nos voix ne sont pas une matière première.**\n\nQu’on nous demande.",
    ),
}


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_from_an_empty_database_to_the_first_name(
    visit: Callable[..., Visitor], mailbox: Catcher, tmp_path: Path, viewport: dict[str, int]
) -> None:
    folder = PICTURES if os.environ.get("PICTURES") and viewport is DESK else tmp_path
    ada, signer = visit(viewport=viewport), visit(viewport=PHONE)
    signer.go("/")
    expect(signer.page.locator("h1")).to_have_text("Not open yet")
    signer.looks_right()
    comes_in(ada)
    expect(ada.page.locator("h1")).to_have_text("Start")
    writes(ada)
    watches(ada, "Aurelia Vantongeren", "Her agency, +353 1 555 010")
    asks_for_a_mail(ada, mailbox)
    rehearses(ada, mailbox)
    ada.go("/desk/start/")
    ada.looks_right()
    states = dict(zip(ada.page.locator(".steps > li").evaluate_all("items => items.map(i => i.id)"),
                      ada.page.locator(".steps .state").all_inner_texts(), strict=True))  # fmt: skip
    assert states["text"] == states["watch-list"] == states["rehearsal"] == "done"
    assert states["open"] == states["press"] == "to do"
    picture(ada, folder / "start.png")
    opens(ada)
    for name in ("Bram Bellweather", "Aurelia Vantongeren"):
        signs(signer, mailbox, name)
    decides(ada, folder)
    signer.go("/signatories/")
    for name in ("Bram Bellweather", "Aurelia Vantongeren"):
        expect(signer.page.get_by_role("main")).to_contain_text(name)
    signer.go("/fr/")
    expect(signer.page.locator("h1")).to_have_text(WORDS["fr"][0])
    signer.left_no_trace()
    assert (ada.foreign, ada.complaints) == ([], [])


def picture(visitor: Visitor, path: Path) -> None:
    """The upper part of the page, without the navigation, as somebody sees it whose site runs."""
    heartbeats.beat(part="beat", now=timezone.now())
    for queue in heartbeats.QUEUES:
        heartbeats.beat(part=queue, now=timezone.now())
    visitor.page.reload()
    box = visitor.page.locator("main").bounding_box()
    assert box
    height = max(min(box["height"], TALLEST), LEAST)  # what is open beside the queue does not count as its height
    visitor.page.screenshot(path=path, full_page=True, clip=dict(box) | {"height": height})  # type: ignore[arg-type]


def comes_in(ada: Visitor) -> None:
    """By the link that the one command prints: a password, an app, and the recovery codes are kept."""
    out, page = StringIO(), ada.page
    call_command("invite", ADA, stdout=out)
    link = next(word for word in out.getvalue().split() if "/accounts/" in word)
    ada.go(urlsplit(link).path)
    ada.looks_right()
    page.fill("[name=password1]", "a-rather-long-one-7")
    page.click("main form [type=submit]")
    page.wait_for_url("**/accounts/2fa/")
    ada.looks_right()
    page.click("text=Add an app")
    ada.looks_right()
    page.fill("[name=code]", totp.code(page.inner_text("code.digest").strip(), time.time()))
    page.click("main form [type=submit]")
    page.wait_for_url("**/recovery-codes/")
    ada.looks_right()
    page.click("text=to the desk")
    page.wait_for_url("**/desk/**")
    ada.looks_right()


def writes(ada: Visitor) -> None:
    """The text in both languages; nobody sees it yet."""
    page = ada.page
    page.click("text=Write the text")
    for code, (title, body) in WORDS.items():
        page.fill(f"#id_{code}-title", title)
        page.fill(f"#id_{code}-body", body)
    ada.looks_right()
    page.click("button:text-is('Save')")
    expect(page.locator("[role=status]")).to_have_text("Saved.")
    assert Text.objects.filter(published_at=None).count() == len(WORDS)


def watches(ada: Visitor, name: str, note: str) -> None:
    page = ada.page
    ada.go("/desk/start/")
    page.click("text=Edit the watched names")
    page.fill("[name=name]", name)
    page.fill("[name=note]", note)
    page.click("main form [type=submit]")
    expect(page.locator("main")).to_contain_text(name)
    ada.looks_right()


def asks_for_a_mail(ada: Visitor, mailbox: Catcher) -> None:
    """The worker mails and looks; the page says what it found."""
    ada.go("/desk/start/")
    ada.page.click("text=Mail me a test")
    expect(ada.page.locator("[role=status]")).to_contain_text("on its way")
    read_mail(mailbox, ADA)
    with serving({}) as server:
        assert check.run(timezone.now(), dns_server=server)
    ada.go("/desk/start/")
    expect(ada.page.locator("#mail")).to_contain_text("Tested ")


def rehearses(ada: Visitor, mailbox: Catcher) -> None:
    page = ada.page
    ada.go("/desk/start/")
    page.click("text=Rehearse")
    ada.looks_right()
    page.fill("[name=name]", "Ada Vance")
    page.select_option("[name=profession]", "singer")
    page.check("[name=appearance][value=named]")
    page.click("main form [type=submit]")
    page.wait_for_url("**/desk/start/**")
    ada.go(read_mail(mailbox, ADA).path("confirm"))
    ada.looks_right()
    page.click("form [type=submit]")
    expect(page.locator("main")).to_contain_text("rehearsal")
    assert not Signature.objects.exists()


def opens(ada: Visitor) -> None:
    page = ada.page
    page.click("text=See what will happen")
    ada.looks_right()
    expect(page.locator("main")).to_contain_text("The page for the press")
    page.click("text=Open now")
    expect(page.locator("[role=status]")).to_have_text("The declaration is open.")
    ada.looks_right()
    forget_current()


def signs(signer: Visitor, mailbox: Catcher, name: str) -> None:
    page, address = signer.page, f"{name.split()[0].lower()}@example.org"
    signer.go("/")
    page.fill("[name=name]", name)
    page.select_option("[name=profession]", "singer")
    page.fill("[name=email]", address)
    page.check("[name=appearance][value=named]")
    page.click("form button.sign")
    page.wait_for_url("**/sign/sent/**")
    signer.go(read_mail(mailbox, address).path("confirm"))
    page.click("form [type=submit]")
    signer.looks_right()


def decides(ada: Visitor, folder: Path) -> None:
    """The look-alike of the watched name waits, with the note on whom to ask."""
    page = ada.page
    assert Signature.objects.get(name="Bram Bellweather").state == State.PUBLISHED
    ada.go("/desk/queue/")
    entry = page.locator("[data-entry]")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("Her agency")
    ada.looks_right()
    picture(ada, folder / "waiting.png")
    entry.locator("[data-verify]").click()
    page.wait_for_url("**/verify/")
    ada.looks_right()
    page.fill("form[action*='/namesake/'] [name=reason]", "Her agency, called back: another person.")
    page.click("text=Publish it as a namesake")
    page.wait_for_load_state()
    assert Signature.objects.get(name="Aurelia Vantongeren").state == State.PUBLISHED


def test_the_handbook_is_read_at_the_desk(visit: Callable[..., Visitor]) -> None:
    organizer()
    visitor = log_in(visit(viewport=DESK))
    visitor.opens("Handbook")
    for viewport in (DESK, PHONE):
        visitor.page.set_viewport_size(viewport)  # type: ignore[arg-type]
        visitor.looks_right()
    widths = visitor.page.locator(".handbook img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert widths
    assert all(widths)
