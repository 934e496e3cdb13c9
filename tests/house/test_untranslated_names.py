"""A browser that translates pages leaves names alone, and each name says its own language, on every page."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from signatories.desk.queue import services as queue
from signatories.models import Signature, Signup
from tests.people import enter, organizer, post_form, read_mail, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db

NAME, LATIN, BAND = "星野原花音", "Kanon Hoshinohara", "The Quillifeather Lanterns"
_VOID = {"meta", "link", "input", "br", "hr", "img", "wbr", "source", "col"}


class Texts(HTMLParser):
    """The texts of a page, each with whether it may be translated, and its language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool, str]] = [("", True, "")]
        self.texts: list[tuple[str, bool, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            told, (_tag, may, lang) = dict(attrs), self.open[-1]
            self.open.append((tag, may and told.get("translate") != "no", told.get("lang") or lang))

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open[-1][0] not in ("title", "script", "style", "textarea", "option"):
            self.texts.append((data, *self.open[-1][1:]))


def holds(page: str, words: str, language: str | None = None) -> None:
    """The words stand in the page, always as a name."""
    found = [(may, lang) for data, may, lang in Texts(page).texts if words in data]
    assert found, re.sub(r"\s+", " ", page)
    assert not any(may for may, _lang in found)
    if language:
        assert {lang for _may, lang in found} == {language}


def test_pages_that_strangers_see(client: Client) -> None:
    signature = signed(name=NAME, name_latin=LATIN, affiliation=BAND, country="JP")
    for path in ("/", "/fr/", "/signatories/", "/fr/signatories/", f"/signatories/{signature.number}/"):
        page = client.get(path).content.decode()
        holds(page, NAME, "ja")
        holds(page, LATIN, "ja-Latn")
        holds(page, BAND)


def test_pages_of_the_signer(client: Client, mailbox: Catcher) -> None:
    text()
    post_form(client, name=NAME, affiliation=BAND, country="JP")
    link = read_mail(mailbox).path("confirm")
    holds(client.get(link).content.decode(), NAME)
    assert client.post(link).status_code == 303
    holds(client.get(link).content.decode(), NAME)
    client.post("/mine/", {"email": "ann@example.org"})
    holds(client.get(read_mail(mailbox).path("mine")).content.decode(), NAME)


def test_the_second_person_of_a_mailbox_and_one_who_is_represented(client: Client, mailbox: Catcher) -> None:
    signed(name="Nils Quillfeather")
    post_form(client, name=NAME)
    page = client.get(read_mail(mailbox).path("confirm")).content.decode()
    holds(page, NAME)
    holds(page, "Nils Quillfeather")


def test_pages_of_organizers(client: Client) -> None:
    signature = signed(name=NAME, name_latin=LATIN, affiliation=BAND, country="JP")
    Signature.objects.update(state="held", held_for=["organizer"], featured=1)
    olga = organizer()
    enter(client, olga)
    for path in ("/desk/queue/", f"/desk/signatures/{signature.pk}/", "/desk/notable/"):
        holds(client.get(path).content.decode(), NAME, "ja")
    signup = Signup.objects.get()
    holds(client.get(f"/desk/signups/{signup.pk}/", follow=True).content.decode(), NAME, "ja")
    holds(client.post("/desk/find/", {"q": LATIN}).content.decode(), NAME, "ja")
    queue.reject(signature_id=signature.pk, organizer=olga, reason="invented", now=timezone.now())
    holds(client.get("/desk/trail/").content.decode(), NAME, "ja")
