"""A reader learns how many names a filter finds, where they are among them, and which letters hold one."""

import html
import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signatories.demo import invented_people
from signatories.listing import counting, pages
from signatories.models import Signature
from signatories.tally import services as tally
from tests.people import signed, text

pytestmark = pytest.mark.django_db


def words(client: Client, query: str = "", path: str = "/signatories/") -> str:
    """What a page says under the form, before its names."""
    page = client.get(f"{path}{query}").content.decode()
    found = re.search(r'id="found"(.*?)</section>', page, re.DOTALL)
    assert found
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1])))


def letters(client: Client, query: str = "") -> list[str]:
    """The letters that a page offers."""
    page = client.get(f"/signatories/{query}").content.decode()
    return re.findall(r'href="[^"]*letter=[^"]*"[^>]*><bdi[^>]*>(.*?)</bdi>', page)


def some() -> None:
    """Four people of two professions and countries, and one who is not named."""
    for n, (name, profession, country) in enumerate([
        ("Ann Vale", "poet", "FR"), ("Bo Quill", "poet", "FR"), ("Cy Moss", "poet", "IE"), ("Ζωή Άνθη", "actor", "FR"),
    ]):  # fmt: skip
        signed(name=name, profession=profession, country=country, address=f"p{n}@example.org")
    signed(name="Dee Hidden", profession="poet", country="FR", named=False, address="d@example.org")
    tally.fold()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?profession=poet", "3 names Poet"), ("?country=FR", "3 names France"), ("?letter=Q", "1 name Q"),
        ("?profession=poet&country=FR", "2 names Poet · France"), ("?profession=actor&letter=Α", "1 name Actor Α"),
        ("?profession=poet&country=FR&letter=V", "1 name Poet · France V"), ("?q=vale", "1 name vale"),
    ],
)  # fmt: skip
def test_each_filter_says_how_many_it_finds(client: Client, query: str, said: str) -> None:
    some()
    assert said.replace(" ·", "") in words(client, query)


def test_in_french_too(client: Client) -> None:
    some()
    assert "2 noms" in words(client, "?profession=poet&country=FR", "/fr/signatories/")


def test_letters_without_a_name_under_the_filter_are_not_offered(client: Client) -> None:
    some()
    assert letters(client) == ["M", "Q", "V", "Α"]
    assert letters(client, "?profession=poet") == ["M", "Q", "V"]
    assert letters(client, "?country=FR&profession=poet") == ["Q", "V"]
    assert letters(client, "?country=FR&letter=Q") == ["Q", "V", "Α"]
    assert letters(client, "?profession=actor&country=IE") == []


def test_a_letter_that_looks_like_another_names_its_script(client: Client) -> None:
    some()
    signed(name="Ada Abel", address="z@example.org")
    tally.fold()
    page = re.sub(r"\s+", " ", client.get("/signatories/").content.decode())
    assert re.search(r'<h2><bdi translate="no">A</bdi></h2>', page)
    assert re.search(r'<h2><bdi translate="no">Α</bdi> <span class="script">Greek</span></h2>', page)
    assert "Greek" in words(client)
    assert "Grec" in words(client, "", "/fr/signatories/")
    assert "Latin" not in words(client)


@pytest.mark.parametrize(
    "query", ["", "?letter=M", "?country=FR", "?profession=musician", "?country=FR&profession=musician"]
)
def test_the_position_is_true_on_every_page(client: Client, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    text()
    invented_people.signatures(400, until=timezone.now())
    tally.fold()
    monkeypatch.setattr(pages, "PAGE", 7)
    wanted = pages.Query.read(QueryDict(query.removeprefix("?")))
    everyone = list(wanted.found().in_filing_order().values_list("number", flat=True))
    at, follow = 0, query
    for _page in range(100):
        page = client.get(f"/signatories/{follow}").content.decode()
        here = [int(n) for n in re.findall(r'<a href="/signatories/(\d+)/">', page)]
        assert here == everyone[at : at + len(here)]
        if len(everyone) > len(here):
            assert f"{at + 1}–{at + len(here)} of {len(everyone)}" in words(client, follow)
        at += len(here)
        following = re.search(r'<link rel="next" href="([^"]*)"', page)
        if not following:
            break
        follow = html.unescape(following[1])
    assert at == len(everyone) > 0


def test_counting_stops_at_a_bound(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    text()
    invented_people.signatures(300, until=timezone.now())
    tally.fold()
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    monkeypatch.setattr(pages, "PAGE", 1)
    most = max(
        ((s.profession, s.country.code) for s in Signature.objects.public().exclude(country="")),
        key=lambda pair: Signature.objects.public().filter(profession=pair[0], country=pair[1]).count(),
    )
    query = f"?profession={most[0]}&country={most[1]}"
    assert "more than 2 entries" in words(client, query)
    follow = html.unescape(
        re.findall(r'rel="next" href="([^"]*)"', client.get(f"/signatories/{query}").content.decode())[0]
    )
    assert " of " not in words(client, follow)


def test_groups_are_not_counted_where_only_more_than_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    some()
    signed(name="The Copper Larks", profession="ensemble", country="FR", address="larks@example.org")
    tally.fold()

    def counted_groups() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get("/signatories/?country=FR&letter=C")
        return len([one for one in seen if "COUNT" in one["sql"] and "'ensemble'" in one["sql"]])

    assert counted_groups() == 1
    monkeypatch.setattr(counting, "MOST_COUNTED", 0)
    assert counted_groups() == 0


def test_every_look_at_the_list_takes_few_statements(client: Client) -> None:
    text()
    invented_people.signatures(150, until=timezone.now())
    tally.fold()
    for query, most in (("", 11), ("?country=FR", 10), ("?country=FR&profession=poet&letter=M", 16)):
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/signatories/{query}")
        assert len(seen) <= most, [one["sql"] for one in seen]


def test_every_choice_leads_to_the_names(client: Client) -> None:
    """On a phone the form fills the screen: without that nothing would be seen to change."""
    some()
    page = client.get("/signatories/?country=FR").content.decode()
    assert 'action="/signatories/#found"' in page
    assert page.index('action="/signatories/#found"') < page.index('id="found"') < page.index('class="roll"')
    chosen = re.findall(r'href="(\?[^"]*letter=[^"]*)"', page)
    assert chosen
    assert all(link.endswith("#found") for link in chosen)


def test_the_page_of_a_signature_names_the_declaration_and_leads_to_signing(client: Client) -> None:
    signature = signed(name="Ann Vale")
    title = text().title
    page = client.get(f"/signatories/{signature.number}/").content.decode()
    assert f'href="/" lang="en">{title}</a>' in page
    assert 'class="button sign" href="/#sign"' in page
    assert f'og:description" content="Ann Vale has signed “{title}”.' in page


@pytest.mark.parametrize("path", ["/", "/fr/", "/signatories/", "/press/", "/press/editions/", "/about/", "/privacy/"])
def test_each_page_describes_itself_to_whoever_shares_it(client: Client, path: str) -> None:
    text()
    found = re.findall(r'property="og:description" content="([^"]+)"', client.get(path).content.decode())
    assert len(found) == 1
