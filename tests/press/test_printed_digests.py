"""A digest on a page is that of the file to which the page leads, in every language; invited press is shown none."""

import hashlib
import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from signatories.editions import services as editions
from signatories.models import EditionFile, EditionPart
from signatories.models.edition import EditionState, Part
from tests.editions.building import body, build
from tests.people import signed
from tests.press.early import let_in, prepared

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PAGE_SECONDS = 0


def build_full_list_in(language: str) -> None:
    """The lists that wait are cancelled but for this one, which is built."""
    waiting = EditionPart.objects.filter(state=EditionState.ASKED)
    waiting.exclude(language=language).update(state=EditionState.CANCELLED)
    while built := editions.build_waiting_part():
        assert (built.part, built.language, built.state) == (Part.FULL, language, EditionState.READY)


def compare(client: Client, page: str) -> list[str]:
    """Follow each link to a full list on a page, and compare its bytes with the digest printed of its format."""
    words = client.get(page).content.decode()
    printed = dict(re.findall(r'<dt>SHA-256, (\w+).*?</dt>\s*<dd class="digest">(\w{64})</dd>', words, re.DOTALL))
    links = re.findall(r'href="((?:/fr)?/press/(?:latest|editions/\d+/signatories)\.(\w+))"', words)
    assert {ending for _address, ending in links} == {"pdf", "xlsx", "csv", "json"}
    endings = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "json": "JSON"}
    for address, ending in links:
        content = body(client.get(address, follow=True))
        assert hashlib.sha256(content).hexdigest() == printed[endings[ending]], (page, address)
    pages = re.search(r"<dt>Pages</dt>\s*<dd>(\d+)</dd>", words)
    assert pages
    return [pages[1], *printed.values()]


def test_each_printed_digest_is_that_of_the_file_behind_its_link(client: Client) -> None:
    signed()
    editions.ask_part(build(), Part.FULL, language="fr")
    build_full_list_in("fr")
    EditionPart.objects.filter(language="fr").update(pages=77)
    both = [
        compare(client, f"{language}{page}") for page in ("/press/", "/press/editions/1/") for language in ("", "/fr")
    ]
    assert both[0] == both[2]
    assert both[1] == both[3]
    assert both[1][0] == "77"
    assert set(both[0]).isdisjoint(both[1])
    signed(name="Dorian Fell", address="dorian@example.org")
    second = build()  # in French it waits
    pages, *digests = compare(client, "/fr/press/")
    assert digests == both[1][1:]
    assert pages == str(second.pages) != "77"  # the facts are of edition 2
    assert "édition 1, au " in client.get("/fr/press/").content.decode().partition("SHA-256, PDF")[2][:80]
    newest = compare(client, "/press/")
    assert newest == compare(client, "/press/editions/2/") == compare(client, "/fr/press/editions/2/")
    assert compare(client, "/fr/press/editions/1/") == both[1]
    build_full_list_in("fr")
    assert compare(client, "/fr/press/") == compare(client, "/fr/press/editions/2/") != both[1]


def test_invited_press_reads_that_its_copy_is_marked_and_no_digest(client: Client, desk: Client) -> None:
    """What bears a name on every page has no digest of ours; after the release its reader learns so."""
    prepared()
    _account, press = let_in()
    ours = set(EditionFile.objects.values_list("sha256", flat=True))
    for page in ("/press/", "/press/editions/1/", "/press/editions/"):
        words = press.get(page).content.decode()
        assert "SHA-256, " not in words
        assert not [digest for digest in ours if digest in words], page
        assert page == "/press/editions/" or "nobody can check it by its SHA-256" in words
    marked = body(press.get("/press/latest.pdf"))
    desk.post("/desk/embargo/release/")
    answer = client.get("/press/verify/", {"sha256": hashlib.sha256(marked).hexdigest()}).content.decode()
    assert "It is no file of ours" in answer
    assert "A PDF that invited press loaded before the release bears a mark" in answer
    assert compare(client, "/press/editions/1/")
