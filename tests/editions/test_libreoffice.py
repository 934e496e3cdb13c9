"""The list of an edition, opened by LibreOffice without a window: each cell is the text that was typed, none a formula (T28)."""

import csv
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import Settings

from signatories.editions import csv_file
from signatories.models import Signature
from tests.editions.building import body, build
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
FORMULAS = [
    "=1+1", "=HYPERLINK(\"https://evil.example\";\"Ada\")", "+41", "-2+3", "@SUM(1;2)", "\t=1+1", "\r=1+1",
    "＝1+1", "＋1", "－1", "＠SUM(1)", "'=1+1", "\"=1+1", " =1+1", " ' \"=1+1", "%1", "|calc",
    "=cmd|' /C calc'!A0", "=1+1\",\"=2+2", "=1;=2", "-M-",
]  # fmt: skip
NUMBERS = ["007", "1e5", "1-2", "3/11", "2026-11-29", "Jan 3", "TRUE", "1,000", "50%", "€5", "12:30", "1.5"]
WORDS = [
    "O'Brien", "Ada \"Ace\" Vance", "will.i.am", "www.example.org", "محمد الرمّاني", "אבנר לוי", "星野原花音", "宋梅",
    "_x0041_bel", "Ada; Bram", "Ada, Bram", "Zoë Zürn", "a = b",
]  # fmt: skip
TYPED = FORMULAS + NUMBERS + WORDS
TABLE, OFFICE, TEXT = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text"))
# Comma, double quotes, UTF-8, from the first line; then of each column that it is text (2).
AS_TEXT = "CSV:44,34,76,1," + "/".join(f"{column}/2" for column in range(1, 11))
AS_USUAL = "CSV:44,34,76,1"
SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1"
SECONDS = 120


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, client: Client) -> Path:
    """A folder with the files of an edition, as somebody of the press has saved them."""
    settings.MEDIA_ROOT = tmp_path / "stored"
    for n, typed in enumerate(TYPED):
        made = signed(address=f"p{n}@example.org", affiliation="The Paper Lanterns")
        Signature.objects.filter(pk=made.pk).update(name=typed, affiliation=typed)
    build()
    for format_ in ("xlsx", "csv"):
        (tmp_path / f"list.{format_}").write_bytes(body(client.get(f"/press/latest.{format_}")))
    return tmp_path


def converted(folder: Path, file: str, *, to: str, read_as: str = "") -> Path:
    """The folder with what LibreOffice makes of a file."""
    out = folder / f"made-{len(list(folder.iterdir()))}"
    options = [f"-env:UserInstallation=file://{folder / 'profile'}", "--headless", "--norestore"]
    options += [f"--infilter={read_as}"] if read_as else []
    command = ["soffice", *options, "--convert-to", to, "--outdir", str(out), str(folder / file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    assert out.is_dir(), done.stderr
    return out


def cells(file: Path) -> list[list[tuple[str, str]]]:
    """The kind and the text of each cell, row by row, without the empty rest. A formula fails."""
    tree = ElementTree.parse(file)
    assert [name for node in tree.iter() for name in node.attrib if name.endswith("formula")] == []
    (sheet,) = tree.iter(f"{TABLE}table")
    found = []
    for row in sheet.iter(f"{TABLE}table-row"):
        read: list[tuple[str, str]] = []
        for cell in row.iter(f"{TABLE}table-cell"):
            words = "\n".join(spelled(line) for line in cell.iter(f"{TEXT}p"))
            times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
            read += [(cell.get(f"{OFFICE}value-type", ""), words)] * (times if words else min(times, 10))
        if any(words for _kind, words in read):
            found.append(read)
    return found


def spelled(line: ElementTree.Element) -> str:
    """The text of a paragraph, in which spaces may stand as elements."""
    words = line.text or ""
    for inner in line:
        words += " " * int(inner.get(f"{TEXT}c", "1")) if inner.tag == f"{TEXT}s" else spelled(inner)
        words += inner.tail or ""
    return words


def column(rows: list[list[tuple[str, str]]], name: str) -> list[tuple[str, str]]:
    """The cells below a header."""
    at = [words for _kind, words in rows[0]].index(name)
    return [row[at] for row in rows[1:]]


def as_kept(written: set[str]) -> set[tuple[str, str]]:
    """The cells that these texts must be."""
    return {("string", words) for words in written}


def test_files_of_an_edition_hold_what_was_typed_and_no_formula(folder: Path) -> None:
    """The list is in the order of names, so cells are compared as sets."""
    typed = {" ".join(words.split()) for words in TYPED}
    workbook = cells(converted(folder, "list.xlsx", to="fods") / "list.fods")
    assert {kind for row in workbook for kind, words in row if words} == {"string"}
    as_text = cells(converted(folder, "list.csv", to="fods", read_as=AS_TEXT) / "list.fods")
    as_usual = cells(converted(folder, "list.csv", to="fods", read_as=AS_USUAL) / "list.fods")
    for name in ("name", "affiliation"):
        assert set(column(workbook, name)) == as_kept(typed)
        assert set(column(as_text, name)) == as_kept({csv_file.cell(words) for words in typed})
        # What looks like a number is one for a spreadsheet that is not told otherwise: the workbook is there for it.
        kept = as_kept({csv_file.cell(" ".join(words.split())) for words in FORMULAS + WORDS})
        assert kept <= set(column(as_usual, name))
        assert len(column(as_usual, name)) == len(TYPED)
    shown = converted(folder, "list.xlsx", to=SHOWN) / "list.csv"
    assert {row["name"] for row in csv.DictReader(shown.read_text(encoding="utf-8").splitlines())} == typed


def test_a_formula_would_be_seen(tmp_path: Path) -> None:
    """LibreOffice computes what a CSV without our care holds, and the test above sees it."""
    (tmp_path / "list.csv").write_text("name\n=1+1\n")
    with pytest.raises(AssertionError, match="formula"):
        cells(converted(tmp_path, "list.csv", to="fods") / "list.fods")
