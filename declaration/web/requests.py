"""The client's address, and whether a form came from our own pages.

Forms of strangers carry no session that could be abused, so they need no CSRF token; they must come from our own pages.
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
    """The address that a request comes from; read only here. `Forwarded` and `X-Real-IP` are ignored.

    Each of our TRUSTED_PROXIES appends the address of its client to X-Forwarded-For. Counted from the right, the entry
    of that number is the first that a stranger cannot write. With fewer entries than proxies somebody went around
    them: then the address of the socket counts.
    """
    address_text = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES:
        entries = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        if len(entries) >= settings.TRUSTED_PROXIES:
            address_text = entries[-settings.TRUSTED_PROXIES]
    try:
        address = ipaddress.ip_address(address_text.strip().strip("[]"))
    except ValueError:
        return _NOWHERE
    return getattr(address, "ipv4_mapped", None) or address


def from_our_pages(request: HttpRequest) -> bool:
    """Whether a POST may come from one of our pages.

    Refused are `Sec-Fetch-Site: cross-site`, and an `Origin` that is neither ours nor "null". A request with
    neither header is allowed: old phones and in-app browsers send none.
    (Fetch standard; OWASP CSRF cheat sheet, "Fetch Metadata".)
    """
    if request.META.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        return False
    origin = request.META.get("HTTP_ORIGIN", "null")
    return origin == "null" or urlsplit(origin).netloc in (urlsplit(settings.SITE_URL).netloc, request.get_host())


def stranger_form(view: View) -> View:
    """Decorate a view whose POST needs no CSRF token, since it has no session. So its page is the same for everyone."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not from_our_pages(request):
            return render(request, "foreign.html", status=403)
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)
