"""Updates, newest first, in every language they were written in."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from signatories.api.answers import Problem, absolute, next_page
from signatories.http import TOO_MANY, UNPROCESSABLE
from signatories.models import Update

router = Router(tags=["updates"])
USUAL, MOST = 20, 100
_BIGGEST = 2**63 - 1


class UpdateWords(Schema):
    """An update in one language: its title is plain text, `html` has no links, pictures or scripts."""

    language: str
    title: str
    html: str


class UpdateRecord(Schema):
    """An update; `corrected_at` is null where its words are as they were published. `page` is for people."""

    number: int
    published_at: datetime
    corrected_at: datetime | None
    texts: list[UpdateWords]
    page: str


class Updates(Schema):
    """Updates, newest first; `next` is the address of older ones, null where there are none."""

    updates: list[UpdateRecord]
    next: str | None


@router.get("/updates", response={200: Updates, UNPROCESSABLE: Problem, TOO_MANY: Problem})
def updates(
    request: HttpRequest,
    after: Annotated[int | None, Query(ge=1, le=_BIGGEST, description="those older than this one")] = None,
    size: Annotated[int, Query(ge=1, le=MOST, description="how many on a page")] = USUAL,
) -> dict[str, Any]:
    """All updates, newest first."""
    known = Update.objects.filter(pk=after, published_at__isnull=False).first() if after else None
    rows = list(Update.objects.public().newest_first(known)[: size + 1])
    shown = rows[:size]
    more = next_page(request.path, shown[-1].pk, size, USUAL) if len(rows) > size else None
    return {"updates": [_record(row) for row in shown], "next": more}


def _record(row: Update) -> dict[str, Any]:
    texts = [{"language": text.language, "title": text.title, "html": text.html} for text in row.in_order]
    return {
        "number": row.pk, "published_at": row.published_at, "corrected_at": row.corrected_at, "texts": texts,
        "page": absolute(row.get_absolute_url()),
    }  # fmt: skip
