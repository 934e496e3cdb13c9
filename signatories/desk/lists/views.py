"""Pages of the lists of networks and mail domains."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.lists import services
from signatories.desk.lists.forms import ListForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models import Listed
from signatories.models.limits import ListKind
from signatories.models.organizer import Power


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.EDIT_RULES)
def lists(request: HttpRequest) -> HttpResponse:
    """Show the lists; POST adds an entry."""
    form = ListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        row = services.put_on_list(**form.cleaned_data, organizer=organizer_of(request))
        tell_result(request, True, f"{row.value} is listed: {row.get_kind_display()}.")
        return SeeOther(reverse("desk-lists"))
    rows = Listed.objects.order_by("value")
    kinds = [(kind.label, [row for row in rows if row.kind == kind]) for kind in ListKind]
    return render(
        request, "desk/lists/lists.html", {"form": form, "kinds": kinds}, status=UNPROCESSABLE if form.errors else 200
    )


@require_POST
@needs(Power.EDIT_RULES)
def unlist(request: HttpRequest, pk: int) -> HttpResponse:
    tell_result(request, services.take_off_list(listed_id=pk, organizer=organizer_of(request)), "No longer listed.")
    return SeeOther(reverse("desk-lists"))
