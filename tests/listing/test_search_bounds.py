"""A search is bounded: whatever is typed, however long the list, however many search at once."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from bench import crowd
from signatories.demo import invented_people
from signatories.desk.people.finding import find
from signatories.identity import names
from signatories.listing import search
from signatories.listing.pages import Place, Query, page
from signatories.models import Signature
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import signed, text

pytestmark = pytest.mark.django_db


def found(query: Query, size: int = 100) -> list[str]:
    return [s.name for _letter, group in page(query, size).groups for s in group]


@pytest.mark.parametrize(
    ("typed", "who"),
    [("E", "E"), ("bo", "Bo Quill"), ("李", "李"), ("bo quil", "Bo Quill"), ("o brien", "Pat O'Brien"),
     ("b", None), ("ui", None), ("j", "Ann J. Vale")],
)  # fmt: skip
def test_a_short_word_is_found_where_it_is_whole(typed: str, who: str | None) -> None:
    for n, name in enumerate(["E", "Bo Quill", "李", "Pat O'Brien", "Ann J. Vale", "Elowen Ashgrove"]):
        signed(name=name, address=f"p{n}@example.org")
    assert found(Query(q=typed)) == ([who] if who else [])


@pytest.mark.parametrize("typed", ["mueller", "Müller", "MUELLER", "ilse mueller"])
def test_a_name_is_found_in_both_spellings_also_at_the_desk(typed: str) -> None:
    for n, name in enumerate(["Ilse Müller", "Ilse Mueller", "Ilse Miller"]):
        signed(name=name, address=f"p{n}@example.org")
    assert sorted(found(Query(q=typed))) == ["Ilse Mueller", "Ilse Müller"]
    assert {s.name for s in find(typed).signatures} == {"Ilse Mueller", "Ilse Müller"}


def test_the_page_says_how_short_words_are_found(client: Client) -> None:
    signed(name="Bo Quill")
    assert "whole word of a name" in client.get("/signatories/?q=ui").content.decode()
    assert "whole word of a name" not in client.get("/signatories/?q=uix").content.decode()


@pytest.mark.parametrize(
    "typed", ["%", "_", "\\", "%%%", "_ui__", "Q_ill", "Qu%l", "Qu\\ill", "'; --", "\\%", "(ui)*", ".*", "[a-z]"]
)
def test_signs_of_patterns_mean_themselves(typed: str) -> None:
    signed(name="Bo Quill")
    assert found(Query(q=typed)) == []


@pytest.mark.parametrize("typed", ["x" * 100, "a " * 50, " ", "\u3000", "é" * 99, "ﷺ" * 100, "-", "𝔅𝔬"])
def test_long_and_odd_words_get_a_page(client: Client, typed: str) -> None:
    signed(name="Bo Quill")
    assert client.get("/signatories/", {"q": typed}).status_code == 200


@pytest.fixture
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of a few hundred is searched as one of a million: each way is taken."""
    monkeypatch.setattr(search, "NEAR", 20)
    monkeypatch.setattr(search, "FREQUENT", 3)
    monkeypatch.setattr(search, "MOST_SORTED", 12)


@pytest.mark.usefixtures("short_steps")
@pytest.mark.parametrize("asked", [
    "q=ash", "q=a", "q=qxz", "q=bram+ash", "q=e&country=GB", "q=ash&letter=A", "q=ash&letter=P", "q=an&letter=ZZ",
    "q=ell&profession=actor", "q=ell&profession=actor&country=GB&letter=B", "q=墨", "letter=M", "letter=漢",
    "letter=A&country=GB", "letter=ZZ&country=GB", "profession=actor&country=GB", "profession=actor&letter=B", "",
    "country=AQ", "q=o", "q=moenwright", "q=aaron", "q=ell+joel",
])  # fmt: skip
def test_walking_shows_each_once_in_order_forwards_and_backwards(asked: str) -> None:
    """Held against the plainest query there is; a search begins where its last word is filed, and goes round."""
    text()
    invented_people.signatures(300, until=timezone.now())
    Signature.objects.filter(pk__in=Signature.objects.values("pk")[:20]).update(state=State.HELD)
    query = Query.read(QueryDict(asked))
    rows = [
        row for row in Signature.objects.filter(state="published", named=True, **query.filters)
        if all(any(part in f" {row.search_key} " for part in parts) for parts in query.words)
    ]  # fmt: skip
    starts = names.filed_at(query.q) if query.q else []
    rows.sort(key=lambda row: (sum(bytes(row.sort_key) < s for s in starts), bytes(row.sort_key), row.number))
    expected = [row.number for row in rows]
    seen, last = _walk(query, "next")
    assert seen == expected
    back, _first = _walk(last, "previous")
    assert back == expected


def test_who_is_filed_under_the_word_stands_first() -> None:
    for n, name in enumerate(["Moss Abel", "Moss Zephyr", "Ann Moss", "Zoe Moss", "Ann Mossley", "Moss Nettle"]):
        signed(name=name, address=f"p{n}@example.org")
    first = ["Ann Moss", "Zoe Moss", "Ann Mossley"]
    round_the_end = ["Moss Nettle", "Moss Zephyr", "Moss Abel"]
    assert found(Query(q="moss")) == first + round_the_end
    assert found(Query(q="MOSS"), 2) == first[:2]


def test_a_given_name_in_han_is_looked_for_among_the_names_in_han_first() -> None:
    for n, name in enumerate(["Mo Abel", "上官墨竹", "慕容墨竹", "墨竹", "Zoe Mo"]):
        signed(name=name, address=f"p{n}@example.org")
    assert found(Query(q="墨"))[0] == "墨竹"
    assert set(found(Query(q="墨"))[:3]) == {"墨竹", "上官墨竹", "慕容墨竹"}


def _walk(query: Query, way: str) -> tuple[list[int | None], Query]:
    """The numbers on this page and on all that are linked from it one way; and the page at the end."""
    numbers: list[int | None] = []
    while True:
        shown = page(query, 7)
        here = [s.number for _letter, group in shown.groups for s in group]
        numbers = numbers + here if way == "next" else here + numbers
        link = getattr(shown, way)
        if not link:
            return numbers, query
        query = Query.read(QueryDict(link.removeprefix("?")))


def test_what_is_not_public_is_not_found_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, *hidden = [signed(name="Bram Bellweather", address=f"p{n}@example.org") for n in range(5)]
    for signature, state in zip(hidden, [State.HELD, State.REJECTED, State.PUBLISHED], strict=False):
        Signature.objects.filter(pk=signature.pk).update(state=state, named=False)
    Signature.objects.filter(pk=hidden[3].pk).update(state=State.HELD)
    for near, most in ((20, 20), (0, 20), (0, 0)):  # met on the short walk; gathered; met on the long walk
        monkeypatch.setattr(search, "NEAR", near)
        monkeypatch.setattr(search, "MOST_SORTED", most)
        assert [s.pk for s in search.Search([("bram",)], {}).first(9)] == [shown.pk]


@contextmanager
def searching(count: int) -> Iterator[list[threading.Thread]]:
    """So many others search, each held up where it asks the database, or where it waits for a seat."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def hold_up(execute: Callable[..., Any], *asked: Any) -> Any:
        begun.release()
        assert go_on.wait(60)
        return execute(*asked)

    def one() -> None:
        with suppress(search.Busy), connection.execute_wrapper(hold_up):
            search.Search([("quill",)], {}).first(1)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        assert all(begun.acquire(timeout=30) for _ in range(min(count, django_settings.SEARCHES_AT_ONCE)))
        yield threads
    finally:
        go_on.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def impatient(settings: Settings) -> None:
    """A search waits only a moment, for a seat and for the database."""
    settings.SEARCH_SECONDS = 0.1


@pytest.mark.usefixtures("impatient")
def test_who_comes_while_all_seats_are_taken_is_asked_to_come_back(client: Client, settings: Settings) -> None:
    signed(name="Bo Quill")
    tally.fold()
    with searching(django_settings.SEARCHES_AT_ONCE):
        answer = client.get("/signatories/?q=quill")
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 0
        assert "no-store" in answer["Cache-Control"]
        page = answer.content.decode()
        assert "Very many people are searching" in page
        assert "Nobody was found" not in page
        assert 'value="quill"' in page
        assert "Bo Quill" in client.get("/signatories/?letter=Q").content.decode()
    settings.SEARCH_SECONDS = 30.0
    assert "Bo Quill" in client.get("/signatories/?q=quill").content.decode()


def test_when_even_the_waiting_are_many_nobody_else_waits_and_the_database_is_not_asked(
    settings: Settings, django_assert_num_queries: Any
) -> None:
    settings.SEARCH_SECONDS = 30.0
    with searching((1 + search.WAITING) * settings.SEARCHES_AT_ONCE) as threads:
        time.sleep(0.5)  # until those who wait do so
        assert all(thread.is_alive() for thread in threads)
        started = time.monotonic()
        with django_assert_num_queries(0), pytest.raises(search.Busy):
            search.Search([("quill",)], {}).first(1)
        assert time.monotonic() - started < 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient")
def test_a_search_that_takes_too_long_is_stopped_and_says_so(client: Client, settings: Settings) -> None:
    signed(name="Bo Quill")
    before = _setting("statement_timeout")
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE signatories_signature IN ACCESS EXCLUSIVE MODE")
        answer = client.get("/signatories/?q=quill")
        other.rollback()
    assert answer.status_code == 200
    assert "takes too long" in answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex"
    settings.SEARCH_SECONDS = 30.0
    with searching(django_settings.SEARCHES_AT_ONCE - 1):  # its seat is free again
        assert "Bo Quill" in client.get("/signatories/?q=quill").content.decode()
    assert _setting("statement_timeout") == before
    assert _setting("enable_seqscan") == "on"


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is long enough for the planner to mind."""
    text()
    monkeypatch.setattr(crowd, "DISTINCT", 3000)
    crowd.fill(20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE signatories_signature")


LISTS = ["", "profession=musician", "country=GB", "profession=musician&country=GB", "letter=M"]


@pytest.mark.usefixtures("crowded")
def test_no_page_looks_at_everyone() -> None:
    for asked in LISTS:
        query = Query.read(QueryDict(asked))
        everyone = Signature.objects.public().filter(**query.filters).in_filing_order()
        middle = everyone[everyone.count() // 2]
        place = Place(bytes(middle.sort_key), middle.number or 0)
        for there in (query, replace(query, after=place), replace(query, before=place)):
            plans = _plans(partial(page, there))
            assert plans
            assert not re.search(r"Seq Scan on signatories_signature|Sort", "\n".join(plans)), (asked, plans)
    for asked in ("letter=M&country=GB", "letter=M&profession=agent&country=TW"):  # few, which may be sorted
        plans = _plans(partial(page, Query.read(QueryDict(asked))))
        assert not re.search(r"Seq Scan on signatories_signature", "\n".join(plans)), (asked, plans)
    for asked in (
        "q=qxz",
        "q=bo",
        "q=aveline",
        "q=ash&country=GB",
        "q=e&letter=M",
        "q=ashlin&profession=agent",
        "q=mueller",
        "q=aangstroem&country=GB",
    ):
        plans = _plans(partial(page, Query.read(QueryDict(asked))))
        assert not re.search(r"Seq Scan on signatories_signature", "\n".join(plans)), (asked, plans)
        assert "using signature_walk" in "".join(plans)


def _plans(act: Callable[[], object]) -> list[str]:
    """How the database means to answer each question about signatures that is asked meanwhile."""
    plans: list[str] = []

    def explain(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if statement.startswith(("SELECT", "WITH")) and "signatories_signature" in statement:
            context["cursor"].execute(f"EXPLAIN {statement}", values)
            plans.append("\n".join(line for (line,) in context["cursor"].fetchall()))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(explain):
        act()
    return plans
