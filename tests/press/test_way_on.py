"""Addresses of lists and editions that are not there (any more, or yet) say why, and lead to the newest."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition, EditionPart, Signature
from signatories.models.edition import EditionState, Part
from tests.editions.building import build
from tests.editions.lists import PRESS, build_all, people
from tests.people import set_to, signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def told(client: Client, path: str, status: int) -> tuple[str, set[str]]:
    """The words of an answer and where its main part leads to."""
    answer = client.get(path)
    assert answer.status_code == status
    main = answer.content.decode().partition("<main")[2].partition("</main")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()), set(re.findall(r'href="([^"]+)"', main))


def two_editions() -> Edition:
    """The first with its lists; those of the second wait."""
    people()
    build_all()
    signed(name="Dorian Fell", address="dorian@example.org")
    return build()


def test_a_list_that_is_being_made(client: Client) -> None:
    second = two_editions()
    EditionPart.objects.filter(edition=second, part=Part.MUSIC).update(state=EditionState.BUILDING)
    words, links = told(client, f"{PRESS}/2/music.csv", 404)
    assert "still being made" in words
    assert "The newest list of this kind is of edition 1, as of" in words
    assert {f"{PRESS}/1/music.csv", "/press/"} <= links


def test_a_list_that_was_cancelled(client: Client) -> None:
    second = two_editions()
    assert editions.cancel_part(EditionPart.objects.get(edition=second, part=Part.MUSIC).pk)
    words, links = told(client, f"{PRESS}/2/music.csv", 404)
    assert "was not made of this edition" in words  # though others are being made
    assert "still being made" not in words
    assert {f"{PRESS}/1/music.csv", "/press/"} <= links


def test_a_list_that_no_edition_has(client: Client) -> None:
    people()
    build_all()
    words, links = told(client, f"{PRESS}/1/groups.csv", 404)
    assert "was not made of this edition" in words
    assert "The newest list of this kind" not in words
    assert {f"{PRESS}/1/music.csv", "/press/"} <= links


def test_a_list_that_was_taken_down(client: Client) -> None:
    two_editions()
    mine.withdraw(signature_id=Signature.objects.get(name="Ada Vance").pk, now=timezone.now())
    build()
    words, links = told(client, f"{PRESS}/1/music.csv", 410)
    assert "were taken down on" in words
    assert "The newest list of this kind" not in words  # it is being made
    assert "/press/" in links
    while editions.build_waiting_part():
        pass
    words, links = told(client, f"{PRESS}/1/music.csv", 410)
    assert "The newest list of this kind is of edition 3, as of" in words
    assert {f"{PRESS}/3/music.csv", "/press/"} <= links
    assert not any(link.startswith(f"{PRESS}/1/music") for link in links)


@pytest.mark.parametrize(
    "state", [EditionState.ASKED, EditionState.BUILDING, EditionState.CANCELLED, EditionState.FAILED]
)
@pytest.mark.parametrize("path", ["", "signatories.pdf", "music.csv"])
def test_an_edition_that_is_not_ready(client: Client, state: EditionState, path: str) -> None:
    signed()
    build()
    Edition.objects.create(state=state)
    words, links = told(client, f"{PRESS}/2/{path}", 404)
    assert "There is no such edition" in words
    assert "Edition 1 is the newest." in words
    assert {f"{PRESS}/1/", "/press/editions/"} <= links
    assert client.get(f"{PRESS}/2/{path}")["Cache-Control"] == "no-store"


def test_before_the_first_edition(client: Client) -> None:
    people()
    words, links = told(client, f"{PRESS}/1/signatories.pdf", 404)
    assert "The first edition is being made." in words
    assert "/press/" in links


def test_while_downloads_are_closed_nothing_leads_to_a_file(client: Client) -> None:
    second = two_editions()
    editions.cancel_part(EditionPart.objects.get(edition=second, part=Part.MUSIC).pk)
    set_to(downloads_public=False)
    answer = client.get(f"{PRESS}/2/music.csv")
    assert answer.status_code != 200
    assert f"{PRESS}/1/music.csv" not in answer.content.decode()
