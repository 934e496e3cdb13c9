"""Editions, newest first, and their files."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import Path, Query, Router, Schema

from signatories.api.answers import Problem, absolute, next_page
from signatories.http import TOO_MANY, UNPROCESSABLE
from signatories.models import Edition, EditionFile
from signatories.models.edition import EditionState
from signatories.press.views import BIGGEST_NUMBER, NOT_FOUND

router = Router(tags=["editions"])
USUAL, MOST = 20, 100


class EditionRecord(Schema):
    """An edition: the list at the moment `as_of`. What changed since the one before is null where that is not known.

    `count`, `named`, `unnamed`, `added`, `left` and `corrected` are of people; `groups` are counted apart.

    `url` is its record with its files, `page` is for people. Files are deleted, and `retired_at` says when, after
    somebody in them has left the list.
    """

    number: int
    as_of: datetime
    count: int
    named: int
    unnamed: int
    groups: int
    added: int | None
    left: int | None
    corrected: int | None
    pages: int
    retired_at: datetime | None
    url: str
    page: str


class FileRecord(Schema):
    """A file; `size` in bytes, null where it is not known; `time_stamp` is the address of its RFC 3161 time stamp.

    Where an `edition_mark` stands in it, which nobody can guess, its digest confirms no guess about its rows. Files
    made before there were marks have none, and keep their bytes.
    """

    url: str
    format: str
    sha256: str
    size: int | None
    time_stamp: str | None


class ListRecord(Schema):
    """A list of an edition in one language; of changes, `since` is the number of the earlier edition.

    `names` counts its entries, those of people and those of bands and organisations.
    """

    part: str
    since: int | None
    language: str
    names: int
    files: list[FileRecord]


class EditionWithFiles(EditionRecord):
    """An edition and its files, none when they are deleted."""

    lists: list[ListRecord]


class Editions(Schema):
    """Editions, newest first; `next` is the address of older ones, null where there are none."""

    editions: list[EditionRecord]
    next: str | None


@router.get("/editions", response={200: Editions, UNPROCESSABLE: Problem, TOO_MANY: Problem})
def editions(
    request: HttpRequest,
    after: Annotated[int | None, Query(ge=1, le=BIGGEST_NUMBER, description="those older than this one")] = None,
    size: Annotated[int, Query(ge=1, le=MOST, description="how many on a page")] = USUAL,
) -> dict[str, Any]:
    """All editions, newest first."""
    found = Edition.objects.published()
    rows = list((found.filter(number__lt=after) if after else found)[: size + 1])
    shown = rows[:size]
    more = next_page(request.path, shown[-1].number or 0, size, USUAL) if len(rows) > size else None
    return {"editions": [_record(row) for row in shown], "next": more}


@router.get(
    "/editions/{number:number}",
    response={200: EditionWithFiles, NOT_FOUND: Problem, TOO_MANY: Problem},
)
def edition(request: HttpRequest, number: Annotated[int, Path(ge=1)]) -> dict[str, Any]:
    """One edition with the addresses and digests of its files."""
    found = Edition.objects.published().filter(number=number).first() if number <= BIGGEST_NUMBER else None
    if found is None:
        raise Http404
    return _record(found) | {"lists": [] if found.retired_at else _lists(found)}


def _record(row: Edition) -> dict[str, Any]:
    return {name: getattr(row, name) for name in EditionRecord.model_fields if name not in ("url", "page")} | {
        "url": absolute(reverse("api-v1:edition", args=[row.number])),
        "page": absolute(reverse("press-edition", args=[row.number])),
    }


def _lists(row: Edition) -> list[dict[str, Any]]:
    kept = Prefetch("files", EditionFile.objects.exclude(path=""))
    parts = row.parts.filter(state=EditionState.READY).prefetch_related(kept).order_by("pk")
    return [
        {
            "part": part.part, "since": part.since or None, "language": part.language, "names": part.names,
            "files": [_file(file) for file in part.shown_files],
        }
        for part in parts
    ]  # fmt: skip


def _file(file: EditionFile) -> dict[str, Any]:
    address = absolute(file.get_absolute_url())
    return {
        "url": address, "format": file.format, "sha256": file.sha256, "size": file.size or None,
        "time_stamp": f"{address}.tsr" if file.stamp else None,
    }  # fmt: skip
