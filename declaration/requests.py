"""Forms of strangers carry no authority to steal, so they need no token; they must come from our own pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]


def from_our_pages(request: HttpRequest) -> bool:
    """Whether a POST may come from one of our pages.

    Refused: `Sec-Fetch-Site: cross-site`, or an `Origin` that is neither ours nor "null". Old phones and in-app
    browsers send neither header, which is allowed. (Fetch standard; OWASP CSRF cheat sheet, "Fetch Metadata".)
    """
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return False
    origin = request.headers.get("Origin", "null")
    ours = {urlsplit(settings.SITE_URL).netloc, request.get_host()}
    return origin == "null" or urlsplit(origin).netloc in ours


def stranger_form(view: View) -> View:
    """Mark a view whose POST needs no CSRF token because it carries no session: pages stay the same for everyone."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not from_our_pages(request):
            return render(request, "foreign.html", status=403)
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)
