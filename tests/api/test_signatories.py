"""Everyone by name, page by page: the public columns and nothing else, in an order that stays (T22, L8)."""

import base64
import csv
import io
import json
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from signatories.mine import services as mine
from signatories.models import Signature
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.editions.building import body, build, text_of
from tests.people import signed

pytestmark = pytest.mark.django_db
PATH = "/api/v1/signatories"
MARKER = "Zyxwmarker"


def crowd(count: int, first: int = 0) -> list[Signature]:
    return [signed(name=f"Person {n:03}", address=f"p{n}@example.org") for n in range(first, first + count)]


def read(client: Client, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def following(page: dict[str, Any]) -> str:
    """The path of the next page; its address is absolute and of this site."""
    address = urlsplit(page["next"])
    assert (address.scheme, address.netloc) == ("http", "testserver")
    return f"{address.path}?{address.query}"


def everyone(client: Client, size: int) -> list[dict[str, Any]]:
    page = read(client, f"{PATH}?size={size}")
    found = list(page["signatories"])
    while page["next"]:
        page = read(client, following(page))
        assert 0 < len(page["signatories"]) <= size
        found += page["signatories"]
    return found


def test_every_page_follows_the_one_before(client: Client) -> None:
    crowd(7)
    names = [f"Person {n:03}" for n in range(7)]
    for size in (1, 3, 7, 500):
        assert [person["name"] for person in everyone(client, size)] == names
    first = read(client, PATH)
    assert (len(first["signatories"]), first["next"]) == (7, None)
    assert [person["name"] for person in read(client, f"{PATH}?size=2")["signatories"]] == names[:2]


def test_the_next_page_is_never_at_the_host_that_a_request_names(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    crowd(2)
    answer = client.get(f"{PATH}?size=1", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert answer.json()["next"].startswith("http://testserver/api/v1/signatories?after=")
    assert b"evil" not in answer.content


def test_who_signs_meanwhile_moves_nobody(client: Client) -> None:
    crowd(6)
    first = read(client, f"{PATH}?size=3")
    signed(name="Person 000 Early", address="early@example.org")
    mine.withdraw(signature_id=Signature.objects.get(name="Person 002").pk, now=timezone.now())
    signed(name="Person 004 Late", address="late@example.org")
    second = read(client, following(first))
    assert [person["name"] for person in second["signatories"]] == ["Person 003", "Person 004", "Person 005"]


def test_nobody_who_is_hidden_is_in_any_answer(client: Client) -> None:
    shown = signed(name="Ada Vance", address="shown@example.org")
    hidden = [signed(name=f"{MARKER} {n}", address=f"h{n}@example.org", profession="poet") for n in range(5)]
    Signature.objects.filter(pk=hidden[0].pk).update(named=False)
    Signature.objects.filter(pk=hidden[1].pk).update(state=State.HELD)
    Signature.objects.filter(pk=hidden[2].pk).update(state=State.REJECTED)
    mine.withdraw(signature_id=hidden[3].pk, now=timezone.now())
    assert MARKER in client.get(PATH).content.decode()  # the fifth is seen, so the search below finds what there is
    mine.withdraw(signature_id=hidden[4].pk, now=timezone.now())
    tally.repair()
    assert [person["number"] for person in everyone(client, 2)] == [shown.number]
    kinds = [f"tallies/{kind}" for kind in ("field", "profession", "country", "language", "day")]
    for path in ("", "count", "corrections", "signatories", "editions", "openapi.json", *kinds):
        said = client.get(f"/api/v1/{path}").content.decode()
        assert MARKER not in said, path
        assert "poet" not in said or path == "openapi.json", path
    after_hidden = client.get(f"{PATH}?after=.{hidden[1].number}").content
    assert after_hidden == client.get(f"{PATH}?after=.{(hidden[4].number or 0) + 99}").content


def test_only_public_columns_are_told(client: Client) -> None:
    made = signed(
        name="Яна Барвинок", name_latin="Yana Barvinok", profession="other", profession_other="Harpist",
        affiliation="The Paper Lanterns", country="UA", address="secret@example.org",
    )  # fmt: skip
    (person,) = read(client, PATH)["signatories"]
    assert made.published_at
    assert person == {
        "number": made.number, "name": "Яна Барвинок", "name_latin": "Yana Barvinok", "filed_under": "Барвинок",
        "profession": "other", "profession_text": "Harpist", "affiliation": "The Paper Lanterns", "country": "UA",
        "country_name": "Ukraine", "published_at": f"{made.published_at:%Y-%m-%dT%H:%M:%SZ}",
        "permalink": f"http://testserver/signatories/{made.number}/",
    }  # fmt: skip


def test_a_position_holds_nothing_that_is_not_public(client: Client) -> None:
    """It is the sort key of the name as filed, and the number; with another person's it is the same list."""
    people = crowd(3)
    page = read(client, f"{PATH}?size=2")
    key, _dot, number = page["next"].partition("after=")[2].partition("&")[0].partition(".")
    assert number == str(people[1].number)
    assert base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)) == bytes(people[1].sort_key)


@pytest.mark.parametrize(
    "position",
    [
        "x", "7", ".", "abc.", "a.1", "!!!!.1", "AAAA.-1", "AAAA.1.1", "AAAA.1e3", "AAAA.٣", "ЯЯЯЯ.1", "AA\0A.1", "\0",
        "AAAA.\n1", "\x1b[31m", "A" * 5000 + ".1", "AAAA." + "1" * 19, "AAAA. 1", "' OR 1=1 --", "<script>.1", "\ud83d\ude00.1",
    ],
)  # fmt: skip
def test_what_is_no_position_is_refused_and_never_echoed(client: Client, position: str) -> None:
    crowd(1)
    raw = position.encode("utf-16", "surrogatepass").decode("utf-16")
    answer = client.get(f"{PATH}?after={quote(raw)}")
    assert answer.status_code == 422
    assert answer.json() == {"detail": "after: Please take it from `next` of another page."}
    assert "no-store" in answer["Cache-Control"]
    assert client.get(f"{PATH}?after=AAAA.1").status_code == 200


@pytest.mark.parametrize("size", ["0", "-1", "501", "x", "1e9", "9" * 400, "1;2", "\0"])
def test_a_page_has_bounds(client: Client, size: str) -> None:
    answer = client.get(f"{PATH}?size={quote(size)}")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("size: ")
    assert client.get(f"{PATH}?size=500&unknown=1&name=Ada&q=x").status_code == 200


@pytest.mark.parametrize("size", [2, 6])
def test_a_page_is_one_query_that_counts_nothing(client: Client, size: int) -> None:
    crowd(7)
    position = following(read(client, f"{PATH}?size=1")).partition("after=")[2].partition("&")[0]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(f"{PATH}?after={position}&size={size}")
    (query,) = [found["sql"] for found in asked.captured_queries if "signatories_signature" in found["sql"]]
    assert "COUNT(" not in query.upper()
    assert query.endswith(f"LIMIT {size + 1}")


@pytest.mark.django_db(transaction=True)
def test_all_pages_hold_whom_the_files_of_an_edition_hold(client: Client, settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    for n, name in enumerate(["Ada Vance", "=1+1 Formula", "墨 竹", "Åsa Öberg", "O’Brien", "нет имени", "will.i.am"]):
        signed(name=name, address=f"p{n}@example.org", country="IE" if n % 2 else "", affiliation="-M-" if n else "")
    signed(name=f"{MARKER} unnamed", named=False, address="unnamed@example.org")
    build()
    people = everyone(client, 3)
    of_csv = list(csv.DictReader(io.StringIO(body(client.get("/press/latest.csv")).decode("utf-8-sig"))))
    of_json = json.loads(body(client.get("/press/latest.json")))["signatories"]
    assert len(people) == len(of_csv) == len(of_json) == 7
    assert set(people[0]) - {"permalink"} == set(of_csv[0]) - {"edition_mark"}
    assert {(p["number"], p["name"], p["country"]) for p in people} == {
        (row["number"], row["name"], row["country"]) for row in of_json
    }
    neutral = {(p["number"], p["name"].replace("=", "'=")) for p in people}
    assert neutral == {(int(row["number"]), row["name"]) for row in of_csv}
    pdf = tmp_path / "read.pdf"
    pdf.write_bytes(body(client.get("/press/latest.pdf")))
    printed = text_of(pdf)
    assert all(person["name"].split()[-1] in printed for person in people)
    assert MARKER not in printed
