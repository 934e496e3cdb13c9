"""A visitor reads, searches and filters the list."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from signatories.demo import invented_people
from signatories.listing.pages import Place, Query, page
from signatories.models import Signature
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import signed, text

pytestmark = pytest.mark.django_db


def names_on(client: Client, query: str = "") -> list[str]:
    """The names a page of the list shows, in order."""
    page = client.get(f"/signatories/{query}").content.decode()
    return re.findall(r'href="/signatories/\d+/"[^>]*>\s*<bdi[^>]*>(.*?)</bdi>', page, re.DOTALL)


def test_everyone_public_stands_in_filing_order(client: Client) -> None:
    for n, name in enumerate(["Zoë Quill", "Björn Åkesson", "Яна Ђурић", "-L-", "Ann Vale", "星野原花音"]):
        signed(name=name, address=f"p{n}@example.org")
    tally.fold()
    assert names_on(client) == ["Björn Åkesson", "-L-", "Zoë Quill", "Ann Vale", "Яна Ђурић", "星野原花音"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [("bjorn", "Björn Åkesson"), ("BJÖRN", "Björn Åkesson"), ("akesson bjorn", "Björn Åkesson"), ("yana", "Яна Ђурић"),
     ("Яна", "Яна Ђурић"), ("kanon", "星野原花音"), ("花音", "星野原花音"), ("oBrien", "Pat O'Brien"), ("o'brien", "Pat O'Brien")],
)  # fmt: skip
def test_search_finds_with_plain_letters(client: Client, typed: str, found: str) -> None:
    signed(name="Björn Åkesson", address="a@example.org")
    signed(name="Яна Ђурић", address="b@example.org")
    signed(name="星野原花音", name_latin="Kanon Hoshinohara", address="c@example.org")
    signed(name="Pat O'Brien", address="d@example.org")
    assert names_on(client, f"?q={typed}") in ([found], [found.replace("'", "&#x27;")])


def test_filters_and_letters(client: Client) -> None:
    signed(name="Ann Vale", profession="actor", country="FR", address="a@example.org")
    signed(name="Bo Quill", profession="poet", country="DE", address="b@example.org")
    tally.fold()
    assert names_on(client, "?profession=actor") == ["Ann Vale"]
    assert names_on(client, "?country=DE") == ["Bo Quill"]
    assert names_on(client, "?letter=V") == ["Ann Vale"]
    assert names_on(client, "?profession=poet&country=FR") == []


@pytest.mark.parametrize(
    "query",
    ["?q=%00", "?q=" + "x" * 5000, "?after=garbled", "?after=.1", "?after=AAAA.9" + "9" * 40, "?profession=x&country=%F0%9F%98%80", "?letter=%00",
     "?country='--", "?q=%ED%A0%80", "?before=!!.1", "?q=%25_%5C", "?after=AA.１"],
)  # fmt: skip
def test_odd_questions_get_a_page(client: Client, query: str) -> None:
    text()
    assert client.get(f"/signatories/{query}").status_code == 200


@pytest.mark.parametrize("size", [1, 7, 50])
def test_paging_shows_each_once_forwards_and_backwards(size: int) -> None:
    text()
    from django.utils import timezone

    invented_people.signatures(120, until=timezone.now())
    expected = list(Signature.objects.public().in_filing_order().values_list("number", flat=True))
    seen: list[int | None] = []
    query = Query()
    while True:
        shown = page(query, size)
        seen += [s.number for _letter, group in shown.groups for s in group]
        if not shown.next:
            break
        query = _follow(shown.next)
    assert seen == expected
    back: list[int | None] = [s.number for _letter, group in shown.groups for s in group]
    while shown.previous:
        shown = page(_follow(shown.previous), size)
        back = [s.number for _letter, group in shown.groups for s in group] + back
    assert back == expected


def _follow(link: str) -> Query:
    from django.http import QueryDict

    return Query.read(QueryDict(link.removeprefix("?")))


def test_a_place_survives_the_address_line() -> None:
    place = Place(b"\x00\xff\x01key", 17)
    assert Place.read(str(place)) == place


@pytest.mark.parametrize("state", [State.HELD, State.REJECTED, State.WITHDRAWN])
def test_what_is_not_public_is_nowhere(client: Client, state: State) -> None:
    signature = signed(name="Marker Hidden")
    hidden = client.get(f"/signatories/{signature.number}/")
    assert hidden.status_code == 200
    withdrawn_at = timezone.now() if state == State.WITHDRAWN else None
    Signature.objects.update(state=state, withdrawn_at=withdrawn_at)
    gone = client.get(f"/signatories/{signature.number}/")
    unknown = client.get("/signatories/999999/")
    assert gone.status_code == unknown.status_code == 404
    number = str(signature.number).encode()
    assert gone.content.replace(b"/%s/" % number, b"/999999/") == unknown.content
    for path in ("/", "/signatories/", "/signatories/?q=marker", "/press/"):
        assert b"Hidden" not in client.get(path).content


@pytest.mark.parametrize("number", ["0", "999999999999999999999999", "1" * 300])
def test_odd_numbers_are_unknown(client: Client, number: str) -> None:
    assert client.get(f"/signatories/{number}/").status_code == 404


def test_the_number_says_what_it_counts(client: Client) -> None:
    signed(name="Ann", address="a@example.org")
    signed(name="Bo", named=False, address="b@example.org")
    tally.fold()
    answer = client.get("/api/v1/count").json()
    assert (answer["count"], answer["named"], answer["unnamed"]) == (2, 1, 1)
    page = re.sub(r"<[^>]+>|\s+", " ", client.get("/").content.decode())
    assert re.search(r" 2\s+have signed", page)
    assert re.search(r" 1\s+by name, +1\s+without", page)
    assert Signature.objects.counted().count() == answer["count"]


def test_public_pages_set_no_cookie_and_vary_by_nothing_personal(client: Client) -> None:
    signature = signed()
    tally.fold()
    for path in (
        "/",
        "/fr/",
        "/signatories/",
        f"/signatories/{signature.number}/",
        "/press/",
        "/about/",
        "/privacy/",
        "/api/v1/count",
        "/robots.txt",
    ):
        response = client.get(path)
        assert response.status_code == 200
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert "Accept-Language" not in response.get("Vary", "")


def test_hits_stand_right_under_the_search(client: Client) -> None:
    """On a phone the rows of letters would push them off the first screen; letters are for browsing."""
    signed()
    tally.fold()
    assert 'class="letters"' in client.get("/signatories/").content.decode()
    page = client.get("/signatories/?q=aveline").content.decode()
    assert 'class="letters"' not in page
    assert "See everyone" in page
    assert "Aveline Ashgrove" in page
