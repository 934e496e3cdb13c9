"""The document: every name in it and readable by machines, nothing fetched, PDF/UA-1, whole or not at all."""

import os
import pickle
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import page
import pikepdf
import psutil
import pytest
from django.utils import translation

from declaration import fonts, shaping
from declaration.ops import storage
from signatories.editions import child_process, document, layout, merge, render
from signatories.editions.document import build_pdf
from signatories.editions.layout import ListEntry
from tests.editions.building import glyphs, text_of
from tests.editions.covers import COVER, LONGEST

ROOT = Path(__file__).parents[2]
NAMES = {
    "#": ["-Q-"],
    "B": ["Bjørkheïd", "Séaghdh O’Brannick", "O'Brannick"],
    "D": ["Đặng Tháp Sơm"],
    "H": [LONGEST],
    "W": ["will.o.wisp"],
    "Θ": ["Ιάσων Θυμαράκης"],
    "Я": ["Яна Дикобарвина"],
    "ד": ["דקל בן־לוטם", "דָּגָן שִׂמְלוֹנִי", "(Dan) דָּן"],
    "م": ["محمد عبد السنديان", "مُرَجَّى قَمَرِيّ", "نازنین می‌خواهم"],
    "ल": ["लता मंजरीकर", "रवि चंदनकर"],
    "ம": ["மகிழை மணிமலர்", "மரம்"],
    "ธ": ["ธาราไชย เมฆอินทร์"],
    "김": ["김다솜별"],
    "日": ["日本太郎"],
    "直": ["直角骨"],
}
needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")


def an_entry(number: int, name: str, letter: str = "A", **other: str) -> ListEntry:
    latin, detail, lang = other.get("name_latin", ""), other.get("detail", ""), other.get("lang", "en")
    return ListEntry(number, name, latin, detail, letter, lang)


def many() -> list[ListEntry]:
    plain = [an_entry(n, f"Person Number {n}", detail="pianist · The Long Afternoon") for n in range(1, 1300)]
    rest = [an_entry(2000 + n, name, key) for n, (key, group) in enumerate(NAMES.items()) for name in group]
    return [*plain, *rest]


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One edition of more than one segment, rendered by processes as in production."""
    target = tmp_path_factory.mktemp("edition") / "edition.pdf"
    build_pdf(COVER, many(), target, processes=2)
    return target


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


@needs_poppler
def test_every_name_can_be_read_in_every_script(edition: Path) -> None:
    text = text_of(edition)
    together = text.replace(" ", "")

    assert [n for n in range(1, 1300) if f"Person Number {n} {n} " not in text] == []
    assert [name for group in NAMES.values() for name in group if name.replace(" ", "") not in together] == []


@needs_poppler
def test_head_and_foot_tell_the_place(edition: Path) -> None:
    pages = len(pikepdf.open(edition).pages)
    second = text_of(edition, "-f", "2", "-l", "2")

    assert f"page 2 of {pages}" in second
    assert "Edition 7 · 1,332 signatures · as of" in second
    assert second.count("Person Number 1 ") + second.count("Person Number 1\n") >= 1
    assert f"page {pages} of {pages}" in text_of(edition, "-f", str(pages))


@needs_poppler
def test_the_cover_tells_how_many_signed_by_name_and_without(edition: Path) -> None:
    cover = text_of(edition, "-l", "1")

    assert "Music is made by people" in cover
    assert "1,332 people have signed" in cover
    assert "1,300 by name, 32 without." in cover
    assert "The Declaration Office" in cover
    assert "3f" * 32 in cover


def test_it_has_the_pages_that_were_packed(edition: Path) -> None:
    ruler = layout.Ruler(shaping.widths(), shaping.widths(italic=True))
    packed = layout.pack(many(), ruler)

    assert len(packed) > layout.SEGMENT_PAGES
    with pikepdf.open(edition) as pdf:
        assert len(pdf.pages) == 1 + len(packed) + 1  # cover, list, colophon


def test_it_is_accessible(edition: Path) -> None:
    report = page.validate_pdf(edition, profile="ua1")

    assert [failure.message for failure in report.failures] == []
    assert report.is_compliant
    with pikepdf.open(edition) as pdf:
        assert pdf.Root.Lang == "en"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo.Title) == COVER.title
        assert len(pdf.Root.StructTreeRoot.K) == 1
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == [COVER.title, "A", *NAMES]


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not installed")
def test_the_file_is_sound(edition: Path) -> None:
    subprocess.run(["qpdf", "--check", str(edition)], check=True, capture_output=True)


def test_no_glyph_is_missing(edition: Path) -> None:
    """WeasyPrint gives each missing character a glyph beyond the end of the font, mapped to that character, and glyph
    0 as its width: neither may occur."""
    everything = "".join(name for group in NAMES.values() for name in group)

    assert fonts.missing_glyphs(everything) == set()
    with pikepdf.open(edition) as pdf:
        shown = [operand for sheet in pdf.pages for operand in glyphs(sheet)]
    assert len(shown) > 10_000
    assert 0 not in shown


def test_names_cannot_make_it_fetch_or_attach(tmp_path: Path, listener: socket.socket) -> None:
    """T30."""
    port = listener.getsockname()[1]
    payloads = [
        f"<img src=http://127.0.0.1:{port}/>",
        "<link rel=attachment href=file:///etc/passwd>",
        f"<style>@import url(http://127.0.0.1:{port}/)</style>",
        f"</bdi></li><iframe src='http://127.0.0.1:{port}/'>",
        f'"><object data="http://127.0.0.1:{port}/">',
    ]
    entries = [
        ListEntry(n, it, it, it, "<b>", f'en"><img src=http://127.0.0.1:{port}/>') for n, it in enumerate(payloads)
    ]
    target = tmp_path / "edition.pdf"

    build_pdf(replace(COVER, title=payloads[0], operator_name=payloads[0]), entries, target, processes=0)

    with pytest.raises(TimeoutError):
        listener.accept()
    with pikepdf.open(target) as pdf:
        assert not pdf.attachments
        assert "/EmbeddedFiles" not in pdf.Root.get("/Names", pikepdf.Dictionary())
    if shutil.which("pdftotext"):
        together = text_of(target).replace(" ", "")
        assert all(payload.replace(" ", "") in together for payload in payloads[:2])


def test_even_the_text_of_the_declaration_fetches_nothing(tmp_path: Path, listener: socket.socket) -> None:
    """T30."""
    port = listener.getsockname()[1]
    text = f"<p>Text <img alt='x' src='http://127.0.0.1:{port}/'><link rel=attachment href='file:///etc/passwd'></p>"
    target = tmp_path / "edition.pdf"

    build_pdf(replace(COVER, text_html=text), [], target, processes=0)

    with pytest.raises(TimeoutError):
        listener.accept()
    with pikepdf.open(target) as pdf:
        assert not pdf.attachments
        assert len(pdf.pages) == 1


def test_bombs_stay_small(tmp_path: Path) -> None:
    """T31, with names that no form would take; how much memory many of them need: test_bombs.py."""
    bombs = ["x" + "\u0301" * 500, "y" * 10_000, "\ufdfd" * 200, "\u202e" * 50 + "z", "a " * 5000]
    target = tmp_path / "edition.pdf"

    build_pdf(COVER, [an_entry(n, bomb, detail=bomb) for n, bomb in enumerate(bombs)], target, processes=0)

    with pikepdf.open(target) as pdf:
        assert len(pdf.pages) <= 4
    assert target.stat().st_size < 1_000_000


def test_the_same_rows_make_the_same_file(tmp_path: Path) -> None:
    entries = [an_entry(n, name, key) for n, (key, group) in enumerate(NAMES.items()) for name in group]
    for name in ("one.pdf", "two.pdf"):
        build_pdf(COVER, entries, tmp_path / name, processes=0)

    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_a_cover_from_right_to_left(tmp_path: Path) -> None:
    target = tmp_path / "edition.pdf"

    build_pdf(replace(COVER, language="ar", title="الموسيقى"), [an_entry(1, "محمد", "م")], target, processes=0)

    assert page.validate_pdf(target, profile="ua1").is_compliant
    assert translation.get_language() != "ar"


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []

    build_pdf(COVER, [an_entry(1, "Ada")], tmp_path / "edition.pdf", processes=0, progress=lambda *it: heard.append(it))

    assert heard == sorted(heard)
    assert heard[-1][0] == heard[-1][1]


def test_a_failure_leaves_the_old_file_and_no_scraps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "edition.pdf"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", lambda _handle: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(OSError, match="disk full"):
        storage.write_durably(target, [b"new"])

    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


_BUILDS = """
import pickle, sys
from pathlib import Path
import django
django.setup()
from signatories.editions.document import build_pdf
build_pdf(pickle.load(sys.stdin.buffer), [], Path(sys.argv[1]), processes=0)
"""


def test_without_pango_it_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "weasyprint.py").write_text("raise OSError('cannot load library libgobject-2.0-0')")
    (tmp_path / "target").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _BUILDS, tmp_path / "target" / "edition.pdf"], input=pickle.dumps(COVER), cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "library")}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert re.search(r"PangoMissing: .*libpango.*libgobject", done.stderr.decode())
    assert not list((tmp_path / "target").iterdir())


def test_a_process_that_dies_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "SECONDS_A_SHEET", 0.001)

    with pytest.raises(render.RenderFailed):
        build_pdf(COVER, [an_entry(1, "Ada")], tmp_path / "edition.pdf", processes=1)


def test_a_process_of_its_own_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "MAIL_URL"):
        monkeypatch.setenv(name, "a secret")

    assert "a secret" not in "".join(child_process.environment().values())


def test_an_edition_merged_in_a_child_process_is_the_same(tmp_path: Path) -> None:
    for name, processes in (("here", 0), ("child", 1)):
        build_pdf(COVER, [an_entry(1, "Ada")], tmp_path / name, processes=processes)

    assert (tmp_path / "here").read_bytes() == (tmp_path / "child").read_bytes()


def test_a_book_that_cannot_be_bound_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = merge.Facts("Title", "en", "Author", datetime.now(UTC))

    with pytest.raises(merge.MergeFailed, match=r"ended \(1\) while merging. .*PdfError"):
        list(merge.merge_in_child_process([b"no PDF"], [], [], facts))

    monkeypatch.setattr(merge, "MERGE_SECONDS", 0.001)
    with pytest.raises(merge.MergeFailed, match="out of time"):
        list(merge.merge_in_child_process([], [], [], facts))


def test_a_process_that_binds_has_a_limit_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """T31, D25."""
    monkeypatch.setattr(merge, "MEMORY_LIMIT", 150 * 1024**2)
    parts = [b"x" * 200 * 1024**2]
    with pytest.raises(merge.MergeFailed, match=r"ended \(1\) while merging. .*MemoryError"):
        list(merge.merge_in_child_process(parts, [], [], merge.Facts("Title", "en", "Author", datetime.now(UTC))))


def test_a_name_from_right_to_left_is_isolated() -> None:
    pages = layout.pack([an_entry(1, "نورس الرمّاني")], layout.Ruler(shaping.widths(), shaping.widths(italic=True)))
    (segment,) = layout.segments(pages)
    assert re.search(r"<bdi[^>]*>نورس الرمّاني</bdi>", document.segment_sheet(COVER, segment).html)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the limits of another process")
def test_a_process_that_renders_has_a_limit_of_memory() -> None:
    """T31."""
    command, pipe = child_process.command("signatories.editions.render"), subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=child_process.environment())
    try:
        deadline = time.monotonic() + 20
        while psutil.Process(process.pid).rlimit(psutil.RLIMIT_AS)[0] != render.MEMORY_LIMIT:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        process.kill()
        process.communicate()
