"""The mark on what invited press takes away: whom it is for, in every script, on every page."""

import io
import subprocess
from pathlib import Path

import pikepdf
import pytest
from django.utils import timezone
from PIL import Image, ImageChops
from pytest_django import Settings

from signatories.models import Edition
from signatories.press import watermark
from tests.editions.building import body, text_of
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


def test_two_hundred_pages_share_one_mark() -> None:
    """So that it can be made within a request."""
    with pikepdf.new() as pdf:
        for _ in range(200):
            pdf.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        pdf.save(out)
    content = watermark.marked(out.getvalue(), name="山田花子", account=7, until=timezone.now())
    assert len(content) < len(out.getvalue()) + 200_000


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
        (mark,) = marked.pages[0].Resources.XObject.values()
        found = [(str(each.operator), len(each.operands)) for each in pikepdf.parse_content_stream(mark)]
    drawn = [pair for pair in found if pair[0] in operands]
    assert ("m", 2) in drawn
    assert set(drawn) <= set(operands.items())
