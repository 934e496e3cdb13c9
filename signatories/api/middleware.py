"""Rules of every address of the API: it is read only and within limits, by any site, and its errors are JSON too."""

from http import HTTPStatus

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from declaration.web import rights
from declaration.web.middleware import Handler
from signatories.screening import limits

_API = "/api/v1/"
_READING = ("GET", "HEAD")


def api_rules(get_response: Handler) -> Handler:
    """Refuse what is no reading, and too much of it. Any site may read the answers: they are public."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_API):
            return get_response(request)
        if request.method not in _READING:
            allow = {"Allow": ", ".join(_READING)}
            return _error(HTTPStatus.METHOD_NOT_ALLOWED, "This is read only: GET or HEAD.", allow)
        response = _too_many(request) or _read(request, get_response)
        response.headers["Access-Control-Allow-Origin"] = "*"
        for name, value in rights.headers().items():
            response.headers[name] = value
        return response

    return middleware


def _too_many(request: HttpRequest) -> HttpResponse | None:
    """Answer a network that reads too much. The number is never refused: the first page asks for it."""
    if request.path_info == reverse("api-v1:count"):
        return None
    try:
        seconds = limits.seconds_until_reading(request)
    except Error:  # the database is away: the answer itself says so
        return None
    if not seconds:
        return None
    words = f"Too many requests: please go on in {seconds} seconds."
    return _error(HTTPStatus.TOO_MANY_REQUESTS, words, {"Retry-After": str(seconds)})


def _read(request: HttpRequest, get_response: Handler) -> HttpResponse:
    """Answer HEAD like GET, whose body the server leaves out; replace pages for people that tell of an error."""
    asked, request.method = request.method, "GET"
    try:
        response = get_response(request)
    finally:
        request.method = asked
    if response.status_code < HTTPStatus.BAD_REQUEST or response.headers["Content-Type"].startswith("application/json"):
        return response
    wait = {name: response[name] for name in ("Retry-After",) if name in response}
    return _error(HTTPStatus(response.status_code), HTTPStatus(response.status_code).phrase, wait)


def _error(status: HTTPStatus, detail: str, headers: dict[str, str]) -> HttpResponse:
    return JsonResponse({"detail": detail}, status=status, headers=headers)
