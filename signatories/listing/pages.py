"""Queries of the list and their pages, by keyset pagination: every page costs the same."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from django.utils.http import urlencode

from signatories.http import read_number
from signatories.identity import names, spellings
from signatories.listing import search
from signatories.models import Profession, Signature
from signatories.models.profession import is_group
from signatories.models.signature import SignatureQuerySet

PAGE = 100
LONGEST_PLACE = 4000
LONGEST_QUERY = 100
MOST_WORDS = 6


class Place(NamedTuple):
    """A position in filing order; as text it is the `after` or `before` of a page."""

    sort_key: bytes
    number: int

    def __str__(self) -> str:
        return f"{base64.urlsafe_b64encode(self.sort_key).decode().rstrip('=')}.{self.number}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Parse a position; None for invalid text, which shows the first page."""
        key, _dot, number = text.partition(".")
        at = read_number(number)
        if at is None or not key.isascii() or len(text) >= LONGEST_PLACE:
            return None
        try:
            return cls(base64.b64decode(key + "=" * (-len(key) % 4), altchars=b"-_", validate=True), at)
        except (binascii.Error, ValueError):
            return None


@dataclass(frozen=True, kw_only=True)
class Query:
    """A query of the list. Unknown filters and invalid positions are ignored: no query is an error."""

    q: str = ""
    profession: str = ""
    country: str = ""
    letter: str = ""
    after: Place | None = None
    before: Place | None = None

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "Query":
        """Parse the parameters of a URL."""
        profession, country, letter = params.get("profession", ""), params.get("country", ""), params.get("letter", "")
        return cls(
            q=params.get("q", "").replace("\0", "")[:LONGEST_QUERY].strip(),
            profession=profession if profession in Profession.values or is_group(profession) else "",
            country=country if len(country) == 2 and country.isascii() and country.isalpha() else "",
            letter=letter.replace("\0", "")[:8],
            after=Place.read(params.get("after", "")),
            before=Place.read(params.get("before", "")),
        )

    @property
    def filtered(self) -> bool:
        """Whether the query restricts the list."""
        return bool(self.q or self.profession or self.country or self.letter)

    def link(self, **changes: object) -> str:
        """Return the query string of this query with changes, starting with "?"."""
        asked = replace(self, **({"after": None, "before": None} | changes))  # type: ignore[arg-type]
        fields = {name: str(value) for name, value in vars(asked).items() if value}
        return f"?{urlencode(fields)}"

    @property
    def words(self) -> list[tuple[str, ...]]:
        """Return the searched words, each in its spellings, the first as typed."""
        return spellings.sought(self.q)[:MOST_WORDS]

    @property
    def short(self) -> bool:
        """Whether a word is so short that it is only found as a whole word."""
        return any(as_typed.startswith(" ") for as_typed, *_others in self.words)

    @property
    def filters(self) -> dict[str, str]:
        """Return fields of a signature and their required values."""
        asked = {"profession": self.profession, "country": self.country, "letter": self.letter}
        return {field: value for field, value in asked.items() if value}

    @property
    def backwards(self) -> bool:
        """Whether the page before a position is requested."""
        return self.before is not None and self.after is None

    def rows(self, size: int) -> list[Signature]:
        """Return `size` rows from the position on; backwards, the nearest first. Raises search.Busy, TooLong."""
        place = self.after or self.before
        if self.q:
            wanted = search.Search(self.words, self.filters, names.filed_at(self.q), place, self.backwards)
            return wanted.first(size) if wanted.words else []
        return list(search.placed(self.found(), place, self.backwards)[:size])

    def found(self) -> SignatureQuerySet:
        """Return everyone under the filters, without the search."""
        others = {field: value for field, value in self.filters.items() if field != "letter"}
        if self.letter and others:
            return Signature.objects.public().filter(**others).letter_range(self.letter)
        return Signature.objects.public().filter(**self.filters)


class Page(NamedTuple):
    """One page: its signatures by letter, and the query strings of the pages before and after ("" at the ends)."""

    groups: list[tuple[str, list[Signature]]]
    previous: str
    next: str


NOTHING = Page([], "", "")


def page(query: Query, size: int | None = None) -> Page:
    """Return the page of `query`; one row more is read to know whether there is a next page.

    Raises search.Busy, search.TooLong.
    """
    size = size or PAGE
    backwards = query.backwards
    rows = query.rows(size + 1)
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_previous = more if backwards else query.after is not None
    has_next = True if backwards else more
    return Page(
        groups=[(letter, list(group)) for letter, group in groupby(rows, key=lambda s: s.letter)],
        previous=query.link(before=place_of(rows[0])) if rows and has_previous else "",
        next=query.link(after=place_of(rows[-1])) if rows and has_next else "",
    )


def place_of(signature: Signature) -> Place:
    """Return the position of a public signature."""
    assert signature.number is not None  # noqa: S101 - public means numbered (signature_published_has_number)
    return Place(bytes(signature.sort_key), signature.number)
