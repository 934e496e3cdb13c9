"""The notable names on the first page: who, in which order, and how it looks there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import organizer_of, organizers_only
from signatories.desk.common import say
from signatories.desk.featured import services
from signatories.desk.featured.forms import FeatureForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number
from signatories.models import Signature

MOST_PLACES = 1000  # more is a slip of the hand, not the last place


@require_safe
@organizers_only
def chosen(request: HttpRequest) -> HttpResponse:
    """The names in front, also those not shown at present, and the block of the first page as visitors see it."""
    return _page(request, FeatureForm(initial={"number": request.GET.get("number", "")[:19]}))


def _page(request: HttpRequest, form: FeatureForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "chosen": services.chosen(),
        "notable": Signature.objects.featured_names(),
        "most": services.MOST,
    }
    return render(request, "desk/featured/featured.html", context, status=status)


@require_POST
@organizers_only
def feature(request: HttpRequest) -> HttpResponse:
    """Put a name in front."""
    form = FeatureForm(request.POST)
    if form.is_valid():
        if services.feature(number=form.cleaned_data["number"], organizer=organizer_of(request)):
            say(request, True, "It stands in front now.")
            return SeeOther(reverse("desk-notable"))
        form.add_error("number", "This number is not on the list by name, is in front already, or there is no room.")
    return _page(request, form, status=UNPROCESSABLE)


@require_POST
@organizers_only
def unfeature(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a name from the front."""
    done = services.unfeature(signature_id=pk, organizer=organizer_of(request))
    say(request, done, "It stands on the list only.")
    return SeeOther(reverse("desk-notable"))


@require_POST
@organizers_only
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a name another place."""
    to = read_number(request.POST.get("to", ""))
    done = to is not None and to < MOST_PLACES
    done = done and services.move(signature_id=pk, to=to or 0, organizer=organizer_of(request))
    say(request, done, "Moved.")
    return SeeOther(reverse("desk-notable"))
