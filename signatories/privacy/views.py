"""The own data of a signer, behind the private link of the own page."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from signatories.mine.views import own
from signatories.models import Signature
from signatories.privacy import own_data


@require_safe
@own
def data(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """Show the stored data."""
    return render(request, "privacy/data.html", {"facts": own_data.facts(signature), "link": link})


@require_safe
@own
def data_json(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """Return the stored data as JSON."""
    response = JsonResponse(
        own_data.as_json(signature),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        content_type="application/json; charset=utf-8",
    )
    response.headers["Content-Disposition"] = 'attachment; filename="my-signature.json"'
    return response
