"""The lists of an edition: by field, notable names, changes; four formats of one snapshot; asked for, cancelled, late."""

import csv
import hashlib
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import page
import pikepdf
import pytest
from cryptography.fernet import Fernet
from django.conf import settings as configured
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.models import Text
from signatories.editions import building, document
from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition, EditionFile, EditionPart, Signature
from signatories.models.edition import EditionState, FileFormat, Part
from signatories.models.signature import IN_FLIGHT
from tests.editions.building import body, build, text_of
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
PRESS = "/press/editions"


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


def build_all() -> Edition:
    """An edition with its lists."""
    edition = build()
    while editions.build_waiting_part():
        pass
    assert not EditionPart.objects.filter(state=EditionState.FAILED).exists()
    return edition


def people() -> None:
    """One for each of three fields; the poet is notable."""
    for name, profession in (("Ada Vance", "singer"), ("Bram Bellweather", "poet"), ("Cosima Thorn", "actor")):
        signed(name=name, profession=profession, address=f"{name.split()[0]}@example.org")
    Signature.objects.filter(profession="poet").update(featured=1)


def names(client: Client, path: str) -> list[str]:
    response = client.get(path)
    assert response.status_code == 200, path
    return [row["name"] for row in csv.DictReader(io.StringIO(body(response).decode("utf-8-sig")))]


def read_json(client: Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body(client.get(path)))
    return found


def mend(signature: Signature, **changes: Any) -> None:
    """The signer corrects something."""
    update = mine.SignatureUpdate(**vars(mine.update_of(signature)) | changes)
    mine.mend(signature_id=signature.pk, update=update, now=timezone.now())


def test_the_formats_of_a_list_hold_the_same_people(client: Client, own_folder: Path) -> None:
    people()
    build_all()
    for stem in ("signatories", "music", "notable"):
        told = read_json(client, f"{PRESS}/1/{stem}.json")
        in_csv = list(csv.DictReader(io.StringIO(body(client.get(f"{PRESS}/1/{stem}.csv")).decode("utf-8-sig"))))
        assert told["names"] == len(told["signatories"]) == len(in_csv)
        for row, line in zip(told["signatories"], in_csv, strict=True):
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
    assert "Film and stage: 1 name" in words
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
    assert "1 signatory of that edition has left the list and is not named." in words
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


def test_digests_of_all_files_are_those_of_their_bytes(client: Client) -> None:
    people()
    build_all()
    files = list(EditionFile.objects.select_related("part__edition"))
    assert len(files) == 4 * 7
    for file in files:
        content = body(client.get(file.get_absolute_url()))
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.size)


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


def test_an_edition_goes_before_a_list_that_is_being_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """A take-down is not kept waiting by a list: the list is put off, and then belongs to an older edition."""
    people()
    build()
    really = document.build_pdf

    def asked_meanwhile(*arguments: Any, progress: Any, **named: Any) -> None:
        editions.ask()
        progress(1, 9)
        really(*arguments, progress=progress, **named)

    monkeypatch.setattr(building, "build_pdf", asked_meanwhile)
    put_off = editions.build_waiting_part()
    monkeypatch.undo()
    assert put_off
    assert put_off.state == EditionState.ASKED
    second = editions.build_waiting()
    assert second
    assert second.number == 2
    assert editions.build_waiting_part()
    put_off.refresh_from_db()
    assert (put_off.state, put_off.error) == (EditionState.CANCELLED, "A newer edition is there.")


@pytest.mark.parametrize("what", ["edition", "list"])
def test_a_build_is_cancelled_at_the_desk(desk: Client, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Nothing of it stays, the last one is up, and it can be asked for again."""
    people()
    first = build()
    really = document.build_pdf

    def cancelled_meanwhile(*arguments: Any, progress: Any, **named: Any) -> None:
        row = Edition.objects.latest("pk") if what == "edition" else EditionPart.objects.get(state="building")
        kind = "" if what == "edition" else "lists/"
        assert "Cancel" in desk.get("/desk/editions/").content.decode()
        assert desk.post(f"/desk/editions/{kind}{row.pk}/cancel/").status_code == 303
        progress(1, 9)
        really(*arguments, progress=progress, **named)

    if what == "edition":
        editions.ask()
    monkeypatch.setattr(building, "build_pdf", cancelled_meanwhile)
    built = editions.build_waiting() or editions.build_waiting_part()
    monkeypatch.undo()
    assert built
    assert built.state == EditionState.CANCELLED
    assert Edition.objects.latest_ready() == first
    while editions.build_waiting_part():
        pass
    assert {f"editions/{name}" for name in default_storage.listdir("editions")[1]} == {
        file.path for file in EditionFile.objects.filter(part__edition=first)
    }
    if isinstance(built, EditionPart):
        assert editions.ask_part(first, Part(built.part), since=built.since).state == EditionState.ASKED
        assert editions.build_waiting_part()
        built.refresh_from_db()
        assert built.state == EditionState.READY
    else:
        assert build().number == 2


def test_what_is_ready_is_not_cancelled(desk: Client) -> None:
    people()
    edition = build_all()
    part = EditionPart.objects.filter(part=Part.MUSIC).get()
    for path in (f"{edition.pk}/cancel/", f"lists/{part.pk}/cancel/"):
        assert "Nothing was changed" in desk.post(f"/desk/editions/{path}", follow=True).content.decode()
    assert not EditionPart.objects.exclude(state=EditionState.READY).exists()


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"part": "signatories", "language": "fr"}, ""),
        ({"part": "changes", "language": "en", "since": "1"}, ""),
        ({"part": "changes", "language": "en"}, "an edition before 2"),
        ({"part": "changes", "language": "en", "since": "2"}, "an edition before 2"),
        ({"part": "changes", "language": "en", "since": "x"}, "whole number"),
        ({"part": "everything", "language": "en"}, "not one of the available choices"),
        ({"part": "music", "language": "tlh"}, "not one of the available choices"),
    ],
)
def test_a_list_is_asked_for_at_the_desk(desk: Client, typed: dict[str, str], wrong: str) -> None:
    people()
    build()
    build()
    before = EditionPart.objects.count()
    answer = desk.post("/desk/editions/lists/", typed)
    if wrong:
        assert answer.status_code == 422
        assert wrong in answer.content.decode()
        assert EditionPart.objects.count() == before
        return
    assert answer.status_code == 303
    since = int(typed.get("since", 0))
    asked = EditionPart.objects.get(edition__number=2, part=typed["part"], language=typed["language"], since=since)
    assert asked.state == EditionState.ASKED


def test_changes_since_an_edition_of_which_nothing_was_noted(desk: Client) -> None:
    """An edition of a release that kept no JSON."""
    people()
    build()
    EditionFile.objects.filter(format="json").delete()
    build()
    answer = desk.post("/desk/editions/lists/", {"part": "changes", "language": "en", "since": "1"})
    assert "too old to be compared" in answer.content.decode()
    assert not EditionPart.objects.filter(part=Part.CHANGES).exists()


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


def test_a_list_that_is_still_made_says_so(client: Client) -> None:
    people()
    build()
    answer = client.get(f"{PRESS}/1/music.csv")
    assert answer.status_code == 404
    assert "still being made" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    while editions.build_waiting_part():
        pass
    assert names(client, f"{PRESS}/1/music.csv") == ["Ada Vance"]


def test_a_list_that_fails_leaves_the_edition_and_says_why(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    people()
    edition = build()

    def broken(*_arguments: Any, **_named: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "build_pdf", broken)
    part = editions.build_waiting_part()
    monkeypatch.undo()
    assert part
    assert part.state == EditionState.FAILED
    assert Edition.objects.latest_ready() == edition
    assert "The disk is full." in desk.get("/desk/editions/").content.decode()
    assert not part.files.exists()


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


def saved(client: Client, folder: Path, *paths: str) -> None:
    """Files as a browser saves them."""
    for path in paths:
        answer = client.get(path)
        name = answer.get("Content-Disposition", "").partition('filename="')[2].rstrip('"') or path.rpartition("/")[2]
        (folder / name).write_bytes(body(answer))


def test_files_are_checked_with_common_tools(client: Client, settings: Settings, own_folder: Path) -> None:
    """A changed byte and a changed list of checksums are found; the key may be another one by now."""
    settings.SIGNING_KEY = Fernet.generate_key().decode()
    people()
    build_all()
    folder = own_folder / "saved"
    folder.mkdir()
    saved(client, folder, *(file.get_absolute_url() for file in EditionFile.objects.select_related("part__edition")))
    saved(client, folder, f"{PRESS}/1/SHA256SUMS", f"{PRESS}/1/SHA256SUMS.sig", "/.well-known/declaration-key")
    check = ["sha256sum", "--ignore-missing", "--strict", "-c", "SHA256SUMS"]
    told = subprocess.run(check, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert told.count(": OK") == 4 * 7
    verify = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "declaration-key", "-in", "SHA256SUMS"]
    verify += ["-sigfile", "SHA256SUMS.sig"]
    assert subprocess.run(verify, cwd=folder, capture_output=True, check=False).returncode == 0
    for words in ("SHA256SUMS.sig", "openssl pkeyutl"):
        assert words in client.get(f"{PRESS}/1/").content.decode()

    first = (folder / "declaration-key").read_text()
    settings.SIGNING_KEY = Fernet.generate_key().decode()
    keys = client.get("/.well-known/declaration-key").content.decode()
    assert first in keys
    assert not keys.startswith(first)

    with (folder / "music-edition-1.csv").open("ab") as file:
        file.write(b" ")
    assert subprocess.run(check, cwd=folder, capture_output=True, check=False).returncode == 1
    (folder / "SHA256SUMS").write_text(told)
    assert subprocess.run(verify, cwd=folder, capture_output=True, check=False).returncode == 1


def test_without_a_key_nothing_is_signed_and_nothing_says_so(client: Client, settings: Settings) -> None:
    settings.SIGNING_KEY = ""
    people()
    build()
    assert client.get(f"{PRESS}/1/SHA256SUMS").status_code == 200
    for path in (f"{PRESS}/1/SHA256SUMS.sig", "/.well-known/declaration-key", f"{PRESS}/7/SHA256SUMS"):
        assert client.get(path).status_code == 404
    assert "openssl" not in client.get(f"{PRESS}/1/").content.decode()


def test_the_full_list_has_a_page_of_figures_of_its_own_snapshot(client: Client, own_folder: Path) -> None:
    """Plots are pictures, told to those who hear the document, and valid PDF/UA-1; lists of a field have none."""
    people()
    build()
    signed(name="Dorian Fell", address="dorian@example.org", profession="poet")
    build_all()
    pdf = own_folder / "list.pdf"
    pdf.write_bytes(body(client.get(f"{PRESS}/2/signatories.pdf")))
    words = text_of(pdf)
    assert "1 name was added, 0 have left, 0 were corrected." in words
    assert "A mailbox does not prove who somebody is." in words
    assert page.validate_pdf(pdf, profile="ua1").is_compliant
    with pikepdf.open(pdf) as opened:
        told = [str(item.Alt) for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert any(alt.startswith("Signatories by field: Writing 2, ") for alt in told)
    pdf.write_bytes(body(client.get(f"{PRESS}/2/music.pdf")))
    assert "In figures" not in text_of(pdf)
