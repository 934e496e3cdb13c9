"""Telling others: the picture beside a link, and what a signer is given to hand on."""

import html
import re
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import Settings
from redis import Redis

from declaration.models import Text, forget_current
from signatories.mine import services as mine
from signatories.models import Card, Partner, Signature
from signatories.models.signature import State
from signatories.sharing import card_pictures
from signatories.tally import services as tally
from tests.partners.partners import partner
from tests.people import sign_up, signed, text
from tests.sharing.cards import hide, looked_at, own, with_card
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def head(client: Client, path: str) -> dict[str, str]:
    """What the head of a page says to those who show a link to it."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    found = re.findall(r'<meta (?:property|name)="((?:og|twitter):[\w:]+)" content="([^"]*)">', answer.content.decode())
    assert len(dict(found)) == len(found), path
    return {name: html.unescape(content) for name, content in found}


@pytest.mark.parametrize("language", ["", "/fr"])
def test_four_kinds_of_pages_have_a_picture(client: Client, language: str) -> None:
    signature = signed()
    partner()
    tally.fold()
    site = f"{language}/card.png"
    for path, picture in {
        "/": site, f"/signatories/{signature.number}/": site, "/press/": site,
        "/with/stage-hands/": f"{language}/with/stage-hands/card.png",
    }.items():  # fmt: skip
        said = head(client, language + path)
        assert said["og:image"] == f"http://testserver{picture}", path
        assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
        assert said["og:image:alt"]
        assert said["og:title"]
        assert said["twitter:card"] == "summary_large_image"
        assert 'property="og:description"' in client.get(language + path).content.decode()
        answer = client.get(picture)
        assert answer["Content-Type"] == "image/png"
        assert answer["Cache-Control"].startswith("public, max-age=")
        assert not answer.cookies
        looked_at(answer.content)


@pytest.mark.parametrize(
    "path", ["/signatories/", "/about/", "/privacy/", "/mine/", "/press/editions/", "/confirm/", "/embed/"]
)
def test_other_pages_have_none(client: Client, path: str) -> None:
    signed()
    assert "og:image" not in head(client, path)


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words of each card that is drawn from now on."""
    words: list[str] = []
    plain = card_pictures.svg

    def noted(card: card_pictures.Card, theme: str) -> str:
        words.append(" | ".join(row.words for row in card.rows))
        return plain(card, theme)

    monkeypatch.setattr(card_pictures, "svg", noted)
    return words


def test_they_show_the_number_and_no_name(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.PAGE_SECONDS = 0
    partner()
    words = drawn(monkeypatch)
    title = text().title
    client.get("/card.png")
    signed()
    tally.fold()
    card_pictures.forget_pages()
    for path in ("/card.png", "/fr/card.png", "/with/stage-hands/card.png"):
        client.get(path)
    assert words[0] == f"{title} |  | Nobody has signed yet: be the first."
    assert words[1] == f"{title} |  | 1 has signed"
    assert words[2].endswith("1 personne a signé")
    assert "Union of Stage Hands" in words[3]
    assert not any("Aveline" in said for said in words)


def test_the_number_moves_on_once_a_minute(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, redis: Redis
) -> None:
    """However fast people sign, strangers cannot have a picture drawn for each of them, nor fill Redis with pictures."""
    settings.PAGE_SECONDS = 0
    partner()
    words = drawn(monkeypatch)
    before = [client.get(path).content for path in ("/card.png", "/with/stage-hands/card.png")]
    for n in range(3):
        signed(address=f"{n}@example.org", name=f"Person {n}")
        tally.fold()
        assert [client.get(path).content for path in ("/card.png", "/with/stage-hands/card.png")] == before
    assert len(words) == 2
    assert not redis.keys("*preview*")
    assert not redis.keys("*card:*")
    monkeypatch.setattr(card_pictures, "KEPT_SECONDS", 0)
    assert client.get("/card.png").content != before[0]


def test_no_more_pictures_are_kept_than_have_room(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_pictures, "MOST_PAGES", 3)
    monkeypatch.setattr(card_pictures, "png", lambda svg, scale: svg.encode())
    asked = []

    def card(key: str) -> card_pictures.Card:
        asked.append(key)
        return card_pictures.with_number(title=key, number="", brought_by="", address="example")

    for key in "abcdabb":
        card_pictures.of_page(key, lambda key=key: card(key))  # type: ignore[misc]
    assert asked == ["a", "b", "c", "d", "a", "b"]


def test_while_another_is_drawn_the_last_one_stands_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    text()
    shown = client.get("/card.png").content
    monkeypatch.setattr(card_pictures, "KEPT_SECONDS", 0)
    monkeypatch.setattr(card_pictures, "WAIT_SECONDS", 0.01)
    with card_pictures.alone():
        assert card_pictures.of_page(":en:0", lambda: pytest.fail("it was drawn")) == shown
        with pytest.raises(card_pictures.Busy):
            card_pictures.of_page("another", lambda: pytest.fail("it was drawn"))


@pytest.mark.parametrize("title", ["O’Brien & Sons' “work”", 'A <b> "quoted" 100 % + title', "عملنا ليس مادة"])
def test_words_arrive_as_they_are_meant(client: Client, title: str) -> None:
    text()
    Text.objects.filter(language="en").update(title=title)
    forget_current()
    signature = signed()
    page = client.get(own(signature).removesuffix("card/")).content.decode()
    links = [html.unescape(link) for link in re.findall(r'href="((?:mailto:\?|sms|https://(?:wa|bsky))[^"]*)"', page)]
    assert len(links) == 5
    for link in links:
        sent = unquote(link)
        assert title in sent, link
        assert "&#x27;" not in sent
        assert "&amp;" not in sent
    assert title in html.unescape(re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[-1])


def test_an_unknown_partner_and_one_that_has_ended_have_none(client: Client) -> None:
    text()
    made = partner()
    assert client.get("/with/nobody/card.png").status_code == 404
    Partner.objects.filter(pk=made.pk).update(ended_at=made.created_at)
    assert client.get("/with/stage-hands/card.png").status_code == 404


def test_an_embargo_hides_the_number(client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PAGE_SECONDS = 0
    partner()
    signed()
    tally.fold()
    hide()
    words = drawn(monkeypatch)
    for path in ("/", "/with/stage-hands/"):
        said = head(client, path)
        assert "signed" not in said["og:image:alt"]
        looked_at(client.get(urlsplit(said["og:image"]).path).content)
    assert len(words) == 2
    assert not any("signed" in said for said in words)


def test_the_code_of_the_site(client: Client) -> None:
    codes = []
    for path, address in (("/code.svg", "http://testserver/"), ("/fr/code.svg", "http://testserver/fr/")):
        answer = client.get(path)
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["Cache-Control"].startswith("public, max-age=")
        assert not answer.cookies
        drawing = ElementTree.fromstring(answer.content)
        codes.append(drawing.findtext("{http://www.w3.org/2000/svg}title"))
        assert codes[-1] == address


def confirmed(client: Client, mailbox: Catcher, **changes: str) -> str:
    path = sign_up(client, mailbox, **changes).path("confirm")
    client.post(path)
    return client.get(path).content.decode()


def shared(page: str) -> str:
    return page.partition('id="tell-title"')[2].partition("We never mail your friends")[0]


def test_who_has_confirmed_is_given_words_and_ways(client: Client, mailbox: Catcher) -> None:
    page = confirmed(client, mailbox)
    part = shared(page)
    number = Signature.objects.get().number
    assert f'data-share-url="http://testserver/signatories/{number}/"' in part
    assert "Ask three colleagues" in page
    assert "We never mail your friends" in page
    assert 'src="/code.svg"' in part
    assert "/card/" in part
    links = re.findall(r'<a [^>]*href="(https?://[^"]*)"[^>]*>', part)
    assert 0 < len(links) <= 4
    for link in re.findall(r'<a [^>]*href="https?://[^>]*>', part):
        assert 'rel="noopener noreferrer"' in link
    told = "".join(re.findall(r'(?:href|value)="((?!/)[^"]*)"', part)) + "".join(
        re.findall(r"<textarea.*?</textarea>", part, re.S)
    )
    assert "mine" not in told
    assert "confirm" not in told
    assert "example.org" not in told
    assert not re.search(r'\bsrc="(?!/)', page)


def test_the_own_page_offers_the_same(client: Client) -> None:
    signature = signed()
    page = client.get(own(signature).removesuffix("card/")).content.decode()
    assert f'href="{own(signature)}"' in page
    assert "Ask three colleagues" in page
    assert f'data-share-url="http://testserver/signatories/{signature.number}/"' in page


def test_a_card_is_what_is_handed_on(client: Client) -> None:
    card = with_card(client)
    page = client.get(own(card.signature).removesuffix("card/")).content.decode()
    assert f'data-share-url="http://testserver/cards/{card.token}/"' in page
    assert "Your card goes, too." in page
    mine.show_elsewhere(signature_id=card.signature.pk, agreed="")
    assert "/cards/" not in client.get(own(card.signature).removesuffix("card/")).content.decode()


def test_who_is_not_named_has_no_card_to_make(client: Client, mailbox: Catcher) -> None:
    page = confirmed(client, mailbox, appearance="unnamed")
    assert "Ask three colleagues" in page
    assert "/card/" not in page
    signature = Signature.objects.get()
    own_page = client.get(own(signature).removesuffix("card/")).content.decode()
    assert "Ask three colleagues" in own_page
    assert "/card/" not in own_page


@pytest.mark.parametrize("state", [State.HELD, State.REJECTED])
def test_who_waits_is_not_asked_to_tell(client: Client, state: State) -> None:
    signature = signed()
    Signature.objects.update(state=state)
    assert "Tell others" not in client.get(own(signature).removesuffix("card/")).content.decode()


def test_under_an_embargo_nothing_is_to_be_told(client: Client, mailbox: Catcher, settings: Settings) -> None:
    settings.PAGE_SECONDS = 0
    hide()
    assert "Tell others" not in confirmed(client, mailbox)
    signature = Signature.objects.get()
    assert "Tell others" not in client.get(own(signature).removesuffix("card/")).content.decode()
    assert client.get("/code.svg").status_code == 404
    assert not Card.objects.exists()
