"""The public API, version 1."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Schema

from signatories.audit import chain
from signatories.audit import corrections as log
from signatories.listing.corrections import explain
from signatories.tally import services as tally

api = NinjaAPI(title="Declaration", version="1", docs_url=None, openapi_url=None, urls_namespace="api-v1")


class Count(Schema):
    """Published signatures: all, by name, without; complete up to `as_of` (UTC)."""

    count: int
    named: int
    unnamed: int
    as_of: datetime


class Week(Schema):
    """What happened on the list from Monday on; `reasons` of ten people and more, by their code."""

    monday: date
    added: int
    taken_off: int
    put_back: int
    corrected: int
    reasons: dict[str, int]


class Corrections(Schema):
    """How the number comes about, the newest weeks, and the newest seal of the record of all decisions."""

    confirmed: int
    held: int
    gone: dict[str, int]
    count: int
    as_of: datetime
    weeks: list[Week]
    head: str


@api.get("/count", response=Count)
def count(request: HttpRequest) -> tally.Number:
    """The number on the page."""
    return tally.number(timezone.now())


@api.get("/corrections", response=Corrections)
def corrections(request: HttpRequest) -> dict[str, Any]:
    """The public log of corrections, as on its page."""
    explained = explain(timezone.now())
    return {
        "confirmed": explained.confirmed, "held": explained.held, "gone": explained.gone,
        "count": explained.number.count, "as_of": explained.number.as_of, "weeks": log.weeks(),
        "head": str(chain.head()),
    }  # fmt: skip
