"""What several addresses of the API answer alike."""

from django.conf import settings
from django.utils.http import urlencode
from ninja import Schema


class Problem(Schema):
    """Why there is no other answer, and what is allowed."""

    detail: str


def absolute(path: str) -> str:
    """Return an address of this site, never built from what a request says of its host."""
    return f"{settings.SITE_URL}{path}"


def next_page(path: str, after: str | int, size: int, usual: int) -> str:
    """Return the address of the page after the row `after`; a usual size is left out, so that it is kept once."""
    query = {"after": after} | ({} if size == usual else {"size": size})
    return absolute(f"{path}?{urlencode(query)}")
