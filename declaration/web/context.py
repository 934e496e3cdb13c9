"""Variables of every template: the operator of the site, and the languages with their addresses."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url

from declaration.web import rights

# A key that only our own program can put into a request: the moment for which a page of the export is made.
EXPORTED_AT = "declaration.exported_at"


def house(request: HttpRequest) -> dict[str, Any]:
    """Name, operator, site address, and for each language its code, own name and the address of this page in it."""
    return {
        "declaration_name": settings.DECLARATION_NAME,
        "operator_name": settings.OPERATOR_NAME,
        "operator_email": settings.OPERATOR_EMAIL,
        "operator_address": settings.OPERATOR_ADDRESS,
        "site_url": settings.SITE_URL,
        "tdm_policy": rights.policy(),
        "exported_at": request.META.get(EXPORTED_AT),
        "languages": _languages(request),
    }


def _languages(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Return code, own name and address of this page in each language; none of a page with one address in all of them.

    From an address where nothing stands they lead to the front page.
    """
    path = request.path if request.resolver_match else reverse("home")
    found = [(code, name, translate_url(path, code)) for code, name in settings.LANGUAGES]
    return found if len({address for _code, _name, address in found}) == len(found) else []
