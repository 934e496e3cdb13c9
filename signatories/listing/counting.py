"""How many entries a query finds, where its page stands among them, and which letters hold one: with bounded work.

People and groups are told apart: docs/decisions/0037. One filter is counted by the tally. Several at once, groups, and
the entries before a page are counted along an index up to MOST_COUNTED; beyond that a page says "more than", or no
position. A search is never counted further than its page.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import connections

from signatories.identity import names
from signatories.listing.pages import Page, Place, Query, place_of
from signatories.models import Signature
from signatories.models.profession import is_group
from signatories.models.signature import SignatureQuerySet
from signatories.tally.services import Number

MOST_COUNTED = 10_000
_SHOWN = "state = 'published' AND named"
# Each letter is a range of sort keys, so its first name under other filters is one look into the index of these: rows
# are compared and ordered by the columns of that index, so that no other can be used, which would be scanned. The
# letter itself stands in a CASE for the reason told at `SignatureQuerySet.letter_range`.
_LETTERS = """
SELECT asked.letter FROM unnest(%s::text[]) AS asked (letter)
CROSS JOIN LATERAL (SELECT min(sort_key) AS first, max(sort_key) AS last FROM signatories_signature AS s
    WHERE {shown} AND s.letter = asked.letter) AS reach
CROSS JOIN LATERAL (SELECT FROM signatories_signature AS s
    WHERE {shown}
        AND ({columns}, sort_key) >= ({values}, reach.first) AND ({columns}, sort_key) <= ({values}, reach.last)
        AND CASE WHEN s.letter = asked.letter THEN true ELSE false END
    ORDER BY {columns}, sort_key, number LIMIT 1) AS found
"""

type Facets = Mapping[str, Mapping[str, int]]


class Answer(NamedTuple):
    """What a page says of itself: `total` entries, or more than these; `first` to `last` are here. None: not counted.

    `groups` are those of `total` that are bands and organisations; of "more than" they are not known.
    """

    total: int | None = None
    more: bool = False
    first: int | None = None
    last: int | None = None
    groups: int = 0

    @property
    def people(self) -> int:
        return (self.total or 0) - self.groups

    @property
    def is_part(self) -> bool:
        """Whether the page shows a part of the entries, and knows which."""
        return self.first is not None and (self.more or self.first > 1 or self.last != self.total)


def answer(query: Query, shown: Page, *, number: Number, facets: Facets) -> Answer:
    """Count what `query` finds. `number` and `facets` are those of the tally, by the name of the filter."""
    rows = [row for _letter, under in shown.groups for row in under]
    groups = sum(row.is_group for row in rows)  # also for a tally that is a second late
    found = _total(query, shown, Answer(len(rows), groups=groups), number, facets)
    before = _before(query, shown, facets["letter"])
    if not rows or before is None:
        return found
    last = before + len(rows)
    if found.total is not None and not found.more:
        groups = max(found.groups, groups)
        found = found._replace(total=max(found.total, last, groups), groups=groups)
    return found._replace(first=before + 1, last=last)


def _total(query: Query, shown: Page, here: Answer, number: Number, facets: Facets) -> Answer:
    """Return how many entries are found, and whether there are more than that. `here` are those of the page."""
    if query.q:
        return Answer() if shown.previous else here._replace(more=bool(shown.next))
    if not query.filters:
        return Answer(number.named + number.groups, groups=number.groups)
    if query.filters.keys() == {"country"}:  # of which the tally counts the people
        groups = _groups(query, number)
        return Answer(facets["country"].get(query.country, 0) + groups, groups=groups)
    if len(query.filters) == 1:
        ((field, value),) = query.filters.items()
        total = facets[field].get(value, 0)
        return Answer(total, groups=_of_these(total, query, number))
    total = _bounded(query.found())
    if total > MOST_COUNTED:
        return Answer(MOST_COUNTED, more=True)
    return Answer(total, groups=_of_these(total, query, number))


def _of_these(total: int, query: Query, number: Number) -> int:
    """Return how many of `total` are groups: all of them under a kind of groups."""
    return total if is_group(query.profession) else _groups(query, number)


def _groups(query: Query, number: Number) -> int:
    """Count the groups under the filters, where there may be some: all groups are few."""
    return 0 if query.profession or not number.groups else _bounded(query.found().groups())


def _before(query: Query, shown: Page, letters: Mapping[str, int]) -> int | None:
    """Return how many entries stand before the page; None if that is not known."""
    if not shown.previous:
        return 0
    if query.q or not shown.groups:
        return None
    letter, people = shown.groups[0]
    place, earlier = place_of(people[0]), 0
    if query.filters:
        found = _bounded(query.found(), place)
    else:  # whole letters are counted by the tally
        order = names.letter_order(letter)
        earlier = sum(count for other, count in letters.items() if names.letter_order(other) < order)
        found = _bounded(Signature.objects.public().filter(letter=letter), place)
    return None if found > MOST_COUNTED else earlier + found


def _bounded(found: SignatureQuerySet, place: Place | None = None) -> int:
    """Count `found`, or those before `place`, up to one more than MOST_COUNTED."""
    return (found.before(*place) if place else found)[: MOST_COUNTED + 1].count()


def letters(query: Query, facets: Facets) -> list[str]:
    """Return the letters that hold a name under the other filters of `query`, in the order of the list."""
    found = sorted(facets["letter"], key=names.letter_order)
    others = {field: value for field, value in query.filters.items() if field != "letter"}
    if not others:
        return found
    columns, values = ", ".join(others), ", ".join(["%s"] * len(others))
    with connections[Signature.objects.db].cursor() as cursor:
        statement = _LETTERS.format(shown=_SHOWN, columns=columns, values=values)
        cursor.execute(statement, [found, *others.values(), *others.values()])
        held = {letter for (letter,) in cursor.fetchall()}
    return [letter for letter in found if letter in held]
