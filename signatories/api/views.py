"""The public API, version 1."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Schema

from signatories.tally import services as tally

api = NinjaAPI(title="Declaration", version="1", docs_url=None, openapi_url=None, urls_namespace="api-v1")


class Count(Schema):
    """Published signatures: all, by name, without; complete up to `as_of` (UTC)."""

    count: int
    named: int
    unnamed: int
    as_of: datetime


@api.get("/count", response=Count)
def count(request: HttpRequest) -> tally.Number:
    """The number on the page."""
    return tally.number(timezone.now())
