"""Each file of an edition can be read by any program, and the four of a list hold the same rows."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import EditionFile, Signature
from signatories.models.edition import Part
from tests.editions.building import body
from tests.editions.lists import build_all, mend, people
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON in which each key stands once."""
    keys = [key for key, _value in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)


def test_every_json_file_has_each_key_once_and_the_rows_of_the_csv(client: Client) -> None:
    people()
    edition = build_all()
    editions.ask_part(edition, Part.FULL, language="fr")
    mend(Signature.objects.get(name="Ada Vance"), name="Ada Vance-Quill")
    signed(name="Dorian Fell", address="dorian@example.org")
    mine.withdraw(signature_id=Signature.objects.get(name="Cosima Thorn").pk, now=timezone.now())
    build_all()
    files = EditionFile.objects.filter(format="json").exclude(path="").select_related("part__edition")
    parts = {(file.part.part, file.part.language) for file in files}
    assert {(Part.FULL, "en"), (Part.FULL, "fr"), (Part.MUSIC, "en"), (Part.CHANGES, "en")} <= parts
    for file in files:
        address = file.get_absolute_url()
        told = json.loads(body(client.get(address)), object_pairs_hook=once)
        table = body(client.get(address.replace(".json", ".csv"))).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(table)))
        assert [str(row["number"]) for row in told["signatories"]] == [row["number"] for row in rows]
        assert [row["name"] for row in told["signatories"]] == [row["name"] for row in rows]
        assert ("left" in told) == (file.part.part == Part.CHANGES)
