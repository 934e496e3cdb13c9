"""Editions and their files: each can be found, checked and fetched; of a retired one the record stays."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition
from signatories.models.edition import EditionState
from signatories.models.signature import IN_FLIGHT
from tests.editions.building import body, build
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/editions"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def row(number: int | None, **changes: Any) -> Edition:
    """An edition without files."""
    said: dict[str, Any] = {
        "number": number,
        "state": EditionState.READY,
        "as_of": timezone.now(),
        "named": number or 0,
    }
    return Edition.objects.create(**said | changes)


def read(client: Client, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_every_file_is_where_its_record_says_with_its_digest_and_size(client: Client) -> None:
    signed(name="Ada Vance")
    signed(name="Bram Bellweather", address="bram@example.org", named=False)
    made = build()
    while editions.build_waiting_part():
        pass
    with CaptureQueriesContext(connection) as asked:
        record = read(client, f"{PATH}/1")
    assert len([found for found in asked.captured_queries if "signatories_edition" in found["sql"]]) == 3
    assert (record["count"], record["named"], record["unnamed"], record["pages"]) == (2, 1, 1, made.pages)
    assert record["url"] == f"http://testserver{PATH}/1"
    assert client.get(urlsplit(record["page"]).path).status_code == 200
    assert record["retired_at"] is None
    assert {(found["part"], found["language"]) for found in record["lists"]} >= {("signatories", "en"), ("music", "en")}
    for found in record["lists"]:
        assert {file["format"] for file in found["files"]} == {"pdf", "xlsx", "csv", "json"}
        for file in found["files"]:
            assert file["url"].startswith("http://testserver/")
            content = body(client.get(urlsplit(file["url"]).path))
            assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["size"])
            assert file["time_stamp"] is None
    assert {key: value for key, value in record.items() if key != "lists"} == read(client, PATH)["editions"][0]


def test_of_a_retired_edition_the_record_stays_and_no_file(client: Client) -> None:
    goes = signed(name="Ada Vance", now=timezone.now() - 3 * IN_FLIGHT)
    signed(name="Bram Bellweather", address="bram@example.org", now=timezone.now() - 3 * IN_FLIGHT)
    build()
    before = read(client, f"{PATH}/1")
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    build()
    retired = read(client, f"{PATH}/1")
    assert before["lists"]
    assert (retired["lists"], retired["count"]) == ([], 2)
    assert retired["retired_at"]
    assert read(client, f"{PATH}/2")["lists"]
    assert [found["number"] for found in read(client, PATH)["editions"]] == [2, 1]


def test_editions_come_newest_first_in_pages(client: Client) -> None:
    for number in range(1, 8):
        row(number)
    row(None, state=EditionState.BUILDING)
    row(None, state=EditionState.FAILED)
    page, seen = read(client, f"{PATH}?size=3"), []
    while True:
        seen.append([found["number"] for found in page["editions"]])
        if not page["next"]:
            break
        row(8 + len(seen))  # newer ones come before what is read, and move nothing
        address = urlsplit(page["next"])
        assert address.netloc == "testserver"
        page = read(client, f"{address.path}?{address.query}")
    assert seen == [[7, 6, 5], [4, 3, 2], [1]]
    assert read(client, f"{PATH}?after=1") == {"editions": [], "next": None}


@pytest.mark.parametrize(
    "number", ["9", "2147483648", "9" * 18, "9" * 19, "9" * 40, "0", "01", "-1", "x", "1.0", "%00"]
)
def test_what_is_no_edition_is_not_found(client: Client, number: str) -> None:
    row(1)
    assert client.get(f"{PATH}/1").status_code == 200
    answer = client.get(f"{PATH}/{number}")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}


def test_an_edition_that_is_not_ready_answers_like_one_that_never_was(client: Client) -> None:
    row(3, state=EditionState.FAILED)
    hidden, unknown = client.get(f"{PATH}/3"), client.get(f"{PATH}/4")
    assert (hidden.status_code, hidden.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize("query", ["after=0", "after=x", "after=2147483648", "size=0", "size=101"])
def test_wrong_parameters_are_told(client: Client, query: str) -> None:
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(query.partition("=")[0])
