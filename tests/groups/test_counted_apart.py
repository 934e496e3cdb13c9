"""Wherever entries of the list are counted, bands and organisations are told apart from people, or nobody is meant."""

import html
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration import languages
from signatories.desk.queue import services as queue
from signatories.editions import services as editions
from signatories.listing import counting, pages
from signatories.models import Figures, Signature
from signatories.press import verification
from signatories.tally import services as tally
from tests.editions.building import as_dicts, body, build, text_of
from tests.groups.bands import publish, sign, words
from tests.people import enter, organizer, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def quiet(client: Client, mailbox: Catcher) -> Signature:
    """Three people and one band that a search for "Quiet" finds, all of Ireland."""
    for n, name in enumerate(["Ada Quiet", "Bram Quiet", "Cosima Quiet"]):
        signed(name=name, address=f"q{n}@example.org", country="IE", profession="poet" if n else "singer")
    return publish(sign(client, mailbox, name="The Quiet Four"))


def found(client: Client, query: str, path: str = "/signatories/") -> str:
    page = client.get(f"{path}{query}").content.decode()
    part = re.search(r'<p class="answer">(.*?)</p>', page, re.DOTALL)
    assert part
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part[1])).split())


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?q=Quiet", "3 names and 1 band or organisation Quiet"), ("?q=Ada", "1 name Ada"),
        ("?q=Quiet&country=IE", "3 names and 1 band or organisation Ireland Quiet"),
        ("?q=Four", "1 band or organisation Four"), ("?country=IE", "3 names and 1 band or organisation Ireland"),
        ("?letter=Q", "3 names and 1 band or organisation Q"), ("?profession=band", "1 band or organisation Band"),
        ("?letter=Q&country=IE", "3 names and 1 band or organisation Ireland Q"),
        ("?profession=band&country=IE", "1 band or organisation Band Ireland"), ("?profession=poet", "2 names Poet"),
    ],
)  # fmt: skip
def test_what_is_found_tells_people_and_groups_apart(client: Client, mailbox: Catcher, query: str, said: str) -> None:
    quiet(client, mailbox)
    assert found(client, query) == said


def test_in_japanese_no_band_is_counted_as_a_person(client: Client, mailbox: Catcher, settings: Settings) -> None:
    settings.LANGUAGES = languages.known()
    quiet(client, mailbox)
    said = found(client, "?q=Quiet", "/ja/signatories/")
    assert "3名" in said and "4名" not in said


def test_beyond_the_bound_entries_are_counted(
    client: Client, mailbox: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet(client, mailbox)
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    monkeypatch.setattr(pages, "PAGE", 3)
    assert "more than 2 entries" in found(client, "?letter=Q&country=IE")
    assert "more than 3 entries" in found(client, "?q=Quiet")


def test_the_position_of_a_page_counts_every_entry(
    client: Client, mailbox: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet(client, mailbox)
    monkeypatch.setattr(pages, "PAGE", 3)
    assert found(client, "") == "1–3 of 4"
    assert found(client, "?country=IE").endswith("Ireland 1–3 of 4")


def test_the_lists_of_an_edition_count_entries(
    client: Client, mailbox: Catcher, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    quiet(client, mailbox)
    build()
    page = words(client.get("/press/editions/1/").content.decode())
    assert "List Entries Files All names 4" in page
    desk = words(enter(Client(), organizer("edie")).get("/desk/editions/").content.decode())
    assert "3 signatures: 3 by name, 0 without, and 1 group." in desk
    feed = html.unescape(client.get("/press/editions/feed/").content.decode())
    assert "(3 by name, 0 without)" in feed and "UTC. Bands and organisations: 1" in feed


def test_an_edition_tells_which_groups_came_and_left(
    client: Client, mailbox: Catcher, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    signed(name="Ada Vance", address="ada@example.org")
    build()
    assert "Bands and organisations:" not in cover(client, tmp_path)
    band = quiet(client, mailbox)
    build()
    assert "3 names of people were added, 0 have left, 0 were corrected." in cover(client, tmp_path)
    assert "Bands and organisations: 1 added, 0 taken off, 0 corrected." in cover(client, tmp_path)
    second = client.get("/api/v1/editions/2").json()
    queue.reject(signature_id=band.pk, organizer=organizer("rena"), reason="It was not them.", now=timezone.now())
    build()
    assert "0 names of people were added, 0 have left, 0 were corrected." in cover(client, tmp_path)
    assert "Bands and organisations: 0 added, 1 taken off, 0 corrected." in cover(client, tmp_path)
    digest = next(file["sha256"] for each in second["lists"] for file in each["files"])
    verified = words(client.get(f"/press/verify/?sha256={digest}").content.decode())
    assert "Since then 0 names of people were added, 0 have left, 0 were corrected." in verified


def test_the_list_of_changes_counts_entries_and_the_people_who_left(
    client: Client, mailbox: Catcher, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    signed(name="Ada Vance", address="ada@example.org")
    build()
    quiet(client, mailbox)
    build()
    while editions.build_waiting_part():
        pass
    changed = read(client, "/press/editions/2/changes-since-1.pdf", tmp_path)
    assert "What changed: 4 entries" in changed
    assert len(as_dicts(body(client.get("/press/editions/2/changes-since-1.xlsx")))) == 4


def cover(client: Client, folder: Path) -> str:
    return read(client, "/press/latest.pdf", folder)


def read(client: Client, address: str, folder: Path) -> str:
    """The words of a PDF."""
    file = folder / "read.pdf"
    file.write_bytes(body(client.get(address)))
    return text_of(file)


def test_the_figures_of_how_we_verify_ask_for_people(client: Client, mailbox: Catcher) -> None:
    text()
    quiet(client, mailbox)
    tally.fold()
    verification.measure(timezone.now())
    assert Figures.objects.get().found["asked"] == Figures.objects.get().found["asked_confirmed"] == 3


def test_a_sample_of_the_list_draws_entries(client: Client, mailbox: Catcher) -> None:
    quiet(client, mailbox)
    page = words(client.get("/press/sample/?size=10&seed=x").content.decode())
    assert re.search(r"\b\d+ entr(y|ies)\b", page)
