"""The page of the editions: what was built, what is being built, and what failed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.editions import services
from signatories.http import SeeOther, read_number
from signatories.models import Edition
from signatories.models.edition import EditionState
from signatories.models.organizer import Power

EDITIONS_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.ASK_FOR_EDITIONS)
def editions(request: HttpRequest) -> HttpResponse:
    """List the editions, newest first; POST asks for a new one. With htmx only the list, while one is being built."""
    if request.method == "POST":
        services.ask(organizer=organizer_of(request))
        tell_result(request, True, "A new edition is asked for. It is built as soon as the worker is free.")
        return SeeOther(reverse("desk-editions"))
    before = read_number(request.GET.get("before", ""))
    rows = Edition.objects.order_by("-pk")
    page = list((rows if before is None else rows.filter(pk__lt=before))[: EDITIONS_PAGE + 1])
    shown = page[:EDITIONS_PAGE]
    context = {
        "editions": [(edition, services.explain(edition.error) if edition.error else "") for edition in shown],
        "more": shown[-1].pk if page[EDITIONS_PAGE:] else None,
        "at_work": any(edition.state in (EditionState.ASKED, EditionState.BUILDING) for edition in shown),
    }
    part = "list" if request.htmx else "editions"  # type: ignore[attr-defined]
    return render(request, f"desk/editions/{part}.html", context)
