"""The page of the embargo: until when all is hidden, the switch that releases it, and the press that is invited."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from declaration.models import Text
from signatories.desk.access import fresh_factor, needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.embargo.forms import PressForm, UntilForm
from signatories.http import CONFLICT, UNPROCESSABLE, SeeOther
from signatories.models import Edition, Embargo, PressAccount
from signatories.models.organizer import Power
from signatories.press import embargo as services
from signatories.tally import services as tally


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.OPEN)
@fresh_factor
def embargo(request: HttpRequest) -> HttpResponse:
    """Show the embargo; POST sets its moment."""
    if request.method != "POST":
        return _page(request)
    form = UntilForm(request.POST)
    if not form.is_valid():
        return _page(request, until_form=form, status=UNPROCESSABLE)
    try:
        services.set_until(until=form.cleaned_data["until"], organizer=organizer_of(request), now=timezone.now())
    except services.TooLate:
        return _page(request, too_late=True, status=CONFLICT)
    tell_result(request, True, "Set: until then strangers find neither names nor number nor files.")
    return SeeOther(reverse("desk-embargo"))


@require_POST
@needs(Power.OPEN)
@fresh_factor
def drop(request: HttpRequest) -> HttpResponse:
    """Do without an embargo after all; only before the text is published."""
    try:
        services.set_until(until=None, organizer=organizer_of(request), now=timezone.now())
    except services.TooLate:
        return _page(request, too_late=True, status=CONFLICT)
    tell_result(request, True, "There is no embargo: names and number become public together with the text.")
    return SeeOther(reverse("desk-embargo"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.OPEN)
@fresh_factor
def release(request: HttpRequest) -> HttpResponse:
    """Show what becomes public; POST shows it to everybody, now."""
    if request.method != "POST":
        now, found = timezone.now(), Embargo.current()
        context = {
            "embargo": found, "holds": found.holds(now), "now": now, "number": tally.number(now),
            "edition": Edition.objects.latest_ready(), "is_published": Text.objects.published().exists(),
        }  # fmt: skip
        return render(request, "desk/embargo/release.html", context)
    done = services.release(organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Released: within ten seconds everybody sees it.")
    return SeeOther(reverse("desk-embargo"))


@require_POST
@needs(Power.OPEN)
@fresh_factor
def invite(request: HttpRequest) -> HttpResponse:
    """Make a link for somebody of the press; it is shown once, on the answer."""
    form = PressForm(request.POST)
    if not form.is_valid():
        return _page(request, press_form=form, status=UNPROCESSABLE)
    name, organizer = form.cleaned_data["name"], organizer_of(request)
    try:
        made, link = services.invite(name=name, organizer=organizer, now=timezone.now())
    except services.NothingHidden:
        return _page(request, nothing_hidden=True, status=CONFLICT)
    address = f"{settings.SITE_URL}{reverse('press-early', args=[link])}"
    response = _page(request, made=made, address=address)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@needs(Power.OPEN)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End the access of somebody of the press."""
    done = services.revoke(account_id=pk, organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Revoked: the link opens nothing any more.")
    return SeeOther(reverse("desk-embargo"))


def _page(request: HttpRequest, *, status: int = 200, **told: object) -> HttpResponse:
    now, found = timezone.now(), Embargo.current()
    context = {
        "embargo": found,
        "holds": found.holds(now),
        "is_published": Text.objects.published().exists(),
        "until_form": UntilForm(initial={"until": found.until}),
        "press_form": PressForm(),
        "accounts": PressAccount.objects.select_related("invited_by"),
    }
    return render(request, "desk/embargo/embargo.html", context | told, status=status)
