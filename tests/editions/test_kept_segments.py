"""Segments that have not changed are not rendered again, and those with a person who left are deleted."""

from pathlib import Path

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from declaration import fonts
from signatories.editions import kept_segments, render
from signatories.editions.kept_segments import KeptSegments
from signatories.editions.render import Renderers, Sheet
from signatories.mine import services as mine
from signatories.models.signature import IN_FLIGHT
from tests.editions.building import build
from tests.people import signed


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def kept() -> set[str]:
    try:
        return set(default_storage.listdir(kept_segments.FOLDER)[1])
    except FileNotFoundError:
        return set()


def a_sheet(words: str, **other: bool) -> Sheet:
    return Sheet(f"<html lang=en><title>–</title><p>{words}", "p { color: black }", **other)


def rendered(*sheets: Sheet) -> list[bytes]:
    """What an edition of these sheets renders or finds."""
    fonts.use()
    segments = KeptSegments()
    with Renderers(0, segments) as renderers:
        pdfs = list(renderers.map(sheets))
    segments.delete_others()
    return pdfs


def test_what_is_kept_is_not_rendered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = rendered(a_sheet("Ada", lasting=True), a_sheet("Bram", lasting=True))
    monkeypatch.setattr(render, "render", lambda sheet: b"rendered " + sheet.html.encode())
    again = rendered(a_sheet("Ada", lasting=True), a_sheet("Cleo", lasting=True), a_sheet("Edition 2"))

    assert again[0] == first[0]
    assert b"rendered" in again[1]
    assert b"Cleo" in again[1]
    assert b"rendered" in again[2]
    assert len(kept()) == 2  # Bram is not used any more, and a cover never is


def test_a_damaged_one_is_rendered_anew() -> None:
    first = rendered(a_sheet("Ada", lasting=True))
    [name] = kept()
    path = Path(default_storage.path(f"{kept_segments.FOLDER}/{name}"))
    path.write_bytes(path.read_bytes()[:-40])

    assert rendered(a_sheet("Ada", lasting=True)) == first
    assert path.stat().st_size > len(first[0])


def test_another_style_is_another_sheet() -> None:
    [plain, large] = rendered(
        a_sheet("Ada", lasting=True), Sheet(a_sheet("Ada").html, "p { font-size: 40pt }", lasting=True)
    )

    assert plain != large


@pytest.mark.django_db(transaction=True)
def test_a_segment_with_somebody_who_left_goes_with_the_next_edition() -> None:
    goes = signed(now=timezone.now() - 2 * IN_FLIGHT)
    signed(name="Bram Bellweather", address="bram@example.org")
    build()
    [with_both] = kept()
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    build()
    [without] = kept()

    assert without != with_both


@pytest.mark.django_db(transaction=True)
def test_an_edition_of_kept_segments_is_whole() -> None:
    signed(now=timezone.now() - 2 * IN_FLIGHT)
    build()
    before = kept()
    edition = build()

    assert kept() == before
    with pikepdf.open(default_storage.path(edition.pdf)) as pdf:
        assert len(pdf.pages) == edition.pages == 4
        assert len(pdf.Root.StructTreeRoot.K[0].K) > 3


@pytest.mark.django_db(transaction=True)
def test_half_written_files_are_deleted() -> None:
    signed()
    (Path(default_storage.path("")) / kept_segments.FOLDER).mkdir()
    (Path(default_storage.path(kept_segments.FOLDER)) / ".half.pdf.x1").write_bytes(b"%PDF")
    build()

    assert [name for name in kept() if name.startswith(".")] == []
