"""What several addresses of the API answer alike."""

from django.conf import settings
from django.utils.http import urlencode
from ninja import Schema


class Problem(Schema):
    """Why there is no other answer, and what is allowed."""

    detail: str


def absolute(path: str, **query: str | int) -> str:
    """Return an address of this site, never built from what a request says of its host."""
    return f"{settings.SITE_URL}{path}{f'?{urlencode(query)}' if query else ''}"
