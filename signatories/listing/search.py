"""Searches of the list within bounds of time, for any text, any length of the list and any number of searches at once.

Results stand in filing order, beginning where the searched word itself is filed, and continue from the front after the
end of the list: a search for Moss shows those filed under Moss first. So a scan of the list in this order meets a
frequent name soon. A rare one is found by the index of parts of names. A short scan shows which of the two it is.
docs/decisions/0014-searching-a-million.md says what was measured.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connections, router, transaction
from psycopg.errors import QueryCanceled

from signatories.models import Signature
from signatories.models.signature import SHORTEST_PART, Framed, SignatureQuerySet, sought

NEAR = 20_000  # names scanned to learn how frequent the words are
EVERYONE = 10**12  # a limit nevertheless: with one the planner scans in order, not by the index of a filter
FREQUENT = 40  # so many in the short scan
MOST_SORTED = 2_000  # found by the index and then sorted; more than these are met by scanning
WAITING = 1  # so many may wait for each search that runs
_FRAMED = Framed.template % {"expressions": "search_key"}
_SCANNED = ("sort_key", "number", "search_key", "profession", "country", "letter")  # all in signature_walk
_SEATS = threading.BoundedSemaphore(settings.SEARCHES_AT_ONCE)
_ROOM = threading.BoundedSemaphore((1 + WAITING) * settings.SEARCHES_AT_ONCE)
# Each step is meant for one kind of index scan, so the planner's estimates are overruled. One search uses one process
# of the database.
_ALWAYS = {"max_parallel_workers_per_gather": "0", "enable_seqscan": "off", "jit": "off"}
_INDEX = ("enable_indexscan", "enable_indexonlyscan")


def _set(values: Mapping[str, str]) -> str:
    return "; ".join(f"SET LOCAL {name} TO {value}" for name, value in values.items())


_WALK = _set({"enable_bitmapscan": "off", "enable_sort": "off"} | dict.fromkeys(_INDEX, "on"))
_GATHER = _set({"enable_bitmapscan": "on", "enable_sort": "on"} | dict.fromkeys(_INDEX, "off"))
# The settings end with the transaction; in a larger one later statements must not run with them.
_AS_BEFORE = _set(
    dict.fromkeys(["statement_timeout", *_ALWAYS, "enable_bitmapscan", "enable_sort", *_INDEX], "DEFAULT")
)


class Busy(Exception):
    """Too many searches at once; the database was not asked."""


class TooLong(Exception):
    """The search was stopped after SEARCH_SECONDS."""


class Search(NamedTuple):
    """A search: folded words, filters by field, and the place to begin at."""

    words: Sequence[str]
    filters: Mapping[str, str]
    # The order begins at the first of these sort keys, continues at the next one, and then at the front of the list.
    starts: Sequence[bytes] = ()
    place: tuple[bytes, int] | None = None
    backwards: bool = False

    def first(self, size: int) -> list[Signature]:
        """The first `size` public signatures from the place on, in the order of the search. Raises Busy, TooLong."""
        with _slot(), _bounds():
            numbers = self._numbers(size)
            found = {row.number: row for row in Signature.objects.public().filter(number__in=numbers)}
        return [found[number] for number in numbers if number in found]

    def _numbers(self, size: int) -> list[int]:
        met, done = self._walk(NEAR, size)
        if len(met) >= FREQUENT and not done:
            met, done = self._walk(NEAR * 3 * size // (2 * len(met)), size)  # half as far again as probably needed
        if done:
            return met
        gathered = self._gather(size)
        return self._walk(EVERYONE, size)[0] if gathered is None else gathered

    def _walk(self, most: int, size: int) -> tuple[list[int], bool]:
        """The numbers met among the next `most` of each stretch, and whether they fill the page or are all."""
        met: list[int] = []
        for stretch in self._stretches():
            met += self._met(stretch[:most], size - len(met))
            if len(met) == size:
                return met, True
            if most < EVERYONE and stretch.values("number")[most : most + 1]:
                return met, False
        return met, True

    def _stretches(self) -> list[SignatureQuerySet]:
        """The parts of the list that lie ahead in the order of this search, the one with the place first."""
        everyone = Signature.objects.public()
        letter = self.filters.get("letter")
        walked = everyone.stretch(letter) if letter else everyone
        parts = [walked.filter(sort_key__gte=start) for start in [*self.starts, b""]]
        parts[1:] = [part.filter(sort_key__lt=end) for part, end in zip(parts[1:], self.starts, strict=True)]
        if self.place:
            at = sum(self.place[0] < start for start in self.starts)
            parts = parts[at::-1] if self.backwards else parts[at:]
        return [placed(part, None if n else self.place, self.backwards) for n, part in enumerate(parts)]

    def _met(self, stretch: SignatureQuerySet, size: int) -> list[int]:
        try:
            walked, values = stretch.values(*_SCANNED).query.sql_with_params()
        except EmptyResultSet:  # nobody is filed under that letter
            return []
        conditions, wanted = self._conditions()
        way = "DESC" if self.backwards else "ASC"
        return [
            number
            for (number,) in _rows(
                f"SELECT number FROM ({walked}) AS walked WHERE {conditions} "  # noqa: S608 - our own words
                f"ORDER BY sort_key {way}, number {way} LIMIT %s",
                [*values, *wanted, size],
                _WALK,
            )
        ]

    def _gather(self, size: int) -> list[int] | None:
        """Find by the index of parts of names, then sort. None if more than MOST_SORTED are found."""
        found = Signature.objects.public().matching(self.words).filter(**self.filters)
        inner, values = found.order_by().values("sort_key", "number")[: MOST_SORTED + 1].query.sql_with_params()
        way, sign = ("DESC", "<") if self.backwards else ("ASC", ">")
        order = "".join(f"sort_key < %s {way}, " for _ in self.starts)
        beyond: str = "TRUE"
        place: list[Any] = []
        if self.place:
            rounds = "sort_key < %s, " * len(self.starts), "%s, " * len(self.starts)
            beyond = f"({rounds[0]}sort_key, number) {sign} ({rounds[1]}%s, %s)"
            place = [*self.starts, *(self.place[0] < start for start in self.starts), *self.place]
        rows = _rows(
            f"WITH found AS MATERIALIZED ({inner}) "  # noqa: S608 - our own words
            f"SELECT (SELECT count(*) FROM found), ARRAY(SELECT number FROM found WHERE {beyond} "
            f"ORDER BY {order}sort_key {way}, number {way} LIMIT %s)",
            [*values, *place, *self.starts, size],
            _GATHER,
        )
        ((count, numbers),) = rows
        return None if count > MOST_SORTED else numbers

    def _conditions(self) -> tuple[str, list[str]]:
        """The SQL of `matching` and the filters on the scanned columns. Folded words hold no wildcards of LIKE."""
        parts = [f"{_FRAMED if len(word) < SHORTEST_PART else 'search_key'} LIKE %s" for word in self.words]
        equal = [f"{field} = %s" for field in self.filters]
        return " AND ".join(parts + equal), [*(f"%{part}%" for part in sought(self.words)), *self.filters.values()]


def placed(found: SignatureQuerySet, place: tuple[bytes, int] | None, backwards: bool) -> SignatureQuerySet:
    """`found` in filing order from a place on, or backwards from it."""
    if backwards:
        return (found.before(*place) if place else found).order_by("-sort_key", "-number")
    return (found.after(*place) if place else found).in_filing_order()


def _rows(statement: str, values: Sequence[Any], way: str) -> list[Any]:
    with connections[_database()].cursor() as cursor:
        cursor.execute(way)
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _database() -> str:
    """The database from which the list is read; see declaration/database/replica.py."""
    return router.db_for_read(Signature)


@contextmanager
def _slot() -> Iterator[None]:
    """Take one of the few slots of this process. A search that waits for one holds no connection. Raises Busy."""
    if not _ROOM.acquire(blocking=False):
        raise Busy
    try:
        if not _SEATS.acquire(timeout=settings.SEARCH_SECONDS):
            raise Busy
        try:
            yield
        finally:
            _SEATS.release()
    finally:
        _ROOM.release()


@contextmanager
def _bounds() -> Iterator[None]:
    """A transaction whose statements end after SEARCH_SECONDS. Raises TooLong."""
    milliseconds = max(1, round(settings.SEARCH_SECONDS * 1000))
    try:
        with transaction.atomic(using=_database()), connections[_database()].cursor() as cursor:
            cursor.execute(_set({"statement_timeout": str(milliseconds)} | _ALWAYS))
            yield
            cursor.execute(_AS_BEFORE)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLong from error
        raise
