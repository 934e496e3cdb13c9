"""Search of the list with bounded cost, for any input, length of the list and number of searches at once.

Results are in filing order, starting where the searched word itself is filed and continuing from the front: a search
for Moss shows the names filed under Moss first. So a scan of the list soon finds a common name; a rare one is found
through the index of parts of names. A short scan tells which it is.
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
from signatories.models.signature import Framed, SignatureQuerySet

NEAR = 20_000  # names scanned to learn how frequent the words are
EVERYONE = 10**12  # in effect no limit; but with one, the planner scans in order and does not use the index of a filter
FREQUENT = 40  # so many results of the short scan
MOST_SORTED = 2_000  # results of the index that are sorted; more are found by a scan
WAITING = 1  # waiting searches for each running one
_FRAMED = Framed.template % {"expressions": "search_key"}
_SCANNED = ("sort_key", "number", "search_key", "profession", "country", "letter")  # all in signature_walk
_RUNNING = threading.BoundedSemaphore(settings.SEARCHES_AT_ONCE)
_ADMITTED = threading.BoundedSemaphore((1 + WAITING) * settings.SEARCHES_AT_ONCE)
# Each step is written for certain indexes, so the planner's estimates of frequency must not choose others. One search
# uses one process of the database.
_ALWAYS = {"max_parallel_workers_per_gather": "0", "enable_seqscan": "off", "jit": "off"}
_INDEX = ("enable_indexscan", "enable_indexonlyscan")


def _set(values: Mapping[str, str]) -> str:
    return "; ".join(f"SET LOCAL {name} TO {value}" for name, value in values.items())


_SCAN_SETTINGS = _set({"enable_bitmapscan": "off", "enable_sort": "off"} | dict.fromkeys(_INDEX, "on"))
_INDEX_SETTINGS = _set({"enable_bitmapscan": "on", "enable_sort": "on"} | dict.fromkeys(_INDEX, "off"))
# SET LOCAL ends with the transaction; in a larger one it must not affect the next statement.
_RESET = _set(dict.fromkeys(["statement_timeout", *_ALWAYS, "enable_bitmapscan", "enable_sort", *_INDEX], "DEFAULT"))


class Busy(Exception):
    """Too many searches at once; the database was not queried."""


class TooLong(Exception):
    """The search was stopped after SEARCH_SECONDS."""


class Search(NamedTuple):
    """A search: words as `spellings.sought`, filters by name of their field, and the position to start at."""

    words: Sequence[tuple[str, ...]]
    filters: Mapping[str, str]
    # Results start at the first of these sort keys, go on at the next after the end of the list, then at the front.
    starts: Sequence[bytes] = ()
    place: tuple[bytes, int] | None = None
    backwards: bool = False

    def first(self, size: int) -> list[Signature]:
        """Return the first `size` public signatures from the position on, in search order. Raises Busy, TooLong."""
        with _slot(), _bounds():
            numbers = self._numbers(size)
            found = {row.number: row for row in Signature.objects.public().filter(number__in=numbers)}
        return [found[number] for number in numbers if number in found]

    def _numbers(self, size: int) -> list[int]:
        met, done = self._scan(NEAR, size)
        if len(met) >= FREQUENT and not done:
            met, done = self._scan(NEAR * 3 * size // (2 * len(met)), size)  # 1.5 times the expected distance
        if done:
            return met
        gathered = self._by_index(size)
        return self._scan(EVERYONE, size)[0] if gathered is None else gathered

    def _scan(self, most: int, size: int) -> tuple[list[int], bool]:
        """Return the results among the next `most` rows of each range, and whether they are a full page or all."""
        met: list[int] = []
        for part in self._ranges():
            met += self._matches(part[:most], size - len(met))
            if len(met) == size:
                return met, True
            if most < EVERYONE and part.values("number")[most : most + 1]:
                return met, False
        return met, True

    def _ranges(self) -> list[SignatureQuerySet]:
        """Return the rest of the range with the position, and the ranges after it, in search order."""
        everyone = Signature.objects.public()
        letter = self.filters.get("letter")
        walked = everyone.letter_range(letter) if letter else everyone
        parts = [walked.filter(sort_key__gte=start) for start in [*self.starts, b""]]
        parts[1:] = [part.filter(sort_key__lt=end) for part, end in zip(parts[1:], self.starts, strict=True)]
        if self.place:
            at = sum(self.place[0] < start for start in self.starts)
            parts = parts[at::-1] if self.backwards else parts[at:]
        return [placed(part, None if n else self.place, self.backwards) for n, part in enumerate(parts)]

    def _matches(self, part: SignatureQuerySet, size: int) -> list[int]:
        try:
            walked, values = part.values(*_SCANNED).query.sql_with_params()
        except EmptyResultSet:  # nobody is under that letter
            return []
        conditions, wanted = self._conditions()
        way = "DESC" if self.backwards else "ASC"
        return [
            number
            for (number,) in _rows(
                f"SELECT number FROM ({walked}) AS walked WHERE {conditions} "  # noqa: S608 - our own words
                f"ORDER BY sort_key {way}, number {way} LIMIT %s",
                [*values, *wanted, size],
                _SCAN_SETTINGS,
            )
        ]

    def _by_index(self, size: int) -> list[int] | None:
        """Return all results through the index of parts, sorted; None if there are more than MOST_SORTED."""
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
            _INDEX_SETTINGS,
        )
        ((count, numbers),) = rows
        return None if count > MOST_SORTED else numbers

    def _conditions(self) -> tuple[str, list[str]]:
        """Return the conditions of `matching` and the filters for scanned columns. Folded words hold no wildcards."""
        words = [f"({' OR '.join(map(_contains, parts))})" for parts in self.words]
        equal = [f"{field} = %s" for field in self.filters]
        wanted = [f"%{part}%" for parts in self.words for part in parts]
        return " AND ".join(words + equal), [*wanted, *self.filters.values()]


def _contains(part: str) -> str:
    """Return the condition for one part. Only whole words need the frame, which costs the scan time."""
    return f"{_FRAMED if ' ' in part else 'search_key'} LIKE %s"


def placed(found: SignatureQuerySet, place: tuple[bytes, int] | None, backwards: bool) -> SignatureQuerySet:
    """Order `found` by filing from a position on, or backwards from there."""
    if backwards:
        return (found.before(*place) if place else found).order_by("-sort_key", "-number")
    return (found.after(*place) if place else found).in_filing_order()


def _rows(statement: str, values: Sequence[Any], way: str) -> list[Any]:
    with connections[_database()].cursor() as cursor:
        cursor.execute(way)
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _database() -> str:
    """Return the database that the list is read from: see declaration/database/replica.py."""
    return router.db_for_read(Signature)


@contextmanager
def _slot() -> Iterator[None]:
    """Take one of the slots of this process, before a connection is taken. Raises Busy."""
    if not _ADMITTED.acquire(blocking=False):
        raise Busy
    try:
        if not _RUNNING.acquire(timeout=settings.SEARCH_SECONDS):
            raise Busy
        try:
            yield
        finally:
            _RUNNING.release()
    finally:
        _ADMITTED.release()


@contextmanager
def _bounds() -> Iterator[None]:
    """Open a transaction with a time limit for its statements. Raises TooLong."""
    milliseconds = max(1, round(settings.SEARCH_SECONDS * 1000))
    try:
        with transaction.atomic(using=_database()), connections[_database()].cursor() as cursor:
            cursor.execute(_set({"statement_timeout": str(milliseconds)} | _ALWAYS))
            yield
            cursor.execute(_RESET)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLong from error
        raise
