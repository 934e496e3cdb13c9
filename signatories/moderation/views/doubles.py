"""Signatures that look like two of one person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.moderation import doubles
from signatories.moderation.access import organizer_of, organizers_only
from signatories.moderation.forms import DoubleForm
from signatories.moderation.views.common import say
from signatories.signing.views import UNPROCESSABLE, SeeOther

DOUBLES_PAGE = 50


@require_safe
@organizers_only
def waiting(request: HttpRequest) -> HttpResponse:
    """Pairs side by side, the newest first."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    return render(request, "desk/doubles.html", {"pairs": doubles.pairs(DOUBLES_PAGE)} | more, status=status)


@require_POST
@organizers_only
def answer(request: HttpRequest, earlier: int, later: int) -> HttpResponse:
    """One person, or two."""
    form = DoubleForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE, wrong_pk=later, form=form)
    organizer, reason = organizer_of(request), form.cleaned_data["reason"]
    if form.cleaned_data["answer"] == "merge":
        done = doubles.merge(earlier=earlier, later=later, organizer=organizer, reason=reason, now=timezone.now())
        say(request, done, "The later signature is withdrawn; both mailboxes are told.")
    else:
        done = doubles.keep_apart(earlier=earlier, later=later, organizer=organizer, reason=reason)
        say(request, done, "Remembered: two people.")
    return SeeOther(reverse("desk-doubles"))
