"""An edition is made by itself if the list differs from the last one, and only then; what comes late is not missed."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import EditionFile, Signature
from signatories.models.signature import IN_FLIGHT
from tests.editions.away import take_away
from tests.editions.building import build
from tests.editions.lists import mend
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def withdraw(name: str) -> None:
    mine.withdraw(signature_id=Signature.objects.get(name=name).pk, now=timezone.now())


def withdraw_and_undo() -> None:
    pk = Signature.objects.get(name="Ada Vance").pk
    mine.withdraw(signature_id=pk, now=timezone.now())
    mine.undo(signature_id=pk, now=timezone.now())


def come_and_go() -> None:
    signed(name="Dorian Fell", address="dorian@example.org")
    withdraw("Dorian Fell")


def correct() -> None:
    mend(Signature.objects.get(name="Ada Vance"), name="Ada Vance-Quill")


def two() -> None:
    """One by name, one without; just now."""
    signed(name="Ada Vance", address="ada@example.org")
    signed(name="Bram Bellweather", address="bram@example.org", named=False)


def test_no_edition_follows_one_that_has_everything() -> None:
    """However short before it the last change was, and whatever happens to whom no edition shows."""
    two()
    signed(name="Cosima Thorn", address="cosima@example.org")
    withdraw("Cosima Thorn")
    build()
    assert editions.ask_if_changed() is None
    assert editions.ask_if_changed() is None
    signed(name="Held Marker", address="held@example.org", held_for=["volume"])
    assert editions.ask_if_changed() is None
    come_and_go()
    assert editions.ask_if_changed() is None
    withdraw_and_undo()
    assert editions.ask_if_changed() is None


@pytest.mark.parametrize(
    "change",
    [
        lambda: signed(name="Dorian Fell", address="dorian@example.org"),
        lambda: signed(name="Dorian Fell", address="dorian@example.org", named=False),
        lambda: withdraw("Ada Vance"),
        lambda: withdraw("Bram Bellweather"),
        correct,
        lambda: mend(Signature.objects.get(name="Bram Bellweather"), named=True),
        lambda: mend(Signature.objects.get(name="Ada Vance"), named=False),
    ],
    ids=["comes", "comes unnamed", "leaves", "unnamed leaves", "is corrected", "shows the name", "hides the name"],
)
def test_a_change_that_was_in_flight_at_the_snapshot_is_found_when_it_is_stored(change: Callable[[], object]) -> None:
    """It was decided before the snapshot and is stored after the edition was ready, and looked at, twice."""
    two()
    changed, go_on = threading.Event(), threading.Event()

    def decide() -> None:
        try:
            with transaction.atomic():
                change()
                changed.set()
                go_on.wait(60)
        finally:
            connection.close()

    elsewhere = threading.Thread(target=decide)
    elsewhere.start()
    assert changed.wait(20)
    try:
        edition = build()
        assert (edition.named, edition.unnamed) == (1, 1)
        assert editions.ask_if_changed() is None
        assert editions.ask_if_changed() is None
    finally:
        go_on.set()
        elsewhere.join()
    assert edition.as_of
    assert Signature.objects.latest("changed_at").changed_at < edition.as_of
    assert editions.ask_if_changed()


def test_most_changes_are_seen_without_its_files(settings: Settings) -> None:
    """What changed nothing that was ever shown, and what changed how many there are."""
    long_ago = timezone.now() - 3 * IN_FLIGHT
    signed(name="Ada Vance", address="ada@example.org", now=long_ago)
    build()
    take_away(settings)
    assert editions.ask_if_changed() is None
    signed(name="Held Marker", address="held@example.org", held_for=["volume"])
    assert editions.ask_if_changed() is None
    signed(name="Dorian Fell", address="dorian@example.org")
    assert editions.ask_if_changed()


def test_while_the_files_are_away_it_is_looked_for_later(settings: Settings) -> None:
    """Somebody left and somebody came, so that there are as many as before: only the rows can tell."""
    two()
    build()
    stored = settings.STORAGES
    withdraw("Ada Vance")
    signed(name="Dorian Fell", address="dorian@example.org")
    take_away(settings)
    with pytest.raises(OSError, match="away"):
        editions.ask_if_changed()
    settings.STORAGES = stored
    assert editions.ask_if_changed()


def test_an_edition_that_tells_nothing_of_its_rows_is_followed_by_one() -> None:
    """Of a release that kept no JSON: too many editions rather than one too few."""
    two()
    build()
    EditionFile.objects.filter(format="json").delete()
    assert editions.ask_if_changed()
