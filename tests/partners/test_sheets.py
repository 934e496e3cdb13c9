"""Hand-out and poster as they are printed: the code is read from the page in every language, and lies wholly on it."""

import subprocess
from pathlib import Path

import pytest
import segno
import zxingcpp
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from declaration import languages
from signatories.models import PartnerSheet
from signatories.models.partner import SheetKind
from signatories.partners import kit
from tests.editions.page_pictures import words
from tests.partners.partners import channel, partner
from tests.people import text

pytestmark = pytest.mark.django_db(transaction=True)
DOTS = 100  # an inch
QUIET = 4  # modules that are free around a code (ISO 18004)


def printed(row: PartnerSheet, folder: Path) -> list[Image.Image]:
    """The pages of a sheet as pictures."""
    name = folder / f"{row.language}-{row.kind}"
    name.with_suffix(".pdf").write_bytes(row.pdf)
    command = ["pdftoppm", "-r", str(DOTS), "-gray", str(name.with_suffix(".pdf")), str(name)]
    subprocess.run(command, check=True)
    return [Image.open(file) for file in sorted(folder.glob(f"{name.name}-*.pgm"))]


def test_the_code_is_read_and_lies_on_the_page_in_every_language(tmp_path: Path, settings: Settings) -> None:
    settings.LANGUAGES = languages.known()
    text()
    made = partner(sentence={"en": "Our hands set the stage."})
    link, codes = channel(made), [code for code, _name in languages.known()]
    for language in codes:
        for kind in SheetKind:
            assert kit.ask(partner_id=made.pk, channel_id=link.pk, language=language, kind=kind, now=timezone.now())
    assert kit.make_waiting() == 2 * len(codes)
    for row in PartnerSheet.objects.all():
        pages = printed(row, tmp_path)
        found = [(page, code) for page in pages for code in zxingcpp.read_barcodes(page)]
        assert len(found) == 1, (row.language, row.kind)
        page, code = found[0]
        assert code.text.endswith("/with/stage-hands/?by=newsletter")
        left, right = code.position.top_left.x, code.position.top_right.x
        quiet = QUIET * (right - left) / segno.make(code.text, error="m").symbol_size(border=0)[0]
        assert quiet <= left and right + quiet <= page.width, (row.language, row.kind)
        if row.kind == SheetKind.POSTER:
            assert abs(left + right - page.width) < 6, row.language
            seen = [word.text for word in words(tmp_path / f"{row.language}-{row.kind}.pdf")]
            assert "stage." in seen, row.language  # its full stop stands behind it, also on a page from right to left
