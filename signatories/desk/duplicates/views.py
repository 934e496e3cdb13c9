"""Signatures that look like two of one person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import organizer_of, organizers_only
from signatories.desk.common import say
from signatories.desk.duplicates import services
from signatories.desk.duplicates.forms import DoubleForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number

DOUBLES_PAGE = 50


@require_safe
@organizers_only
def waiting(request: HttpRequest) -> HttpResponse:
    """Pairs side by side, the newest first; from `before` on."""
    return _page(request, before=read_number(request.GET.get("before", "")))


def _page(request: HttpRequest, status: int = 200, before: int | None = None, **more: object) -> HttpResponse:
    looked = services.look(DOUBLES_PAGE, before=before)
    return render(
        request, "desk/duplicates/duplicates.html", looked._asdict() | {"before": before} | more, status=status
    )


@require_POST
@organizers_only
def answer(request: HttpRequest, earlier: int, later: int) -> HttpResponse:
    """One person, or two."""
    form = DoubleForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, wrong_pk=later, form=form)
    organizer, reason = organizer_of(request), form.cleaned_data["reason"]
    if form.cleaned_data["answer"] == "merge":
        done = services.merge(earlier=earlier, later=later, organizer=organizer, reason=reason, now=timezone.now())
        say(request, done, "The later signature is withdrawn; both mailboxes are told.")
    else:
        done = services.keep_apart(earlier=earlier, later=later, organizer=organizer, reason=reason)
        say(request, done, "Remembered: two people.")
    return SeeOther(reverse("desk-doubles"))
