"""The small number behind a name: on one side of all names of an edition, whatever script and face they need."""

from dataclasses import replace
from pathlib import Path

import pytest

from signatories.editions.document import build_pdf
from signatories.editions.layout import ListEntry
from tests.editions import covers
from tests.editions.page_pictures import words

NAMES = (
    "Aguamiel", "Ann-Sofie O’Brien", "Mỹ Lệ Hằng Lục Bình", "Lam Khê", "Яна Барвинок", "Αριάδνη", "風見坂奏太", "Zoë",
    "नदी", "تلميذ", "דקל", "Ƙwali", "R2 Quill",
)  # fmt: skip


@pytest.mark.parametrize(("language", "at_left"), [("ar", True), ("en", False)])
def test_it_follows_each_name_in_the_direction_of_the_page(tmp_path: Path, language: str, at_left: bool) -> None:
    target = tmp_path / "edition.pdf"
    entries = [ListEntry(1000 + n, name, "", "", "A", "en") for n, name in enumerate(NAMES)]
    build_pdf(replace(covers.COVER, language=language), entries, target, processes=0)
    read = list(words(target))
    wrong = []
    for number, name in enumerate(NAMES, 1000):
        beside = next(word for word in read if word.text == str(number))
        line = [word for word in read if word.page == beside.page and abs(word.top - beside.top) < 8 and word != beside]
        gaps = [(max(word.left - beside.right, beside.left - word.right), word) for word in line]
        nearest = min(gaps)[1]
        if at_left != (beside.left < nearest.left):
            wrong.append((name, nearest.text))
    assert wrong == []
