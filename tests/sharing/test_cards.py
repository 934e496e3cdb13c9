"""Cards with a name: made by choice, at an address nobody guesses, and gone with the name."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pytest_django import Settings
from redis import Redis

from signatories.identity import consent
from signatories.mine import services as mine
from signatories.models import Card, Signature
from signatories.models.signature import State
from signatories.privacy import own_data, retention
from signatories.sharing import card_pictures, card_views, cards
from tests.people import ADDRESS, set_to, signed
from tests.sharing.cards import hide, looked_at, own, with_card

pytestmark = pytest.mark.django_db
UNKNOWN = "A" * 22


def paths(card: Card) -> tuple[str, str, str]:
    return f"/cards/{card.token}/", f"/cards/{card.token}.png", f"/cards/{card.token}.png?theme=dark"


def is_gone(client: Client, card: Card) -> bool:
    """Whether a card is what it is if nobody has ever made it; the same bytes and headers."""
    for path in paths(card):
        nowhere = seen(client, path.replace(card.token, UNKNOWN))
        assert nowhere[0] == 404
        if seen(client, path) != nowhere:
            return False
    return True


def seen(client: Client, path: str) -> tuple[int, str, dict[str, str]]:
    """The answer without what it repeats of the address: the links to the page in other languages."""
    answer = client.get(path)
    body = answer.content.decode(errors="replace")
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
    return answer.status_code, re.sub(r'(<a href)="[^"]*/cards/[^"]*"', r"\1", body), headers


def update_of(signature: Signature, **changes: object) -> mine.SignatureUpdate:
    signature.refresh_from_db()
    return mine.SignatureUpdate(**{**mine.update_of(signature).__dict__, **changes})


def test_there_is_one_only_by_choice(client: Client) -> None:
    signature = signed()
    page = client.get(own(signature)).content.decode()
    assert "There is a card only if you make one." in page
    assert "<img" not in page
    for _look in range(3):
        client.get(own(signature))
        client.head(own(signature))
    assert not Card.objects.exists()
    for _twice in range(2):
        answer = client.post(own(signature))
        assert (answer.status_code, answer["Location"]) == (303, own(signature))
    card = Card.objects.get()
    assert re.fullmatch(r"[\w-]{22}", card.token)  # 128 bits
    shown = client.get(own(signature)).content.decode()
    assert f'src="/cards/{card.token}.png"' in shown
    assert "Remove the card" in shown
    for path in paths(card):
        assert client.get(path).status_code == 200, path


def test_the_page_says_who_has_signed_and_leads_to_the_declaration(client: Client) -> None:
    card = with_card(client)
    answer = client.get(f"/cards/{card.token}/")
    page = answer.content.decode()
    assert "Aveline Ashgrove" in page
    assert f"has signed “{escape(card.signature.text.title)}”" in page
    assert 'href="/#sign"' in page
    assert f'property="og:image" content="http://testserver/cards/{card.token}.png"' in page
    assert '<meta name="robots" content="noindex">' in page
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex", "no-store")
    assert not answer.cookies
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "/mine/" not in page.replace('href="/mine/"', "")


def test_it_speaks_the_language_in_which_it_was_made(client: Client) -> None:
    card = with_card(client)
    client.post(f"/fr{own(card.signature)}")
    card.refresh_from_db()
    assert card.language == "fr"
    answer = client.get(f"/cards/{card.token}/")
    assert answer["Content-Language"] == "fr"
    assert '<html lang="fr"' in answer.content.decode()
    assert 'href="/fr/#sign"' in answer.content.decode()
    assert "Make it in this language" in client.get(own(card.signature)).content.decode()


@pytest.mark.parametrize("theme", ["", "?theme=light", "?theme=dark"])
def test_the_picture(client: Client, theme: str) -> None:
    card = with_card(client)
    answer = client.get(f"/cards/{card.token}.png{theme}")
    looked_at(answer.content)
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "public, max-age=30, must-revalidate"
    assert answer["X-Robots-Tag"] == "noindex"
    assert card_views.CARD_SECONDS <= 60
    assert not answer.cookies
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    known = client.get(f"/cards/{card.token}.png{theme}", headers={"If-None-Match": answer["ETag"]})
    assert (known.status_code, known.content, known["ETag"]) == (304, b"", answer["ETag"])
    assert known["Cache-Control"] == answer["Cache-Control"]


def test_there_are_two_themes(client: Client) -> None:
    card = with_card(client)
    answer = client.get(f"/cards/{card.token}.png?theme=sepia")
    assert (answer.status_code, answer["Content-Type"]) == (422, "text/plain")
    assert client.get(f"/cards/{UNKNOWN}.png?theme=sepia").status_code == 404
    light, dark = (client.get(f"/cards/{card.token}.png?theme={theme}") for theme in ("light", "dark"))
    assert light["ETag"] != dark["ETag"]
    assert looked_at(light.content).getpixel((1, 1)) != looked_at(dark.content).getpixel((1, 1))


def test_guessed_and_altered_addresses_are_unknown(client: Client) -> None:
    card = with_card(client)
    token = card.token
    altered = [token[:-1], f"{token}A", token.swapcase(), token[::-1], token[:-1] + ("A" if token[-1] != "A" else "E")]
    for wrong in [
        *altered,
        "1",
        str(card.pk),
        str(card.signature.number),
        "%00",
        f"{token}%00",
        "é",
        "x" * 5000,
        "..",
        "%20",
    ]:
        for end in ("/", ".png"):
            assert seen(client, f"/cards/{wrong}{end}") == seen(client, f"/cards/{UNKNOWN}{end}"), wrong
    assert client.get("/cards/").status_code == 404
    assert client.post(f"/cards/{token}/").status_code == 405
    assert not is_gone(client, card)


def test_the_database_takes_no_weak_token(client: Client) -> None:
    card = with_card(client)
    for weak in ("", "1", "A" * 21):
        with pytest.raises(IntegrityError), transaction.atomic():
            Card.objects.filter(pk=card.pk).update(token=weak)


@pytest.mark.parametrize("state", [State.HELD, State.REJECTED])
def test_it_waits_while_the_name_does(client: Client, state: State) -> None:
    card = with_card(client)
    Signature.objects.update(state=state)
    assert is_gone(client, card)
    assert f"/cards/{card.token}" not in client.get(own(card.signature)).content.decode()
    Signature.objects.update(state=State.PUBLISHED)
    assert not is_gone(client, card)


def withdrawn(signature: Signature) -> None:
    mine.withdraw(signature_id=signature.pk, now=timezone.now())


def hidden(signature: Signature) -> None:
    mine.mend(signature_id=signature.pk, update=update_of(signature, named=False), now=timezone.now())


def taken_back(signature: Signature) -> None:
    mine.show_elsewhere(signature_id=signature.pk, agreed="")


def removed(signature: Signature) -> None:
    cards.remove(signature_id=signature.pk)


def erased(signature: Signature) -> None:
    retention.erase_mailbox(address=ADDRESS, reason="asked", now=timezone.now())


@pytest.mark.parametrize("leave", [withdrawn, hidden, taken_back, removed, erased])
def test_it_is_gone_with_what_the_signer_takes_back(client: Client, leave: Callable[[Signature], None]) -> None:
    card = with_card(client)
    assert client.get(f"/cards/{card.token}.png").status_code == 200  # it is in the cache now
    leave(card.signature)
    assert is_gone(client, card)
    assert not Card.objects.exists()
    for path in paths(card)[1:]:  # nor does a browser that knows it learn that it was right
        assert client.get(path, headers={"If-None-Match": "*"}).status_code == 404


def test_who_comes_back_chooses_anew(client: Client) -> None:
    card = with_card(client)
    withdrawn(card.signature)
    mine.undo(signature_id=card.signature.pk, now=timezone.now())
    assert is_gone(client, card)
    client.post(own(Signature.objects.get()))
    assert Card.objects.get().token != card.token


def test_removing_on_the_own_page(client: Client) -> None:
    card = with_card(client)
    for _twice in range(2):
        assert client.post(own(card.signature), {"remove": "1"}).status_code == 303
    assert is_gone(client, card)
    assert "Make the card" in client.get(own(card.signature)).content.decode()


def test_a_corrected_name_is_another_picture(client: Client) -> None:
    card = with_card(client)
    before = client.get(f"/cards/{card.token}.png")
    mine.mend(
        signature_id=card.signature.pk,
        update=update_of(card.signature, name="Aveline Ashgrove-Vale"),
        now=timezone.now(),
    )
    after = client.get(f"/cards/{card.token}.png", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after["ETag"] != before["ETag"]
    assert after.content != before.content
    assert "Ashgrove-Vale" in client.get(f"/cards/{card.token}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": State.HELD}, "as soon as your signature stands on the list"),
        ({"state": State.REJECTED}, "as soon as your signature stands on the list"),
        ({"named": False}, "counted without your name"),
    ],
)
def test_who_is_not_on_the_list_by_name_has_none(client: Client, changes: dict[str, object], words: str) -> None:
    signature = signed()
    Signature.objects.update(**changes)
    page = client.get(own(signature)).content.decode()
    assert words in page
    assert '<form method="post"' not in page
    client.post(own(signature), {"consent": consent.VERSION})
    assert not Card.objects.exists()


def test_the_consent_comes_first(client: Client) -> None:
    signature = signed()
    Signature.objects.update(consent="2026-11-24", shown_elsewhere=False)
    page = client.get(own(signature)).content.decode()
    assert escape(str(consent.SENTENCE)) in page
    assert "I agree: make the card" in page
    for nothing in ("", "invented", "2026-11-24"):
        client.post(own(signature), {"consent": nothing})
        assert not Card.objects.exists()
    client.post(own(signature), {"consent": consent.VERSION})
    signature.refresh_from_db()
    assert (signature.consent, signature.shown_elsewhere) == (consent.VERSION, True)
    assert not is_gone(client, Card.objects.get())
    client.post(own(signature), {"consent": "invented"})  # takes nothing back
    signature.refresh_from_db()
    assert signature.shown_elsewhere


def test_a_closed_list_shows_no_card(client: Client) -> None:
    card = with_card(client)
    set_to(list_public=False)
    assert is_gone(client, card)
    assert "no card is either" in client.get(own(card.signature)).content.decode()
    set_to(list_public=True)
    assert not is_gone(client, card)


def test_under_an_embargo_there_is_none(client: Client, settings: Settings) -> None:
    settings.PAGE_SECONDS = 0
    card = with_card(client)
    hide()
    assert is_gone(client, card)
    page = client.get(own(card.signature)).content.decode()
    assert "A card can be made from then on." in page
    assert f"/cards/{card.token}" not in page
    Card.objects.all().delete()
    client.post(own(card.signature))
    assert not Card.objects.exists()


def test_it_takes_the_link_and_a_post(client: Client) -> None:
    signed()
    assert client.post("/mine/1.invented/card/").status_code == 404
    assert client.get("/mine/1.invented/card/").status_code == 404
    assert not Card.objects.exists()


def test_the_own_data_tell_it(client: Client) -> None:
    card = with_card(client)
    data = own(card.signature).replace("card/", "data.json")
    assert client.get(data).json()["card"] == f"http://testserver/cards/{card.token}/"
    (row,) = own_data.of_mailbox(ADDRESS)["signatures"][0]["cards"]
    assert row["token"] == card.token
    cards.remove(signature_id=card.signature.pk)
    assert client.get(data).json()["card"] == ""


def test_search_engines_are_kept_away(client: Client) -> None:
    assert "/cards/" not in client.get("/robots.txt").content.decode()  # networks could not show the picture


def test_it_is_drawn_once_and_kept_by_what_stands_on_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, redis: Redis
) -> None:
    drawn = []

    def noted(svg: str, scale: int) -> bytes:
        drawn.append(svg)
        return b"a picture"

    monkeypatch.setattr(card_pictures, "png", noted)
    card = with_card(client)
    for _look in range(3):
        assert client.get(f"/cards/{card.token}.png?x={len(drawn)}").content == b"a picture"
    assert len(drawn) == 1
    keys = [str(key) for key in redis.keys("*card:*")]
    assert keys
    assert not any(card.token in key or "Aveline" in key for key in keys)
    assert all(redis.ttl(key) <= 60 for key in redis.keys("*card:*"))
    cache.clear()
    client.get(f"/cards/{card.token}.png")
    assert len(drawn) == 2


def test_one_is_drawn_at_a_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = with_card(client), with_card(client, name="Bram Fernhill", address="bram@example.org")
    beside = []

    def slow(svg: str, scale: int) -> bytes:
        beside.append(Client().get(f"/cards/{second.token}.png"))
        return b"a picture"

    monkeypatch.setattr(card_pictures, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(card_pictures, "png", slow)
    assert client.get(f"/cards/{first.token}.png").status_code == 200
    (busy,) = beside
    assert (busy.status_code, busy["Retry-After"], busy["Cache-Control"]) == (429, "2", "no-store")
    monkeypatch.undo()
    assert client.get(f"/cards/{second.token}.png").status_code == 200


def test_a_row_is_not_made_twice_nor_anew_each_time(client: Client) -> None:
    card = with_card(client)
    now = timezone.now() + timedelta(days=1)
    assert cards.make(signature_id=card.pk, language="fr", now=now)
    again = Card.objects.get()
    assert (again.token, again.made_at, again.language) == (card.token, card.made_at, "fr")
