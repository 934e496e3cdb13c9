"""What the page of an edition has people save beside its files is recognised, too; an empty file is called so."""

import hashlib
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from signatories.editions import services as editions
from signatories.models import EditionFile
from tests.editions.building import body, build
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
SUMS = "/press/editions/1/SHA256SUMS"


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PAGE_SECONDS = 0


def verdict(client: Client, content: bytes) -> str:
    """The answer to a file."""
    page = client.get("/press/verify/", {"sha256": hashlib.sha256(content).hexdigest()}).content.decode()
    return " ".join(page.partition('id="answer"')[2].partition("</section>")[0].split())


def test_what_lies_beside_the_files_of_an_edition_is_recognised(client: Client, settings: Settings) -> None:
    settings.SIGNING_KEY = Fernet.generate_key().decode()
    signed()
    build()
    settings.SIGNING_KEY = Fernet.generate_key().decode()
    signed(name="Dorian Fell", address="dorian@example.org")
    build()
    of_which = 'href="/press/editions/1/"'
    for address, words in (
        (SUMS, "list of checksums of edition 1"),
        (f"{SUMS}.sig", "signature of the list of checksums of edition 1"),
    ):
        content = body(client.get(address))
        answer = verdict(client, content)
        assert "It is ours, unchanged" in answer
        assert f"It is the {words}, as it stands there now" in answer
        assert of_which in answer
        assert "It is no file of ours" in verdict(client, content + b" ")
    keys = body(client.get("/.well-known/declaration-key"))
    one, other = (
        f"{key}-----END PUBLIC KEY-----\n".encode() for key in keys.decode().split("-----END PUBLIC KEY-----\n")[:2]
    )
    for content in (keys, one, other.lstrip()):
        assert "It is a public key of ours" in verdict(client, content)


def test_without_a_key_no_signature_is_recognised(client: Client, settings: Settings) -> None:
    settings.SIGNING_KEY = ""
    signed()
    build()
    assert "list of checksums of edition 1" in verdict(client, body(client.get(SUMS)))
    assert "The file is empty" in verdict(client, b"")
    assert "no file of ours" not in verdict(client, b"")


def test_an_unknown_digest_is_looked_up_in_indexes(client: Client, settings: Settings) -> None:
    """Nothing is computed for each edition, nor read of each, while anybody asks."""
    settings.SIGNING_KEY = Fernet.generate_key().decode()
    signed()
    for _ in range(3):
        build()
    with CaptureQueriesContext(connection) as seen:
        assert "It is no file of ours" in verdict(client, b"anything")
    asked = [one["sql"] for one in seen]
    assert not [sql for sql in asked if "sha256(" in sql]
    (keys,) = [sql for sql in asked if "signed_by" in sql.partition("FROM")[2]]
    assert "GROUP BY" in keys
    assert "SET" not in keys
    pem = body(client.get("/.well-known/declaration-key")).decode()
    assert pem.count("BEGIN PUBLIC KEY") == 1


def test_a_list_that_becomes_ready_changes_what_is_recognised(client: Client, settings: Settings) -> None:
    settings.SIGNING_KEY = Fernet.generate_key().decode()
    signed()
    build()
    before = [body(client.get(f"{SUMS}{ending}")) for ending in ("", ".sig")]
    assert editions.build_waiting_part()
    for content, ending in zip(before, ("", ".sig"), strict=True):
        assert "It is no file of ours" in verdict(client, content)
        assert "as it stands there now" in verdict(client, body(client.get(f"{SUMS}{ending}")))


def test_a_time_stamp_is_told_what_it_is_for(client: Client) -> None:
    signed()
    build()
    EditionFile.objects.filter(format="pdf").update(stamp=b"a time stamp")
    answer = verdict(client, body(client.get("/press/editions/1/signatories.pdf.tsr")))
    assert "A time stamp, or an older list of checksums or its signature, is not known here" in answer
