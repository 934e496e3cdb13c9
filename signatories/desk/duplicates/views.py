"""Pages of the pairs of signatures that may be one person's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.duplicates import services
from signatories.desk.duplicates.forms import PairForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number
from signatories.models.organizer import Power

PAIRS_PAGE = 10  # each pair is half a screen tall


@require_safe
@needs(Power.MERGE_DUPLICATES)
def pairs(request: HttpRequest) -> HttpResponse:
    """Show a page of pairs side by side, newest first; `?before=` continues below an id."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    page, before = (read_number(request.GET.get(name, "")) for name in ("page", "before"))
    found = services.find_pairs(PAIRS_PAGE, page=page or 1, before=before)
    context = found._asdict() | {"before": before, "scanned": services.SCANNED} | more
    return render(request, "desk/duplicates/duplicates.html", context, status=status)


@require_POST
@needs(Power.MERGE_DUPLICATES)
def answer(request: HttpRequest, earlier: int, later: int) -> HttpResponse:
    """Merge a pair or remember that it is two people, and lead back to the page on which it stood."""
    form = PairForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, wrong_pk=later, form=form)
    organizer, reason = organizer_of(request), form.cleaned_data["reason"]
    if form.cleaned_data["answer"] == "merge":
        done = services.merge(earlier=earlier, later=later, organizer=organizer, reason=reason, now=timezone.now())
        tell_result(request, done, "The later signature is withdrawn; both mailboxes are told.")
    else:
        done = services.mark_distinct(earlier=earlier, later=later, organizer=organizer, reason=reason)
        tell_result(request, done, "Remembered: two people.")
    return SeeOther(_place(request))


def _place(request: HttpRequest) -> str:
    """Return the address of the page on which the answered pair stood."""
    numbers = {name: read_number(request.GET.get(name, "")) for name in ("page", "before")}
    return reverse("desk-doubles", query={name: number for name, number in numbers.items() if number is not None})
