"""The public API, version 1: what strangers may read anyway, for programs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.operation import Operation

from signatories.api import editions, numbers, signatories, updates
from signatories.http import UNPROCESSABLE


class PublicAPI(NinjaAPI):
    """Names each operation after its function: `count`, `signatories`."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = PublicAPI(
    title=settings.DECLARATION_NAME or "Declaration",
    version="1",
    description="The public numbers, names, editions and news of a declaration. Read-only, without a key.",
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api-v1",
    servers=[{"url": settings.SITE_URL}],
)
for router in (numbers.router, signatories.router, editions.router, updates.router):
    api.add_router("", router)


@api.exception_handler(ValidationError)
def wrong_parameter(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say which parameter is wrong, and what is allowed."""
    words = "; ".join(f"{found['loc'][-1]}: {found['msg']}" for found in error.errors)
    return api.create_response(request, {"detail": words}, status=UNPROCESSABLE)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the addresses of the API, its rules, and what may be done with the data, in the main language."""
    context: dict[str, Any] = {
        "kinds": list(numbers.Kind),
        "per_minute": settings.API_PER_MINUTE,
        "most_signatories": signatories.MOST,
        "most_editions": editions.MOST,
        "tdmrep": reverse("tdmrep"),
        "robots": reverse("robots"),
    }
    return render(request, "api/api.html", context)
