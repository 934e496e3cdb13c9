"""Searching the list within a bound: whatever is typed, however long the list, however many search at once.

What is found stands in filing order, beginning where the searched word itself is filed and going round: who looks for
Moss sees those filed under Moss first. A common name is so met soon by whoever walks the list; a rare one is found
through the index of parts of names. Which it is shows on a short walk.
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

NEAR = 20_000  # names looked at before it is known how frequent is what is looked for
EVERYONE = 10**12  # a limit all the same: what has one is walked as it stands, not by the index of a filter
FREQUENT = 40  # so many on the short walk
MOST_SORTED = 2_000  # found through the index and then brought into order; more are met by walking
WAITING = 1  # for each that searches, so many may wait until it is done
_FRAMED = Framed.template % {"expressions": "search_key"}
_LOOKED_AT = ("sort_key", "number", "search_key", "profession", "country", "letter")  # all in signature_walk
_SEATS = threading.BoundedSemaphore(settings.SEARCHES_AT_ONCE)
_ROOM = threading.BoundedSemaphore((1 + WAITING) * settings.SEARCHES_AT_ONCE)
# Each step is for one way through the indexes, and the planner's guesses at frequencies are not asked. One search is
# one process of the database.
_ALWAYS = {"max_parallel_workers_per_gather": "0", "enable_seqscan": "off", "jit": "off"}
_INDEX = ("enable_indexscan", "enable_indexonlyscan")


def _set(values: Mapping[str, str]) -> str:
    return "; ".join(f"SET LOCAL {name} TO {value}" for name, value in values.items())


_WALK = _set({"enable_bitmapscan": "off", "enable_sort": "off"} | dict.fromkeys(_INDEX, "on"))
_GATHER = _set({"enable_bitmapscan": "on", "enable_sort": "on"} | dict.fromkeys(_INDEX, "off"))
# They end with the transaction; within a larger one the next statement must not find them.
_AS_BEFORE = _set(
    dict.fromkeys(["statement_timeout", *_ALWAYS, "enable_bitmapscan", "enable_sort", *_INDEX], "DEFAULT")
)


class Busy(Exception):
    """Too many search just now; the database was not asked."""


class TooLong(Exception):
    """The search was stopped after SEARCH_SECONDS."""


class Search(NamedTuple):
    """What is looked for: folded words, filters by the name of their field, and from where on."""

    words: Sequence[str]
    filters: Mapping[str, str]
    # The order begins at the first of these sort keys; from the end of the list it goes on at the next, then in front.
    starts: Sequence[bytes] = ()
    place: tuple[bytes, int] | None = None
    backwards: bool = False

    def first(self, size: int) -> list[Signature]:
        """The first `size` public signatures from the place on, in the order of the walk. Raises Busy, TooLong."""
        with _seat(), _bounds():
            numbers = self._numbers(size)
            found = {row.number: row for row in Signature.objects.public().filter(number__in=numbers)}
        return [found[number] for number in numbers if number in found]

    def _numbers(self, size: int) -> list[int]:
        met, done = self._walk(NEAR, size)
        if len(met) >= FREQUENT and not done:
            met, done = self._walk(NEAR * 3 * size // (2 * len(met)), size)  # half as far again as it should take
        if done:
            return met
        gathered = self._gather(size)
        return self._walk(EVERYONE, size)[0] if gathered is None else gathered

    def _walk(self, most: int, size: int) -> tuple[list[int], bool]:
        """Who is met among the next `most` of a stretch, and whether these are a page or all there are."""
        met: list[int] = []
        for stretch in self._stretches():
            met += self._met(stretch[:most], size - len(met))
            if len(met) == size:
                return met, True
            if most < EVERYONE and stretch.values("number")[most : most + 1]:
                return met, False
        return met, True

    def _stretches(self) -> list[SignatureQuerySet]:
        """What lies ahead in the order of this search: the rest of where the place is, and the stretches behind it."""
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
            walked, values = stretch.values(*_LOOKED_AT).query.sql_with_params()
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
                _WALK,
            )
        ]

    def _gather(self, size: int) -> list[int] | None:
        """All who are found, through the index of parts, in order; None if they are more than MOST_SORTED."""
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
        """What `matching` and the filters ask, of the columns of a walk. Folded words hold no sign of a pattern."""
        parts = [f"{_FRAMED if len(word) < SHORTEST_PART else 'search_key'} LIKE %s" for word in self.words]
        equal = [f"{field} = %s" for field in self.filters]
        return " AND ".join(parts + equal), [*(f"%{part}%" for part in sought(self.words)), *self.filters.values()]


def placed(found: SignatureQuerySet, place: tuple[bytes, int] | None, backwards: bool) -> SignatureQuerySet:
    """`found` in filing order from a place on, or from there to the front."""
    if backwards:
        return (found.before(*place) if place else found).order_by("-sort_key", "-number")
    return (found.after(*place) if place else found).in_filing_order()


def _rows(statement: str, values: Sequence[Any], way: str) -> list[Any]:
    with connections[_database()].cursor() as cursor:
        cursor.execute(way)
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _database() -> str:
    """Where the list is read: see declaration/database/replica.py."""
    return router.db_for_read(Signature)


@contextmanager
def _seat() -> Iterator[None]:
    """One of the few places of this process; whoever waits for one holds no connection yet. Raises Busy."""
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
    """A transaction whose statements end in time. Raises TooLong."""
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
