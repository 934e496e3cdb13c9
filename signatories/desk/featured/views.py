"""Pages of the featured names."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.featured import services
from signatories.desk.featured.forms import FeatureForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number
from signatories.models import Signature
from signatories.models.organizer import Power

MOST_PLACES = 1000  # more is a slip of the hand, not the last place


@require_safe
@needs(Power.FEATURE_NAMES)
def page(request: HttpRequest) -> HttpResponse:
    """Show all featured names, and the block of the first page as visitors see it, or would with one more."""
    return _render(request, FeatureForm(initial={"number": request.GET.get("number", "")[:19]}))


def _render(request: HttpRequest, form: FeatureForm, status: int = 200) -> HttpResponse:
    tried = services.could_be_featured(read_number(request.GET.get("try", "")))
    context = {
        "form": form,
        "all_featured": services.all_featured(),
        "featured": [*Signature.objects.featured_names(), *([tried] if tried else [])],
        "tried": tried,
        "most": services.MAX_FEATURED,
    }
    return render(request, "desk/featured/featured.html", context, status=status)


@require_POST
@needs(Power.FEATURE_NAMES)
def feature(request: HttpRequest) -> HttpResponse:
    form = FeatureForm(request.POST)
    if form.is_valid():
        if services.feature(number=form.cleaned_data["number"], organizer=organizer_of(request)):
            tell_result(request, True, "It stands in front now.")
            return SeeOther(reverse("desk-notable"))
        form.add_error("number", "This number is not on the list by name, is in front already, or there is no room.")
    return _render(request, form, status=UNPROCESSABLE)


@require_POST
@needs(Power.FEATURE_NAMES)
def unfeature(request: HttpRequest, pk: int) -> HttpResponse:
    done = services.unfeature(signature_id=pk, organizer=organizer_of(request))
    tell_result(request, done, "It stands on the list only.")
    return SeeOther(reverse("desk-notable"))


@require_POST
@needs(Power.FEATURE_NAMES)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    to = read_number(request.POST.get("to", ""))
    done = to is not None and to < MOST_PLACES
    done = done and services.set_place(signature_id=pk, to=to or 0, organizer=organizer_of(request))
    tell_result(request, done, "Moved.")
    return SeeOther(reverse("desk-notable"))
