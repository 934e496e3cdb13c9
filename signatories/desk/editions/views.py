"""The page of the editions: what was built, what is being built, and what failed."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.editions import services
from signatories.desk.editions.forms import PartForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number
from signatories.models import Edition, EditionPart
from signatories.models.edition import EditionState, Part
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
    return _page(request)


@require_POST
@needs(Power.ASK_FOR_EDITIONS)
def ask_part(request: HttpRequest) -> HttpResponse:
    """Ask for a list of the latest edition."""
    latest = Edition.objects.latest_ready()
    if latest is None:
        tell_result(request, True, "There is no edition yet of which a list could be made.")
        return SeeOther(reverse("desk-editions"))
    form = PartForm(request.POST, edition=latest)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    if services.ask_part(organizer=organizer_of(request), edition=latest, **form.cleaned_data):
        words = "The list is asked for. It is built as soon as the worker is free."
    else:
        words = f"This list of edition {latest.number} is there already: see the page of the edition."
    tell_result(request, True, words)
    return SeeOther(reverse("desk-editions"))


@require_POST
@needs(Power.ASK_FOR_EDITIONS)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an edition that is not ready."""
    tell_result(request, services.cancel(organizer=organizer_of(request), edition_id=pk), "Cancelled.")
    return SeeOther(reverse("desk-editions"))


@require_POST
@needs(Power.ASK_FOR_EDITIONS)
def cancel_part(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a list of an edition."""
    tell_result(request, services.cancel_part(organizer=organizer_of(request), part_id=pk), "Cancelled.")
    return SeeOther(reverse("desk-editions"))


def _page(request: HttpRequest, wrong: PartForm | None = None, status: int = 200) -> HttpResponse:
    before = read_number(request.GET.get("before", ""))
    rows = Edition.objects.order_by("-pk")
    page = list((rows if before is None else rows.filter(pk__lt=before))[: EDITIONS_PAGE + 1])
    shown = page[:EDITIONS_PAGE]
    latest = Edition.objects.latest_ready()
    # The full list in the main language is the edition itself, which stands below.
    parts = EditionPart.objects.filter(edition=latest).exclude(part=Part.FULL, language=settings.LANGUAGE_CODE)
    parts = parts.select_related("edition").order_by("pk")
    waits = (EditionState.ASKED, EditionState.BUILDING)
    context = {
        "editions": [(edition, services.explain(edition.error) if edition.error else "") for edition in shown],
        "more": shown[-1].pk if page[EDITIONS_PAGE:] else None,
        "at_work": any(state in waits for state in (*(e.state for e in shown), *(p.state for p in parts))),
        "latest": latest,
        "parts": [(part, services.explain(part.error) if part.state == EditionState.FAILED else "") for part in parts],
        "form": wrong or (PartForm(edition=latest) if latest else None),
    }
    part = "list" if request.htmx else "editions"  # type: ignore[attr-defined]
    return render(request, f"desk/editions/{part}.html", context, status=status)
