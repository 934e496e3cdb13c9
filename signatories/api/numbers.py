"""The number, its tallies and the log of corrections."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import get_language_info
from django_countries import countries
from ninja import Query, Router, Schema

from signatories.api.answers import Problem
from signatories.audit import chain
from signatories.audit import corrections as log
from signatories.http import TOO_MANY, UNPROCESSABLE
from signatories.listing import explained
from signatories.models import Profession
from signatories.models.closing import signing_end
from signatories.models.profession import Field, by_field
from signatories.tally import history
from signatories.tally import services as tally

router = Router(tags=["numbers"])
_LANGUAGES = f"^(?:{'|'.join(code for code, _name in settings.LANGUAGES)})$"


class Count(Schema):
    """People who signed: all, by name, without; and groups, never added to them. Complete up to `as_of` (UTC).

    `final` once signing has ended, nobody can confirm or waits for a decision, and no withdrawal of before can be
    undone: from then on only people who leave change it.
    """

    count: int
    named: int
    unnamed: int
    groups: int
    as_of: datetime
    final: bool


class Week(Schema):
    """What happened on the list from Monday on; `reasons` of ten people and more, once the week is over."""

    monday: date
    added: int
    taken_off: int
    put_back: int
    corrected: int
    reasons: dict[str, int]


class Corrections(Schema):
    """How the number comes about, the newest weeks, and the newest seal of the record of all decisions.

    `confirmed` less `held` less those of `gone` is `count`, as of `as_of` (UTC): counted once a week and as it grows,
    unlike `/api/v1/count`. Parts are told of ten people and more, if ten or more came to them or left since the count
    before; the others are one sum, `other`, and `held` is 0 then. Before the first count all are 0, `as_of` is null.
    """

    confirmed: int
    held: int
    gone: dict[str, int]
    count: int
    as_of: datetime | None
    weeks: list[Week]
    head: str


class Kind(StrEnum):
    """What is told apart in a tally."""

    FIELD = "field"
    PROFESSION = "profession"
    COUNTRY = "country"
    LANGUAGE = "language"


class Part(Schema):
    """How many of those by name: a code that stays the same, and its words."""

    code: str
    label: str
    count: int


class Tally(Schema):
    """Those by name, `named` in all, told apart; largest first. A country is told by those who gave one."""

    kind: Kind
    named: int
    as_of: datetime
    counts: list[Part]


class Day(Schema):
    """The number as it was shown at the end of a day (UTC), of today as it is now."""

    day: date
    count: int
    named: int


class Days(Schema):
    """Each day since the first signature, oldest first."""

    days: list[Day]


@router.get("/count", response={200: Count})
def count(request: HttpRequest) -> dict[str, Any]:
    """The number on the page."""
    number, end = tally.number(timezone.now()), signing_end()
    told = {name: getattr(number, name) for name in ("count", "named", "unnamed", "groups", "as_of")}
    return told | {"final": end is not None and end.is_final}


@router.get("/corrections", response={200: Corrections, TOO_MANY: Problem})
def corrections(request: HttpRequest) -> dict[str, Any]:
    """The public log of corrections, as on its page."""
    found = explained.latest()
    return {
        "confirmed": found.confirmed if found else 0, "held": found.held if found else 0,
        "gone": found.gone if found else {}, "count": found.count if found else 0,
        "as_of": found.as_of if found else None, "weeks": log.weeks(timezone.now()), "head": str(chain.head()),
    }  # fmt: skip


@router.get("/tallies/day", response={200: Days, TOO_MANY: Problem})
def days(request: HttpRequest) -> dict[str, Any]:
    """The number day by day. It is not counted again when people leave."""
    return {"days": history.days(timezone.now())}


@router.get("/tallies/{kind}", response={200: Tally, UNPROCESSABLE: Problem, TOO_MANY: Problem})
def tallies(
    request: HttpRequest,
    kind: Kind,
    language: Annotated[str, Query(pattern=_LANGUAGES, description="of the labels")] = settings.LANGUAGE_CODE,
) -> dict[str, Any]:
    """How many by field, profession, country or language of the signed text."""
    number, counts = tally.number(timezone.now()), _counts(kind)
    with translation.override(language):
        parts = [{"code": code, "label": _LABELS[kind](code), "count": found} for code, found in counts.items()]
    return {"kind": kind, "named": number.named, "as_of": number.as_of, "counts": parts}


def _counts(kind: Kind) -> dict[str, int]:
    if kind == Kind.FIELD:
        return {field.value: found for field, found in by_field(tally.by_prefix("profession")).items()}
    return tally.by_prefix(kind)


_LABELS: dict[Kind, Callable[[str], str]] = {
    Kind.FIELD: lambda code: str(Field(code).label),
    Kind.PROFESSION: lambda code: str(Profession(code).label),
    Kind.COUNTRY: lambda code: str(countries.name(code) or code),
    Kind.LANGUAGE: lambda code: str(get_language_info(code)["name_translated"]),
}
