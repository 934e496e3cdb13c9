"""The lists of an edition: by field, notable names, changes; four formats of one snapshot."""

import csv
import io
from pathlib import Path

import page
import pikepdf
import pytest
from django.conf import settings as configured
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.models import Text
from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition, EditionFile, Signature
from signatories.models.edition import FileFormat, Part
from signatories.models.signature import IN_FLIGHT
from tests.editions.building import body, build, text_of
from tests.editions.lists import PRESS, build_all, mend, names, people, read_json
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


def test_the_formats_of_a_list_hold_the_same_people(client: Client, own_folder: Path) -> None:
    people()
    build_all()
    for stem in ("signatories", "music", "notable"):
        told = read_json(client, f"{PRESS}/1/{stem}.json")
        in_csv = list(csv.DictReader(io.StringIO(body(client.get(f"{PRESS}/1/{stem}.csv")).decode("utf-8-sig"))))
        assert told["names"] == len(told["signatories"]) == len(in_csv)
        for row, line in zip(told["signatories"], in_csv, strict=True):
            assert line.pop("edition_mark") == told["edition_mark"]
            assert {key: str(row[key] or "") for key in line} == line
        pdf = own_folder / "list.pdf"
        pdf.write_bytes(body(client.get(f"{PRESS}/1/{stem}.pdf")))
        assert all(row["name"] in text_of(pdf) for row in told["signatories"])
        assert body(client.get(f"{PRESS}/1/{stem}.xlsx")).startswith(b"PK")


def test_a_list_holds_its_field_and_says_of_how_many(client: Client, own_folder: Path) -> None:
    people()
    edition = build_all()
    assert names(client, f"{PRESS}/1/music.csv") == ["Ada Vance"]
    assert names(client, f"{PRESS}/1/writing.csv") == names(client, f"{PRESS}/1/notable.csv") == ["Bram Bellweather"]
    assert names(client, f"{PRESS}/1/visual.csv") == []
    told = read_json(client, f"{PRESS}/1/stage.json")
    assert (told["list"], told["edition"], told["named"], told["names"]) == ("stage", 1, 3, 1)
    pdf = own_folder / "list.pdf"
    pdf.write_bytes(body(client.get(f"{PRESS}/1/stage.pdf")))
    words = text_of(pdf)
    assert "Film and stage: 1 entry" in words
    assert "3 people have signed" in words
    page = client.get(f"{PRESS}/1/").content.decode()
    assert "Film and stage" in page
    assert f"{PRESS}/{edition.number}/stage.xlsx" in page


def test_changes_since_the_edition_before_and_since_an_older_one(client: Client, own_folder: Path) -> None:
    people()
    build_all()
    mend(Signature.objects.get(name="Ada Vance"), name="Ada Vance-Quill")
    signed(name="Dorian Fell", address="dorian@example.org")
    mine.withdraw(signature_id=Signature.objects.get(name="Cosima Thorn").pk, now=timezone.now())
    build_all()
    signed(name="Edda Marsh", address="edda@example.org")
    build_all()
    lines = list(csv.DictReader(io.StringIO(body(client.get(f"{PRESS}/3/changes-since-2.csv")).decode("utf-8-sig"))))
    assert [(line["name"], line["change"]) for line in lines] == [("Edda Marsh", "added")]
    assert client.get(f"{PRESS}/3/changes-since-1.csv").status_code == 404  # not asked for
    editions.ask_part(Edition.objects.get(number=3), Part.CHANGES, since=1)
    assert editions.build_waiting_part()
    told = read_json(client, f"{PRESS}/3/changes-since-1.json")
    assert [row["name"] for row in told["signatories"]] == ["Dorian Fell", "Edda Marsh", "Ada Vance-Quill"]
    assert told["left"] == 1
    pdf = own_folder / "list.pdf"
    pdf.write_bytes(body(client.get(f"{PRESS}/3/changes-since-1.pdf")))
    words = text_of(pdf)
    assert "1 person of that edition has left the list and is not named." in words
    assert "corrected" in words
    assert "Cosima" not in words


def test_who_leaves_and_comes_back_is_counted_as_both(client: Client) -> None:
    people()
    build_all()
    goes = Signature.objects.get(name="Cosima Thorn")
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    build_all()
    mine.undo(signature_id=goes.pk, now=timezone.now())
    build_all()
    editions.ask_part(Edition.objects.get(number=3), Part.CHANGES, since=1)
    assert editions.build_waiting_part()
    told = read_json(client, f"{PRESS}/3/changes-since-1.json")
    assert ([row["name"] for row in told["signatories"]], told["left"]) == (["Cosima Thorn"], 1)


def test_in_another_language_the_words_change_and_the_names_stay(client: Client) -> None:
    people()
    first = build_all()
    answer = client.get(f"/fr{PRESS}/1/music.csv")
    assert (answer.status_code, answer["Location"]) == (302, f"{PRESS}/1/music.csv")
    assert names(client, "/fr/press/latest.csv") == names(client, "/press/latest.csv")
    editions.ask_part(first, Part.FULL, language="fr")
    assert editions.build_waiting_part()
    told = read_json(client, f"/fr{PRESS}/1/signatories.json")
    assert [row["name"] for row in told["signatories"]] == [
        row["name"] for row in read_json(client, f"{PRESS}/1/signatories.json")["signatories"]
    ]
    assert "Poésie" in {row["profession_text"] for row in told["signatories"]} | {"Poésie"}
    assert told["language"] == "fr"
    assert {row["profession_text"] for row in told["signatories"]} != {"Singer", "Poet", "Actor"}
    assert f"/fr{PRESS}/1/signatories.pdf" in client.get(f"/fr{PRESS}/1/").content.decode()


def test_somebody_leaves_and_every_file_that_named_them_is_gone(client: Client) -> None:
    long_ago = timezone.now() - 3 * IN_FLIGHT
    goes = signed(now=long_ago)
    build_all()
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    build_all()
    assert not EditionFile.objects.filter(part__edition__number=1).exclude(path="").exists()
    stored = {file.path for file in EditionFile.objects.exclude(path="")}
    assert {f"editions/{name}" for name in default_storage.listdir("editions")[1]} == stored
    for stem in ("signatories", "music"):
        assert client.get(f"{PRESS}/1/{stem}.json").status_code == 410


@pytest.mark.parametrize(
    "name",
    [
        "nothing.pdf", "music.doc", "music", "changes.csv", "changes-since-0.csv", "changes-since-1.csv", "MUSIC.csv",
        "%00.csv",
    ],
)  # fmt: skip
def test_a_file_that_there_is_not_is_answered_with_the_way_on(client: Client, name: str) -> None:
    people()
    build_all()
    assert client.get(f"{PRESS}/1/{name}").status_code == 404
    assert client.get(f"{PRESS}/9/music.csv").status_code == 404


def test_an_edition_that_an_older_worker_built_is_taken_over(client: Client) -> None:
    """Processes are replaced in no order: its files stand in columns alone."""
    people()
    edition = build()
    edition.parts.all().delete()
    assert client.get("/press/latest.pdf").status_code == 404
    editions.build_waiting()
    assert body(client.get("/press/latest.pdf")).startswith(b"%PDF")
    assert {file.format for file in edition.full_files} == {FileFormat.PDF, FileFormat.CSV, FileFormat.XLSX}
    assert names(client, "/press/latest.csv") == ["Bram Bellweather", "Cosima Thorn", "Ada Vance"]


def test_the_text_of_the_main_language_stands_where_there_is_no_other(client: Client, own_folder: Path) -> None:
    people()
    Text.objects.filter(language="fr").delete()
    editions.ask_part(build(), Part.FULL, language="fr")
    while editions.build_waiting_part():
        pass
    assert configured.LANGUAGE_CODE == "en"
    pdf = own_folder / "list.pdf"
    pdf.write_bytes(body(client.get(f"/fr{PRESS}/1/signatories.pdf")))
    assert Text.objects.get().title in text_of(pdf).replace("\n", " ")


def test_the_full_list_has_a_page_of_figures_of_its_own_snapshot(client: Client, own_folder: Path) -> None:
    """Plots are pictures, told to those who hear the document, and valid PDF/UA-1; lists of a field have none."""
    people()
    build()
    signed(name="Dorian Fell", address="dorian@example.org", profession="poet")
    build_all()
    pdf = own_folder / "list.pdf"
    pdf.write_bytes(body(client.get(f"{PRESS}/2/signatories.pdf")))
    words = text_of(pdf)
    assert "1 name of a person was added, 0 have left, 0 were corrected." in words
    assert "A mailbox does not prove who somebody is." in words
    assert page.validate_pdf(pdf, profile="ua1").is_compliant
    with pikepdf.open(pdf) as opened:
        told = [str(item.Alt) for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert any(alt.startswith("Signatories by field: Writing 2, ") for alt in told)
    pdf.write_bytes(body(client.get(f"{PRESS}/2/music.pdf")))
    assert "In figures" not in text_of(pdf)
