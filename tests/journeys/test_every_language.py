"""Every public page in every language on the narrowest phone, and the whole way of a signer in Arabic and in Japanese."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.utils import timezone
from playwright.sync_api import APIResponse
from pytest_django import Settings

from declaration import languages
from declaration.demo import text as demo_text
from signatories.demo import invented_people
from signatories.editions import services as editions
from signatories.models import Card, Signature
from signatories.models.edition import Part
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.editions.building import build, text_of
from tests.journeys.conftest import Visitor, log_in
from tests.people import read_mail, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]
NARROW, PHONE = {"width": 320, "height": 640}, {"width": 375, "height": 740}
CODES = [code for code, _name in languages.known()]
PATHS = (
    "/", "/signatories/", "/signatories/?q=nobody-at-all", "/press/", "/press/verify/", "/press/presence/",
    "/press/verification/", "/press/editions/", "/about/", "/privacy/", "/confirm/", "/confirm/1.garbled/", "/mine/",
    "/sign/for/", "/sign/group/", "/partners/", "/embed/", "/updates/", "/nowhere/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def every_language(settings: Settings) -> None:
    """All languages are on, with a text in each; some have signed."""
    settings.LANGUAGES = languages.known()
    text()
    demo_text.write_press_page()
    invented_people.signatures(60, until=timezone.now())


def prefix(language: str) -> str:
    """What stands before the paths of a language."""
    return "" if language == "en" else f"/{language}"


@pytest.mark.parametrize("language", CODES)
def test_no_page_is_wider_than_the_narrowest_phone(visit: Visit, language: str) -> None:
    visitor = visit(viewport=NARROW)
    number = Signature.objects.public().latest("pk").number
    for path in (*PATHS, f"/signatories/{number}/"):
        visitor.go(f"{prefix(language)}{path}")
        speaks(visitor, language)
        visitor.looks_right()
    assert visitor.context.cookies() == []
    assert visitor.foreign == []


def speaks(visitor: Visitor, language: str) -> None:
    """The page says in which language and direction it is."""
    head = visitor.page.locator("html")
    direction = "rtl" if language == "ar" else "ltr"
    assert (head.get_attribute("lang"), head.get_attribute("dir")) == (language, direction), visitor.page.url


@pytest.mark.parametrize("language", CODES)
def test_pages_of_accounts_speak_the_language_of_the_browser(
    visit: Visit, olga: AbstractBaseUser, language: str
) -> None:
    visitor = visit(viewport=NARROW, locale=language)
    for path in ("login/", "login/code/", "password/reset/", "signup/", "invitation/1.garbled/"):
        visitor.go(f"/accounts/{path}")
        speaks(visitor, language)
        visitor.looks_right()
    log_in(visitor)
    for path in ("2fa/", "2fa/recovery-codes/", "2fa/webauthn/add/", "sessions/", "password/change/", "logout/"):
        visitor.go(f"/accounts/{path}")
        speaks(visitor, language)
        visitor.looks_right()


@pytest.mark.parametrize("language", ["ar", "ja"])
def test_pages_of_one_signer(visit: Visit, mailbox: Catcher, language: str) -> None:
    """The page after the form, the mail, confirming, the own page and withdrawing: on the narrowest phone, by axe."""
    visitor = visit(viewport=NARROW)
    visitor.go(f"{prefix(language)}/")
    fill_in(visitor, "نورس الفنارجي" if language == "ar" else "星野原 さくら")
    visitor.looks_right()
    mail = read_mail(mailbox)
    visitor.page.goto("about:blank")  # a mail is read under the rules of no site
    visitor.page.set_content(mail.html)
    visitor.is_no_wider_than_the_window()
    visitor.go(mail.path("confirm"))
    visitor.looks_right()
    visitor.page.click("form [type=submit]")
    visitor.looks_right()
    visitor.go(visitor.page.get_attribute("main a[href*='/mine/']", "href") or "")
    visitor.looks_right()
    visitor.page.click("a[href$='/withdraw/']")
    visitor.looks_right()
    visitor.left_no_trace()


def fill_in(visitor: Visitor, name: str) -> None:
    """Fill the form in and send it."""
    visitor.page.fill("[name=name]", name)
    visitor.page.fill("[name=email]", "ann@example.org")
    visitor.page.select_option("[name=profession]", "singer")
    visitor.page.check("[name=appearance][value=named]")
    visitor.page.click("form[action*='/sign/'] [type=submit]")
    visitor.page.wait_for_url("**/sign/sent/**")


def make_a_card(visitor: Visitor) -> str:
    """Go on from the page after confirming to a card, on a phone; returns the address of the own page."""
    visitor.page.click("main a[href$='/card/']")
    visitor.looks_right()
    visitor.page.click("form [type=submit]")
    visitor.page.locator("img.card").wait_for()
    visitor.looks_right()
    return visitor.page.url.removesuffix("card/")


def fetch(visitor: Visitor, path: str) -> APIResponse:
    """Ask as a network that shows the link would."""
    return visitor.context.request.get(visitor.site + path)


def printed(language: str, folder: Path) -> str:
    """The words of the newest list in a language, as they are read out of its PDF."""
    part = editions.ask_part(build(), Part.FULL, language=language)
    while editions.build_waiting_part():
        pass
    with default_storage.open(part.files.get(format="pdf").path) as file:
        (folder / "list.pdf").write_bytes(file.read())
    return text_of(folder / "list.pdf")


@pytest.mark.parametrize(
    ("language", "name", "mended", "searched", "filed"),
    [
        ("ar", "نورس الفنارجي", "نورس الفنارجاني", "الفنارجاني", ""),
        ("ja", "星野原さくら", "星野原さくら子", "ほしのはら", "ほしのはら さくらこ"),
    ],
)
def test_sign_confirm_be_listed_mend_and_withdraw(
    visit: Visit, mailbox: Catcher, tmp_path: Path, language: str, name: str, mended: str, searched: str, filed: str
) -> None:
    visitor = visit(viewport=PHONE)
    visitor.go(f"/{language}/")
    fill_in(visitor, name)
    mail = read_mail(mailbox)
    assert f'lang="{language}"' in mail.html
    visitor.go(mail.path("confirm"))
    if filed:
        field = visitor.page.locator("[name=filed_under]")
        visitor.page.locator("details", has=field).locator("summary").first.click()
        visitor.page.fill("[name=filed_under]", filed)
    visitor.page.click("form [type=submit]")
    signature = Signature.objects.get(name=name)
    assert (signature.state, signature.language, signature.text.language) == (State.PUBLISHED, language, language)
    tally.fold()
    own = make_a_card(visitor)
    card = Card.objects.get()
    assert card.language == language
    before = fetch(visitor, card.picture_url)
    assert before.status == 200
    assert "max-age=30" in before.headers["cache-control"]  # so it is gone within a minute from every cache
    visitor.go(own)
    visitor.page.fill("[name=name]", mended)
    visitor.page.click("main form [type=submit] >> nth=0")
    visitor.page.locator("[role=status]").wait_for()
    visitor.go(f"/{language}/signatories/?q={searched}")
    assert mended in visitor.page.inner_text("main")
    visitor.page.click(f"main a:has-text('{mended}')")
    assert mended in visitor.page.inner_text("h1")
    visitor.looks_right()
    after = fetch(visitor, card.picture_url)
    assert after.body() != before.body()
    visitor.go(card.get_absolute_url())
    assert mended in visitor.page.inner_text("h1")
    visitor.looks_right()
    assert mended in printed(language, tmp_path)
    visitor.go(f"{own}withdraw/")
    visitor.page.click("form [type=submit]")
    assert fetch(visitor, card.picture_url).status == fetch(visitor, card.get_absolute_url()).status == 404
    visitor.go(f"/{language}/signatories/?q={searched}")
    assert mended not in visitor.page.inner_text("main")
    visitor.left_no_trace()


@pytest.mark.parametrize("language", CODES)
def test_the_first_load_is_small(visit: Visit, language: str) -> None:
    """At most 100 KB for page, style, script and faces; scripts without a face of ours use the reader's own."""
    visitor = visit()
    sizes: dict[str, int] = {}
    visitor.page.on("response", lambda response: sizes.update({response.url: packed(response.body())}))
    visitor.page.goto(f"{visitor.site}{prefix(language)}/", wait_until="networkidle")
    assert sum(sizes.values()) <= 100 * 1024, sizes


def packed(body: bytes) -> int:
    """The size of an answer on its way: compressed, as the page cache and the server of files do."""
    return min(len(body), len(gzip.compress(body, 6)))
