"""The list as a workbook: every cell is a text, as it was typed; the same people as in the CSV."""

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone, translation

from signatories.editions import xlsx_file
from signatories.editions.rows import compared
from signatories.models import EditionFile, Signature
from tests.editions.building import as_dicts, body, build, sheets
from tests.listed import csv_of
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
AS_TYPED = [
    "007",
    "3/11",
    "-M-",
    "=1+1",
    "+41",
    "@home",
    "1e5",
    "TRUE",
    "Jan 3",
    "O'Brien",
    "_x0041_bel",
    "http",
    "محمد الرمّاني",
    "星野原花音",
]


def write(folder: Path, signatures: Any) -> bytes:
    """The workbook of some signatures."""
    xlsx_file.write(compared(signatures, 1, None), folder / "list.xlsx", as_of=timezone.now(), mark="1-0")
    return (folder / "list.xlsx").read_bytes()


def test_every_cell_is_a_text_as_it_was_typed(tmp_path: Path) -> None:
    for n, typed in enumerate(AS_TYPED):
        signature = signed(address=f"p{n}@example.org", affiliation="007 / 3", country="IE")
        Signature.objects.filter(pk=signature.pk).update(name=typed)
    rows = as_dicts(write(tmp_path, Signature.objects.public().order_by("pk")))
    assert [row["name"] for row in rows] == AS_TYPED
    assert {row["affiliation"] for row in rows} == {"007 / 3"}
    assert [row["number"] for row in rows] == [str(s.number) for s in Signature.objects.order_by("pk")]


def test_workbook_and_csv_are_one_table_with_countries_in_words(client: Client) -> None:
    for n, country in enumerate(["IE", "", "JP"]):
        signed(name=f"Ann Vale {n}", address=f"p{n}@example.org", country=country, affiliation="The Paper Lanterns")
    signed(name="Hidden Marker", named=False, address="h@example.org")
    edition = build()
    response = client.get("/press/latest.xlsx")
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    assert "signatories-edition-1.xlsx" in response["Content-Disposition"]
    content = body(response)
    assert hashlib.sha256(content).hexdigest() == edition.xlsx_sha256
    rows = as_dicts(content)
    plain = list(csv.DictReader(io.StringIO(body(client.get("/press/latest.csv")).decode("utf-8-sig"))))
    assert rows == plain
    assert {(row["country"], row["country_name"]) for row in rows} == {("IE", "Ireland"), ("JP", "Japan"), ("", "")}
    assert list(plain[0]).index("country_name") == list(plain[0]).index("country") + 1
    for page in ("/press/", "/press/editions/1/"):
        assert edition.xlsx_sha256 in client.get(page).content.decode()
        assert ".xlsx" in client.get(page).content.decode()


def test_countries_are_named_in_the_language_of_the_edition(tmp_path: Path) -> None:
    signed(country="DE")
    with translation.override("fr"):
        (row,) = as_dicts(write(tmp_path, Signature.objects.all()))
        assert row["country_name"] == "Allemagne"
        assert b"Allemagne" in csv_of(Signature.objects.all())


def test_more_people_than_a_sheet_takes_fill_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        signed(name=f"Ann Vale {n}", address=f"p{n}@example.org")
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 2)
    found = sheets(write(tmp_path, Signature.objects.order_by("pk")))
    assert [len(rows) - 1 for rows in found] == [2, 2, 1]
    assert all(rows[0][0] == "number" for rows in found)


def test_an_edition_from_before_has_no_workbook_and_says_nothing_of_one(client: Client) -> None:
    signed()
    edition = build()
    default_storage.delete(edition.xlsx)
    EditionFile.objects.filter(format="xlsx").delete()
    for page in ("/press/", "/press/editions/1/"):
        assert "xlsx" not in client.get(page).content.decode().lower()
    assert client.get("/press/latest.xlsx").status_code == 404
    assert body(client.get("/press/latest.csv"))
