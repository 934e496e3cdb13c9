"""Answers that the views of several rooms give."""

from django.http import HttpResponse

UNPROCESSABLE = 422


TOO_MANY = 429


class SeeOther(HttpResponse):
    """303: the answer to the POST stands at another of our own paths and is fetched by GET."""

    status_code = 303

    def __init__(self, path: str) -> None:
        super().__init__(headers={"Location": path})

    @property
    def url(self) -> str:
        """Where the answer stands."""
        return self["Location"]
