"""The structure of the list: an item for each name, with its detail; every text and link belongs to one element."""

from collections.abc import Iterator
from pathlib import Path

import page
import pikepdf
import pytest

from signatories.editions.document import build_pdf
from signatories.editions.layout import ListEntry
from tests.editions.covers import COVER, LONGEST

ENTRIES = [
    ListEntry(1, "Ada Quill", "", "", "A", "en"),
    ListEntry(2, "Bram Bellweather", "", "pianist · The Long Afternoon", "A", "en"),
    ListEntry(3, "דקל בן־לוטם", "Dekel Ben-Lotem", "ספר שני · poet", "A", "he"),
    ListEntry(4, "1 שלום 2", "", "", "A", "he"),
    ListEntry(5, LONGEST, "", "a detail", "A", "en"),
    ListEntry(6, "Zoë Zander", "", "a detail so long that it takes a line more than the one it begins on", "A", "en"),
]


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("structure") / "edition.pdf"
    build_pdf(COVER, ENTRIES, target, processes=0)
    return target


def kids(element: pikepdf.Object) -> list[pikepdf.Object]:
    """What an element holds, also where it is a single text."""
    return list(element.K) if isinstance(element.K, pikepdf.Array) else [element.K]


def elements(root: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """All structure elements below `root`."""
    for kid in kids(root):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def owners(pdf: pikepdf.Pdf) -> dict[int, pikepdf.Object]:
    numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
    return {int(numbers[place]): numbers[place + 1] for place in range(0, len(numbers), 2)}


def test_a_name_with_its_detail_is_one_item_of_two_elements(edition: Path) -> None:
    with pikepdf.open(edition) as pdf:
        items = [element for element in elements(pdf.Root.StructTreeRoot) if element.S == "/LI"]
        assert len(items) == len(ENTRIES)
        for item in items:
            [body] = kids(item)
            assert body.S == "/LBody"
            assert body.P.objgen == item.objgen
            assert all(isinstance(text, int) for text in kids(body))
        assert len(kids(kids(items[0])[0])) == 1
        assert len(kids(kids(items[1])[0])) == 2


def test_every_text_of_a_page_belongs_to_the_element_that_holds_it(edition: Path) -> None:
    with pikepdf.open(edition) as pdf:
        owner = owners(pdf)
        for sheet in pdf.pages:
            held = [
                (int(text), element.objgen)
                for element in elements(pdf.Root.StructTreeRoot)
                if "/Pg" in element and element.Pg.objgen == sheet.obj.objgen
                for text in kids(element)
                if isinstance(text, int)
            ]
            told = owner[int(sheet.obj.StructParents)]
            assert sorted(held) == [(text, element.objgen) for text, element in enumerate(told)]
            assert held


def test_a_link_is_kept_with_its_words(edition: Path) -> None:
    with pikepdf.open(edition) as pdf:
        [link] = [element for element in elements(pdf.Root.StructTreeRoot) if element.S == "/Link"]
        [annotation] = pdf.pages[0].Annots
        assert owners(pdf)[int(annotation.StructParent)].objgen == link.objgen
        assert any(isinstance(kid, int) for kid in kids(link))


def test_it_is_accessible(edition: Path) -> None:
    report = page.validate_pdf(edition, profile="ua1")

    assert [failure.message for failure in report.failures] == []
