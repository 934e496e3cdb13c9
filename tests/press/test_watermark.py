"""The mark on what invited press takes away: whom it is for, in every script, on every page."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from PIL import Image, ImageChops
from pytest_django import Settings

from signatories.editions import services as editions
from signatories.models import Edition
from signatories.models.edition import Part
from signatories.models.embargo import hidden_until
from signatories.press import watermark
from tests.editions.building import body, text_of
from tests.editions.lists import build_all
from tests.press.early import let_in, prepared

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PAGE_SECONDS = 0


@pytest.mark.parametrize(
    "name", ["山田花子", "Олена Ґонта", "فاطمة الزهراء", "名" * 100], ids=["Japanese", "Ukrainian", "Arabic", "long"]
)
def test_the_mark_shows_names_in_every_script(tmp_path: Path, name: str) -> None:
    """A name that Helvetica has no letters for is drawn and read as it is written; so is the number."""
    prepared()
    account, press = let_in(name)
    pdf = tmp_path / "marked.pdf"
    pdf.write_bytes(body(press.get("/press/latest.pdf")))
    words, pages = text_of(pdf), Edition.objects.get().pages
    assert words.count(f"no. {account.pk}) only.") == pages
    assert "??" not in words
    if not name.startswith("ف"):  # readers turn the order of what is written from right to left
        assert words.replace(" ", "").count(name.replace(" ", "")) == pages
    assert is_drawn_within_the_page(pdf)


def is_drawn_within_the_page(pdf: Path) -> bool:
    """Whether the foot of the first page has red ink, and its margins have none."""
    picture = pdf.with_suffix("")
    command = ["pdftoppm", "-singlefile", "-r", "72", "-f", "1", "-l", "1", "-png", str(pdf), str(picture)]
    subprocess.run(command, check=True)
    with Image.open(picture.with_suffix(".png")) as page:
        foot = page.convert("RGB").crop((0, page.height - 32, page.width, page.height - 12))
    red, green, blue = foot.split()
    ink = ImageChops.subtract(red, ImageChops.lighter(green, blue)).point([0] * 60 + [255] * 196)
    box = ink.getbbox()
    return box is not None and box[0] >= 36 and box[2] <= foot.width - 36 and ink.histogram()[255] > 100


@pytest.mark.parametrize("name", ["Nora Quill", "فاطمة الزهراء", "名" * 100], ids=["Latin", "Arabic", "long"])
def test_no_crop_of_names_loses_the_mark(tmp_path: Path, name: str) -> None:
    """Ten lines of one column have some of it behind them, too pale to hide a name, and dark enough to be seen."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        pdf.save(out)
    file = tmp_path / "marked.pdf"
    file.write_bytes(watermark.marked(out.getvalue(), name=name, account=7, until=timezone.now()))
    command = ["pdftoppm", "-singlefile", "-r", "72", "-gray", str(file), str(file.with_suffix(""))]
    subprocess.run(command, check=True)
    with Image.open(file.with_suffix(".pgm")) as page:
        for top in range(60, 640, 45):
            for left in (50, 220, 390):
                crop = page.crop((left, top, left + 150, top + 140)).histogram()
                assert sum(crop[:246]) > 300, (left, top)
                assert sum(crop[:190]) == 0, (left, top)


def test_the_mark_speaks_the_language_of_the_file(tmp_path: Path) -> None:
    prepared()
    editions.ask_part(Edition.objects.get(), Part.FULL, language="fr")
    build_all()
    account, press = let_in()
    until = hidden_until()
    assert until
    for path, language in (("/press/latest.pdf", "en"), ("/fr/press/latest.pdf", "fr")):
        pdf = tmp_path / f"{language}.pdf"
        pdf.write_bytes(body(press.get(path)))
        with translation.override(language):
            moment = date_format(until, "DATETIME_FORMAT")
            words = gettext("Embargo until %(moment)s UTC. For %(name)s (no. %(account)s) only.")
        words = " ".join(words.split())  # as they are read: without no-break spaces
        assert words % {"moment": moment, "name": account.name, "account": account.pk} in text_of(pdf)


def test_two_hundred_pages_share_one_mark() -> None:
    """So that it can be made within a request."""
    with pikepdf.new() as pdf:
        for _ in range(200):
            pdf.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        pdf.save(out)
    content = watermark.marked(out.getvalue(), name="山田花子", account=7, until=timezone.now())
    assert len(content) < len(out.getvalue()) + 200_000


def forms(resources: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The forms that a page draws, and those that they draw."""
    for form in resources.get("/XObject", pikepdf.Dictionary()).values():
        yield form
        yield from forms(form.Resources)


@pytest.mark.parametrize("name", ["A & B <Co> #4", "かなカナ", "תמר לוי", "ሰላም ተስፋዬ", "王小明"])
def test_each_operator_of_the_mark_has_its_operands(name: str) -> None:
    """A reader that is strict draws nothing, or something else, from a move with four numbers."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        pdf.save(out)
    content = watermark.marked(out.getvalue(), name=name, account=7, until=timezone.now())
    operands = {"m": 2, "l": 2, "c": 6, "h": 0, "f": 0}
    with pikepdf.open(io.BytesIO(content)) as marked:
        found = [(str(each.operator), len(each.operands)) for mark in forms(marked.pages[0].Resources)
                 for each in pikepdf.parse_content_stream(mark)]  # fmt: skip
    drawn = [pair for pair in found if pair[0] in operands]
    assert ("m", 2) in drawn
    assert set(drawn) <= set(operands.items())
