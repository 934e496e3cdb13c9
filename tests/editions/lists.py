"""Editions with lists for tests: who is in them, building all, reading what the site sends."""

import csv
import io
import json
from typing import Any

from django.test import Client
from django.utils import timezone

from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition, EditionPart, Signature
from signatories.models.edition import EditionState
from tests.editions.building import body, build
from tests.people import signed

PRESS = "/press/editions"


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
