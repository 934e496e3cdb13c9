"""Lists of an edition are asked for at the desk, wait for an edition, are cancelled, fail and are made again."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from signatories.editions import building, document
from signatories.editions import services as editions
from signatories.editions.layout import SEGMENT_PAGES
from signatories.models import Act, Edition, EditionFile, EditionPart
from signatories.models.edition import EditionState, Part
from tests.editions.building import build
from tests.editions.lists import PRESS, build_all, names, people
from tests.news.news import readers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


def test_an_edition_goes_before_a_list_that_is_being_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """A take-down is not kept waiting by a list: the list is put off, and then belongs to an older edition."""
    people()
    build()
    really = document.build_pdf

    def asked_meanwhile(*arguments: Any, progress: Any, **named: Any) -> None:
        editions.ask()
        progress(1, 9)
        really(*arguments, progress=progress, **named)

    monkeypatch.setattr(building, "build_pdf", asked_meanwhile)
    put_off = editions.build_waiting_part()
    monkeypatch.undo()
    assert put_off
    assert put_off.state == EditionState.ASKED
    second = editions.build_waiting()
    assert second
    assert second.number == 2
    assert editions.build_waiting_part()
    put_off.refresh_from_db()
    assert (put_off.state, put_off.error) == (EditionState.CANCELLED, "A newer edition is there.")


def test_the_desk_is_told_how_many_pages_are_set_of_all(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    readers(1500)
    really = document.build_pdf
    told: list[tuple[int, int]] = []

    def watched(*arguments: Any, progress: Callable[[int, int], None], **named: Any) -> None:
        def looked_at(done: int, pages: int) -> None:
            progress(done, pages)
            found = re.search(r"(\d+) of (\d+) pages are set", desk.get("/desk/editions/").content.decode())
            assert found
            told.append((int(found[1]), int(found[2])))

        really(*arguments, progress=looked_at, **named)

    monkeypatch.setattr(building, "build_pdf", watched)
    for build_one in (build, editions.build_waiting_part):
        told.clear()
        built = build_one()
        assert built
        assert built.pages > 12
        assert {pages for _done, pages in told} == {built.pages}
        done = [done for done, _pages in told]
        assert done == sorted(done)
        assert done[-1] == built.pages
        assert any(later - earlier == SEGMENT_PAGES for earlier, later in pairwise(done))


@pytest.mark.parametrize("what", ["edition", "list"])
def test_a_build_is_cancelled_at_the_desk(desk: Client, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Nothing of it stays, the last one is up, and it can be asked for again."""
    people()
    first = build()
    really = document.build_pdf

    def cancelled_meanwhile(*arguments: Any, progress: Any, **named: Any) -> None:
        row = Edition.objects.latest("pk") if what == "edition" else EditionPart.objects.get(state="building")
        kind = "" if what == "edition" else "lists/"
        assert "Cancel" in desk.get("/desk/editions/").content.decode()
        assert desk.post(f"/desk/editions/{kind}{row.pk}/cancel/").status_code == 303
        progress(1, 9)
        really(*arguments, progress=progress, **named)

    if what == "edition":
        editions.ask()
    monkeypatch.setattr(building, "build_pdf", cancelled_meanwhile)
    built = editions.build_waiting() or editions.build_waiting_part()
    monkeypatch.undo()
    assert built
    assert built.state == EditionState.CANCELLED
    assert Edition.objects.latest_ready() == first
    while editions.build_waiting_part():
        pass
    assert {f"editions/{name}" for name in default_storage.listdir("editions")[1]} == {
        file.path for file in EditionFile.objects.filter(part__edition=first)
    }
    if isinstance(built, EditionPart):
        assert editions.ask_part(first, Part(built.part), since=built.since).state == EditionState.ASKED
        assert editions.build_waiting_part()
        built.refresh_from_db()
        assert built.state == EditionState.READY
    else:
        assert build().number == 2


def test_what_is_ready_is_not_cancelled(desk: Client) -> None:
    people()
    edition = build_all()
    part = EditionPart.objects.filter(part=Part.MUSIC).get()
    for path in (f"{edition.pk}/cancel/", f"lists/{part.pk}/cancel/"):
        assert "Nothing was changed" in desk.post(f"/desk/editions/{path}", follow=True).content.decode()
    assert not EditionPart.objects.exclude(state=EditionState.READY).exists()


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"part": "signatories", "language": "fr"}, ""),
        ({"part": "changes", "language": "en", "since": "1"}, ""),
        ({"part": "changes", "language": "en"}, "an edition before 2"),
        ({"part": "changes", "language": "en", "since": "2"}, "an edition before 2"),
        ({"part": "changes", "language": "en", "since": "x"}, "whole number"),
        ({"part": "music", "language": "fr", "since": "1"}, "Only the list of what changed begins with an edition."),
        ({"part": "everything", "language": "en"}, "not one of the available choices"),
        ({"part": "music", "language": "tlh"}, "not one of the available choices"),
    ],
)
def test_a_list_is_asked_for_at_the_desk(desk: Client, typed: dict[str, str], wrong: str) -> None:
    people()
    build()
    build()
    before = EditionPart.objects.count()
    answer = desk.post("/desk/editions/lists/", typed)
    if wrong:
        assert answer.status_code == 422
        assert wrong in answer.content.decode()
        assert EditionPart.objects.count() == before
        return
    assert answer.status_code == 303
    since = int(typed.get("since", 0))
    asked = EditionPart.objects.get(edition__number=2, part=typed["part"], language=typed["language"], since=since)
    assert asked.state == EditionState.ASKED


def test_the_full_list_in_another_language_stands_at_the_desk_when_it_is_made(desk: Client) -> None:
    people()
    editions.ask_part(build(), Part.FULL, language="fr")
    EditionPart.objects.filter(state=EditionState.ASKED, language="en").update(state=EditionState.CANCELLED)
    for state in ("asked for", "ready: 3 entries"):
        page = " ".join(desk.get("/desk/editions/").content.decode().split())
        assert f"<strong>All names</strong> (fr) {state}" in page
        assert "<strong>All names</strong> (en)" not in page
        editions.build_waiting_part()


def test_a_list_that_is_there_is_not_asked_for_again(desk: Client) -> None:
    people()
    build()
    before, acts = EditionPart.objects.count(), Act.objects.count()
    answer = desk.post("/desk/editions/lists/", {"part": "signatories", "language": "en"}, follow=True)
    assert "This list of edition 1 is there already" in answer.content.decode()
    assert "The list is asked for" not in answer.content.decode()
    assert (EditionPart.objects.count(), Act.objects.count()) == (before, acts)


def test_changes_since_an_edition_of_which_nothing_was_noted(desk: Client) -> None:
    """An edition of a release that kept no JSON."""
    people()
    build()
    EditionFile.objects.filter(format="json").delete()
    build()
    answer = desk.post("/desk/editions/lists/", {"part": "changes", "language": "en", "since": "1"})
    assert "too old to be compared" in answer.content.decode()
    assert not EditionPart.objects.filter(part=Part.CHANGES).exists()


def test_a_list_that_is_still_made_says_so(client: Client) -> None:
    people()
    build()
    answer = client.get(f"{PRESS}/1/music.csv")
    assert answer.status_code == 404
    assert "still being made" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    while editions.build_waiting_part():
        pass
    assert names(client, f"{PRESS}/1/music.csv") == ["Ada Vance"]


def test_a_list_that_fails_leaves_the_edition_and_says_why(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    people()
    edition = build()

    def broken(*_arguments: Any, **_named: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "build_pdf", broken)
    part = editions.build_waiting_part()
    monkeypatch.undo()
    assert part
    assert part.state == EditionState.FAILED
    assert Edition.objects.latest_ready() == edition
    assert "The disk is full." in desk.get("/desk/editions/").content.decode()
    assert not part.files.exists()
