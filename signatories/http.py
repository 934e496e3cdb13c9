"""What the views of several rooms read from a request and answer."""

from django.http import HttpRequest, HttpResponse

CONFLICT = 409
GONE = 410
UNPROCESSABLE = 422
TOO_MANY = 429
_MOST_DIGITS = 18  # all such numbers fit into a bigint


def read_number(text: str) -> int | None:
    """A whole number from an address line or a form, such as a place in a list; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def renews_itself(request: HttpRequest) -> bool:
    """Whether an open page asks for a newer part of itself (htmx): that is no sign that somebody sits before it."""
    return request.method == "GET" and "HX-Request" in request.headers


class SeeOther(HttpResponse):
    """303: the answer to the POST stands at another of our own paths and is fetched by GET."""

    status_code = 303

    def __init__(self, path: str) -> None:
        super().__init__(headers={"Location": path})

    @property
    def url(self) -> str:
        """Where the answer stands."""
        return self["Location"]
