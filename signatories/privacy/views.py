"""The own data of a signer, behind the link of the own page, and of an invitee, behind that of the invitation."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from signatories.gathering import answers
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
    return _file(own_data.as_json(signature), "my-signature.json")


@require_safe
def invitee_json(request: HttpRequest, link: str) -> HttpResponse:
    """Return the data stored about somebody who was asked to sign and has not answered, as JSON."""
    invitee = answers.find(link)
    if invitee is None or answers.is_over(invitee, timezone.now()):
        return render(request, "gathering/link_unknown.html", status=404)
    return _file(own_data.of_invitee(invitee), "my-invitation.json")


def _file(facts: dict[str, Any], name: str) -> HttpResponse:
    response = JsonResponse(
        facts,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        content_type="application/json; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
