"""The client's address, and whether a form came from our own pages.

Forms of strangers carry no authority to steal, so they need no token; they must come from our own pages.
"""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]
type Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NOWHERE = ipaddress.IPv4Address(0)  # no address: a Unix socket in front of us


def client_address(request: HttpRequest) -> Address:
    """The address of the client. The only place that reads it; `Forwarded` and `X-Real-IP` are never believed.

    Each of our TRUSTED_PROXIES appends to X-Forwarded-For whom it heard; so the entry that many from the right is the
    first one a stranger could not write. Fewer entries than proxies: somebody went around them, the socket counts.
    """
    heard = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES:
        entries = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        heard = entries[-settings.TRUSTED_PROXIES] if len(entries) >= settings.TRUSTED_PROXIES else heard
    try:
        address = ipaddress.ip_address(heard.strip().strip("[]"))
    except ValueError:
        return _NOWHERE
    return getattr(address, "ipv4_mapped", None) or address


def from_our_pages(request: HttpRequest) -> bool:
    """Whether a POST may come from one of our pages.

    Refused: `Sec-Fetch-Site: cross-site`, or an `Origin` that is neither ours nor "null". Old phones and in-app
    browsers send neither header, which is allowed. (Fetch standard; OWASP CSRF cheat sheet, "Fetch Metadata".)
    """
    if request.META.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        return False
    origin = request.META.get("HTTP_ORIGIN", "null")
    return origin == "null" or urlsplit(origin).netloc in (urlsplit(settings.SITE_URL).netloc, request.get_host())


def stranger_form(view: View) -> View:
    """Mark a view whose POST needs no CSRF token because it carries no session: pages stay the same for everyone."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not from_our_pages(request):
            return render(request, "foreign.html", status=403)
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)
