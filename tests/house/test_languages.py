"""The operator switches languages on; what is off or missing leads on kindly, and one number counts everybody."""

import gzip

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration import languages
from declaration.models import Text, forget_current
from declaration.web import page_cache
from signatories.demo import invented_people
from signatories.models import Signature, Signup
from signatories.tally import services as tally
from tests.people import form, read_mail, set_to, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def every_language(settings: Settings) -> None:
    """All languages are on."""
    settings.LANGUAGES = languages.known()


def test_the_operator_names_languages_in_any_way() -> None:
    assert [code for code, _name in languages.switched_on(["de", "FR", "de"])] == ["en", "de", "fr"]
    assert languages.switched_on([]) == [("en", "English")]
    assert languages.switched_on(["all"]) == languages.known()
    names = dict(languages.known())
    assert names["ar"] == "العربية"
    assert names["fr"] == "Français"


@pytest.mark.parametrize("code", ["xx", "de-at", "../de", "DE_de", "d", ""])
def test_a_language_without_a_catalogue_is_refused_at_the_start(code: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="There are: en, "):
        languages.switched_on(["fr", code])


def test_a_language_that_is_off_leads_to_english(client: Client) -> None:
    text()
    for path in ("/", "/signatories/?q=ann", "/confirm/1.garbled/"):
        answer = client.get(f"/de{path}")
        assert (answer.status_code, answer.headers["Location"]) == (302, path)
    assert 'hreflang="de"' not in client.get("/").content.decode()
    assert client.get("/robots.txt").content.decode().count("/de/") == 0


@pytest.mark.parametrize(
    "path", ["/de//evil.example/", "/de///evil.example", "/de//evil.example/?/de/", "/de/%2F/evil.example"]
)
def test_it_leads_to_no_other_site(client: Client, path: str) -> None:
    place = client.get(path).headers.get("Location", "/")
    assert place.startswith("/")
    assert not place.startswith(("//", "/\\"))


@pytest.mark.parametrize("path", ["/xx/", "/en/", "/de-AT/", "/eo/", "/DE/", "/de", "/d/", "/deutsch/"])
def test_a_code_that_is_no_language_of_ours_is_an_address_like_any_other(client: Client, path: str) -> None:
    text()
    answer = client.get(path)
    assert answer.status_code in (301, 404)
    assert answer.headers.get("Location", "/de/") in {f"{path}/"} or answer.status_code == 404


def test_a_form_sent_in_a_language_that_was_switched_off_is_taken(
    client: Client, mailbox: Catcher, settings: Settings, every_language: None
) -> None:
    text()
    settings.LANGUAGES = [("en", "English")]
    assert client.post("/de/sign/", form()).status_code == 303
    assert Signup.objects.get().language == "de"
    mail = read_mail(mailbox)
    assert 'lang="de"' in mail.html
    answer = client.get(mail.path("confirm"), follow=True)
    assert answer.status_code == 200
    assert client.post(mail.path("confirm")).status_code == 303
    assert Signature.objects.get().language == "de"


def test_one_number_counts_all_languages(client: Client, mailbox: Catcher, every_language: None) -> None:
    text()
    for code, _name in languages.known():
        prefix = "" if code == "en" else f"/{code}"
        assert (
            client.post(f"{prefix}/sign/", form(email=f"{code}@example.org", name=f"Person {code}")).status_code == 303
        )
        assert client.post(read_mail(mailbox, f"{code}@example.org").path("confirm")).status_code == 303
    signed = Signature.objects.select_related("text")
    assert {row.language for row in signed} == {row.text.language for row in signed} == dict(languages.known()).keys()
    assert len({row.text.sha256 for row in signed}) == len(languages.known())
    tally.fold()
    assert client.get("/api/v1/count").json()["count"] == len(languages.known())


def test_a_translation_says_so_and_leads_to_the_original(client: Client, every_language: None) -> None:
    text()
    german = client.get("/de/").content.decode()
    assert '<a href="/" lang="en" hreflang="en">English</a>' in german
    assert 'hreflang="en">English</a>.' not in client.get("/").content.decode()
    set_to(original_language="de")
    assert '<a href="/de/" lang="de" hreflang="de">Deutsch</a>' in client.get("/").content.decode()
    assert 'role="note"' not in client.get("/de/").content.decode()


def test_a_newer_version_of_the_original_is_told(client: Client, every_language: None) -> None:
    published = text().published_at
    set_to(original_language="fr")
    assert "newer version" not in client.get("/").content.decode()
    Text.objects.create(version=2, language="fr", title="Plus récent", body="Des mots.", published_at=published)
    forget_current()
    assert "The original has a newer version." in client.get("/").content.decode()


def test_a_text_that_is_missing_is_shown_in_another_language_and_said(
    client: Client, mailbox: Catcher, every_language: None
) -> None:
    text()
    Text.objects.filter(language="ar").delete()
    page = client.get("/ar/").content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert '<h1 lang="en" dir="auto">' in page
    assert 'href="/" hreflang="en"' in page
    assert client.post("/ar/sign/", form()).status_code == 303
    shown = client.get(read_mail(mailbox).path("confirm")).content.decode()
    assert 'href="/" hreflang="en"' in shown
    assert Signup.objects.get().text.language == "en"


@pytest.mark.parametrize("path", ["/press/sample.csv", "/nothing/here/?q=x", "/fr/nothing/"])
def test_from_an_address_where_nothing_stands_the_menu_leads_to_the_front_pages(
    client: Client, every_language: None, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    page = answer.content.decode()
    for code, _name in languages.known():
        assert f'<a href="{"/" if code == "en" else f"/{code}/"}" lang="{code}"' in page


def test_a_page_with_one_address_has_no_menu_that_does_nothing(client: Client, every_language: None) -> None:
    answer = client.get("/oembed?url=https://elsewhere.example/")
    assert answer.status_code == 404
    assert 'class="languages"' not in answer.content.decode() and "row languages" not in answer.content.decode()


def test_the_menu_folds_where_many_do_not_fit(client: Client, every_language: None, settings: Settings) -> None:
    text()
    page = client.get("/ja/").content.decode()
    assert '<details class="languages">' in page
    assert page.count('hreflang="ar"') == 2  # for readers and for search engines
    settings.LANGUAGES = languages.switched_on(["fr"])
    assert '<details class="languages">' not in client.get("/about/").content.decode()
    settings.LANGUAGES = languages.switched_on([])
    assert 'hreflang="en" aria-current' not in client.get("/privacy/").content.decode()


def test_the_desk_shows_what_is_translated(desk: Client, settings: Settings) -> None:
    text()
    settings.LANGUAGES = languages.switched_on(["de", "fr"])
    page = " ".join(desk.get("/desk/texts/languages/").content.decode().split())
    rows = {row.split("</bdi>")[0].rpartition(">")[2]: row for row in page.split('<th scope="row">')[1:]}
    assert list(rows) == [name for _code, name in languages.known()]
    assert "<td>on</td> <td>100 %</td>" in rows["Français"]
    assert "none: readers get that in English" in rows["Deutsch"]
    assert "<td>off</td>" in rows["日本語"]
    assert "native reader" in page
    assert all(translated.doubts > 0 for translated in languages.translations() if translated.code != "fr")


def test_all_pages_in_all_languages_have_room_in_the_memory_of_a_process(client: Client, every_language: None) -> None:
    """Pages that have one address a language; a third of the room is for what has a number in its address."""
    text()
    invented_people.signatures(150, until=timezone.now())
    paths = (
        "/", "/signatories/", "/press/", "/press/cite.txt", "/press/editions/", "/press/verification/", "/about/", "/privacy/",
        "/partners/", "/updates/", "/embed/",
    )  # fmt: skip
    pages = [
        client.get(("" if code == "en" else f"/{code}") + path).content
        for code, _name in languages.known() for path in paths
    ]  # fmt: skip
    assert sum(len(page) + len(gzip.compress(page, 6)) for page in pages) < page_cache.MOST_BYTES * 2 / 3


def test_a_text_of_another_language_than_the_page_is_not_said_to_be_missing(
    client: Client, mailbox: Catcher, every_language: None, settings: Settings
) -> None:
    """Somebody signs in German and opens the link after German was switched off, or in another language of the menu."""
    text()
    client.post("/de/sign/", form())
    path = read_mail(mailbox).path("confirm")
    for page in (path, path.removeprefix("/de"), path.replace("/de/", "/ar/")):
        shown = client.get(page).content.decode()
        assert "not there in this language" not in shown
        assert 'hreflang="de">' not in shown.partition("<main")[2]
