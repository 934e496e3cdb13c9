"""A digest that stays confirms no guess about who was in a file: each file bears a mark that nobody can guess."""

import csv
import hashlib
import io
from pathlib import Path

import pikepdf
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.editions import csv_file, rows
from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition, EditionPart, Signature
from signatories.models.edition import EditionState, Part
from tests.editions.building import as_dicts, body, build
from tests.editions.lists import PRESS, people, read_json
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
FORMATS = ("pdf", "xlsx", "csv", "json")


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


def build_only(part: Part, *, since: int = 0) -> EditionPart:
    """One list of the latest edition; the others that wait are cancelled."""
    edition = Edition.objects.latest_ready()
    assert edition
    EditionPart.objects.filter(state=EditionState.ASKED).update(state=EditionState.CANCELLED)
    EditionPart.objects.filter(edition=edition, part=part, since=since).delete()
    editions.ask_part(edition, part, since=since)
    built = editions.build_waiting_part()
    assert built
    assert built.state == EditionState.READY, built.error
    return built


def files(client: Client, stem: str) -> dict[str, bytes]:
    return {format_: body(client.get(f"{PRESS}/1/{stem}.{format_}")) for format_ in FORMATS}


def test_whoever_knows_all_rows_cannot_rebuild_the_file(client: Client, own_folder: Path) -> None:
    """Two people of a list of changes withdraw: the digest of the file stays, and says nothing to who guesses them."""
    people()
    build()
    for name in ("Dorian Fell", "Edda Marsh"):
        signed(name=name, address=f"{name.split()[0]}@example.org")
    build()
    build_only(Part.CHANGES, since=1)
    stem = f"{PRESS}/2/changes-since-1"
    true, told = body(client.get(f"{stem}.csv")), read_json(client, f"{stem}.json")
    listed = [row for row in read_rows(own_folder, told["edition_mark"]) if row.first_in == 2]
    for name in ("Dorian Fell", "Edda Marsh"):
        mine.withdraw(signature_id=Signature.objects.get(name=name).pk, now=timezone.now())
    build()
    assert client.get(f"{stem}.csv").status_code == 410
    sums = client.get(f"{PRESS}/2/SHA256SUMS").content.decode()
    guessed = own_folder / "guessed.csv"
    for mark, found in ((told["edition_mark"], True), ("2-" + "0" * 32, False), ("2", False), ("", False)):
        csv_file.write(listed, guessed, mark=mark, since=1)
        assert (guessed.read_bytes() == true) is found  # all but the mark is known
        digest = hashlib.sha256(guessed.read_bytes()).hexdigest()
        assert (digest in sums) is found
        verified = client.get("/press/verify/", {"sha256": digest}).content.decode()
        assert ("It is ours, unchanged" in verified) is found


def read_rows(folder: Path, mark: str) -> list[rows.Row]:
    """The rows of the second edition, as they are stored."""
    (stored,) = (folder / "files" / "editions").glob("2-signatories-en-*.json")
    assert mark not in stored.read_text()  # each list has its own
    with stored.open("rb") as file:
        return list(rows.read(file)[1])


def test_every_format_bears_the_mark_of_its_list(client: Client) -> None:
    people()
    build()
    build_only(Part.MUSIC)
    marks = set()
    for stem in ("signatories", "music"):
        made = files(client, stem)
        mark = read_json(client, f"{PRESS}/1/{stem}.json")["edition_mark"]
        number, _dash, unguessable = mark.partition("-")
        assert (number, len(bytes.fromhex(unguessable))) == ("1", 16)
        table = csv.DictReader(io.StringIO(made["csv"].decode("utf-8-sig")))
        assert {row["edition_mark"] for row in table} == {mark}
        assert {row["edition_mark"] for row in as_dicts(made["xlsx"])} == {mark}
        with pikepdf.open(io.BytesIO(made["pdf"])) as pdf:
            assert pdf.open_metadata()["dc:identifier"] == mark
        marks.add(mark)
    assert len(marks) == 2


def test_another_key_makes_other_bytes(client: Client, settings: Settings) -> None:
    """The same list of the same moment, by one site and by another: in each format the mark is what differs."""
    people()
    build()
    made = []
    for key in ("one", "one", "another"):
        settings.DIGEST_KEY = key
        build_only(Part.MUSIC)
        made.append(files(client, "music"))
    first, again, other = made
    assert first == again
    assert all(first[format_] != other[format_] for format_ in FORMATS)
    marks = [csv.DictReader(io.StringIO(each["csv"].decode("utf-8-sig"))) for each in (first, other)]
    before, after = (next(iter(rows))["edition_mark"] for rows in marks)
    assert first["csv"].replace(before.encode(), after.encode()) == other["csv"]
