"""Times of every kind of list page at 10⁴, 10⁵ and 10⁶ names: one request at a time to a real server, no page cache.

The result is the growth against the smallest list. Pages should show the same number of names; the table prints it,
because a search may fill a page only on the largest list.
"""

import gzip
import http.client
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from bench import crowd, site
from declaration.demo import embedded
from declaration.demo import text as demo_text
from signatories.listing.pages import Place, Query
from signatories.models import Signature
from signatories.tally import services as tally

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 25
OURS = "crowd"
OK = 200
_LINKED = re.compile(rb'href="/signatories/\d+/"|"permalink"')


class PageTime(NamedTuple):
    """One kind of page at one size: median milliseconds, and the number of names on it."""

    name: str
    size: int
    milliseconds: float
    shown: int


def measure(rounds: int = ROUNDS) -> Iterator[PageTime]:
    """Measure each kind of page at each size, each with a separate database and server.

    Requests go to them in turns, so that other load of the machine affects all sizes.
    """
    with ExitStack() as servers:
        servers.enter_context(database_of_our_own(OURS))
        lines: dict[int, http.client.HTTPConnection] = {}
        asked: dict[int, dict[str, str]] = {}
        for size in _sizes():
            asked[size] = dict(pages())
            lines[size] = _serve(servers, OURS if size == SIZES[-1] else _copy(size))
        yield from ask(lines, asked, rounds)


@contextmanager
def database_of_our_own(name: str) -> Iterator[None]:
    """Connect Django to a new, empty database."""
    before = connection.settings_dict["NAME"]
    _create(name, "template0")
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _sizes() -> Iterator[int]:
    """Fill the list step by step, and yield at each size."""
    logging.getLogger(tally.__name__).setLevel(logging.CRITICAL)  # the drift before the first count is expected
    call_command("migrate", verbosity=0)
    demo_text.publish()
    for size in SIZES:
        crowd.fill(size)
        tally.repair()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        yield size


def _copy(size: int) -> str:
    """Copy the current database; returns the name of the copy."""
    connection.close()  # PostgreSQL copies no database with connections
    _create(f"list_{size}", OURS)
    return f"list_{size}"


def _create(name: str, template: str) -> None:
    with psycopg.connect(_url("template1"), autocommit=True) as other:
        other.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def _url(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def _serve(servers: ExitStack, database: str) -> http.client.HTTPConnection:
    """Start a server without page cache on that database; returns a connection to it."""
    before = dict(os.environ)
    os.environ |= {"DATABASE_URL": _url(database), "PAGE_SECONDS": "0", "PAGE_STALE_SECONDS": "0"}
    try:
        urls = servers.enter_context(site.serving(embedded.free_port()))
    finally:
        os.environ.clear()
        os.environ.update(before)
    return http.client.HTTPConnection(urlsplit(urls.site).netloc, timeout=60)


def ask(
    lines: dict[int, http.client.HTTPConnection], asked: dict[int, dict[str, str]], rounds: int
) -> Iterator[PageTime]:
    """Request each page in turn at each size, `rounds` times."""
    taken: dict[tuple[str, int], list[float]] = {}
    shown = {}
    for turn in range(rounds + 2):  # the first two warm up
        for name in asked[max(asked)]:
            for size in [size for size in lines if name in asked[size]]:
                milliseconds, shown[name, size] = _ask(lines[size], asked[size][name])
                if turn > 1:
                    taken.setdefault((name, size), []).append(milliseconds)
    for (name, size), times in taken.items():
        yield PageTime(name, size, round(median(times), 1), shown[name, size])


def _ask(line: http.client.HTTPConnection, path: str) -> tuple[float, int]:
    """Return the milliseconds of a request, and the names on its page. Raises SystemExit for another answer."""
    began = time.perf_counter()
    line.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = line.getresponse()
    body = answer.read()
    taken = (time.perf_counter() - began) * 1000
    if answer.status != OK:
        raise SystemExit(f"{path}: {answer.status}")
    return taken, len(_LINKED.findall(gzip.decompress(body)))


def pages() -> Iterator[tuple[str, str]]:
    """Yield the measured pages: a name for the table, and the path."""
    yield "landing page", "/"
    if one := _middle(Query()):
        yield "permalink", f"/signatories/{one.number}/"
    for name, query in _kinds():
        yield name, "/signatories/" + query.link()
        if middle := _middle(query):
            place = Place(bytes(middle.sort_key), middle.number or 0)
            yield f"{name}, in the middle", "/signatories/" + query.link(after=place)
            yield f"{name}, backwards", "/signatories/" + query.link(before=place)
    end = Signature.objects.public().order_by("-sort_key", "-number").first()
    if end:
        yield "last page, backwards", "/signatories/" + Query().link(before=Place(bytes(end.sort_key), end.number or 0))
    for name, typed in _searches():
        yield f"search {name}", f"/signatories/?{typed}"
    if middle := _middle(Query()):
        place = Place(bytes(middle.sort_key), middle.number or 0)
        yield "API", "/api/v1/signatories"
        yield "API, in the middle", f"/api/v1/signatories?after={place}"
        yield "API, in the middle, 500", f"/api/v1/signatories?after={place}&size=500"
        yield "API, by profession", "/api/v1/tallies/profession"


def _middle(query: Query) -> Signature | None:
    found = Signature.objects.public().filter(**query.filters).in_filing_order()
    return found[found.count() // 2] if found.count() > 2 else None


def _kinds() -> Iterator[tuple[str, Query]]:
    yield "everyone", Query()
    yield "profession, common", Query(profession="musician")
    yield "profession, rarest", Query(profession="agent")
    yield "country, common", Query(country="GB")
    yield "country, a handful", Query(country="LU")
    yield "country, nobody", Query(country="AQ")
    yield "letter, common", Query(letter="M")
    yield "letter, rare", Query(letter="X")
    yield "letter, Cyrillic", Query(letter="Щ")
    yield "letter, Han", Query(letter="漢")
    yield "profession and country", Query(profession="musician", country="GB")
    yield "rare profession and country", Query(profession="agent", country="TW")
    yield "profession and letter", Query(profession="agent", letter="M")
    yield "country and letter", Query(country="VN", letter="M")
    yield "country and letter, nobody", Query(country="GR", letter="X")
    yield "profession, country and letter", Query(profession="musician", country="GB", letter="M")


def _searches() -> Iterator[tuple[str, str]]:
    yield "common part", "q=ash"
    yield "common name", "q=aveline"
    yield "two common words", "q=" + quote("aveline bar")
    yield "two common words, together nobody", "q=" + quote("aveline nguyen")
    yield "filed late, common", "q=zanado"
    yield "middling", "q=" + quote("thaddea albeman")
    yield "one name", "q=" + quote("zofie kekfu")
    yield "nobody", "q=qxzvw"
    yield "nobody, common parts", "q=ashlin"
    yield "one letter", "q=e"
    yield "two letters", "q=bo"
    yield "two letters, nobody", "q=qx"
    yield "one Han character", "q=" + quote("墨")
    yield "in Han", "q=" + quote("墨竹")
    yield "common, common country", "q=marigold&country=GB"
    yield "common, rare country", "q=ash&country=LU"
    yield "common, rare profession", "q=aveline&profession=agent"
    yield "common, country without any", "q=aveline&country=VN"
    yield "common, letter", "q=bram&letter=W"
    yield "common, letter without any", "q=nguyen&letter=X"
    yield "common, everything filtered", "q=aveline&country=GB&profession=agent&letter=M"
    yield "nobody, common country", "q=qxzvw&country=GB"
    yield "short, rare country", "q=e&country=LU"


def table(rows: list[PageTime]) -> str:
    """Format the rows as a Markdown table: milliseconds and names at each size, growth from first to last."""
    of_kind: dict[str, dict[int, PageTime]] = {}
    for row in rows:
        of_kind.setdefault(row.name, {})[row.size] = row
    lines = [f"| page: ms (names on it) | {' | '.join(f'{size:,}' for size in SIZES)} | growth |"]
    lines += ["| --- " * (len(SIZES) + 2) + "|"]
    for name, found in of_kind.items():
        cells = [f"{found[size].milliseconds} ({found[size].shown})" if size in found else "" for size in SIZES]
        first, last = found.get(SIZES[0]), found.get(SIZES[-1])
        growth = f"{last.milliseconds / first.milliseconds:.2f}" if first and last else ""
        lines.append(f"| {name} | {' | '.join(cells)} | {growth} |")
    return "\n".join(lines)
