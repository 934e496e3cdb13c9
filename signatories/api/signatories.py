"""Everyone who is listed by name, in pages: the columns of the CSV and the address of the own page."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import WithJsonSchema, create_model

from signatories.api.answers import Problem, absolute, next_page
from signatories.editions import table
from signatories.http import TOO_MANY, UNPROCESSABLE
from signatories.listing.pages import LONGEST_PLACE, Place, page, place_of
from signatories.listing.pages import Query as ListQuery
from signatories.models import Signature, signer_fields

router = Router(tags=["signatories"])
USUAL, MOST = 100, 500
# What Place.read takes, for the description alone: of anything else the answer says where a position comes from.
_PLACE = {
    "type": "string",
    "description": "a position, from `next` of another page",
    "pattern": r"^(?:(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?\.[0-9]{1,18})?$",
    "maxLength": LONGEST_PLACE - 1,
}
Signatory = create_model(
    "Signatory",
    __base__=Schema,
    __doc__="Somebody on the list; `number` is given once and never again.",
    number=(int, ...),
    **dict.fromkeys(table.columns(), (str, ...)),  # type: ignore[call-overload]
    published_at=(datetime, ...),
    permalink=(str, ...),
)


class Signatories(Schema):
    """A page in filing order; `next` is the address of the page after it, null on the last one."""

    signatories: list[Signatory]  # type: ignore[valid-type]
    next: str | None


@router.get("/signatories", response={200: Signatories, UNPROCESSABLE: Problem, TOO_MANY: Problem})
def signatories(
    request: HttpRequest,
    after: Annotated[str, Query(), WithJsonSchema(_PLACE)] = "",
    size: Annotated[int, Query(ge=1, le=MOST, description="how many on a page")] = USUAL,
) -> dict[str, Any]:
    """Everyone by name, in filing order. Who signs meanwhile moves nobody to another page."""
    place = Place.read(after)
    if after and place is None:
        raise HttpError(UNPROCESSABLE, "after: Please take it from `next` of another page.")
    found = page(ListQuery(after=place), size)
    people = [person for _letter, group in found.groups for person in group]
    more = next_page(request.path, str(place_of(people[-1])), size, USUAL) if found.next else None
    return {"signatories": [_row(person) for person in people], "next": more}


def _row(signature: Signature) -> dict[str, Any]:
    assert signature.published_at  # noqa: S101 - public means published (signature_published_has_number)
    return {
        "number": signature.number,
        **{column: str(signer_fields.plain(signature, column)) for column in table.columns()},
        "published_at": signature.published_at.astimezone(UTC).replace(microsecond=0),
        "permalink": absolute(signature.get_absolute_url()),
    }
