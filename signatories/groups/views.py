"""Members of groups over HTTP: the speaker's page with their links, the page behind a link, and leaving."""

from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from declaration.models import Text
from declaration.web.requests import stranger_form
from signatories.groups import services
from signatories.groups.forms import PlacesForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.mine.views import own
from signatories.models import Membership, Signature
from signatories.models.signature import State
from signatories.signing import views as signing
from signatories.signing.forms import SignForm
from signatories.signing.services import Origin

_GONE = 410


@require_http_methods(["GET", "HEAD", "POST"])
@own
def members(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """Show a speaker the links of the members; POST makes more."""
    if not signature.is_group:
        raise Http404
    form = PlacesForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if services.add_places(group_id=signature.pk, count=form.cleaned_data["count"]):
            return SeeOther(request.path)
        form.add_error("count", _("At most %(most)d members get a link.") % {"most": services.MOST})
    shown = {place.pk for place in signature.members.told()}
    places = [
        (place, settings.SITE_URL + reverse("signing-join", args=[services.link_of(place)]), place.pk in shown)
        for place in signature.members.standing().select_related("signature").order_by("pk")
    ]
    context = {"form": form, "signature": signature, "link": link, "places": places, "published": State.PUBLISHED}
    return render(request, "groups/members.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@own
def remove(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """Take a link back."""
    services.remove(group_id=signature.pk, membership_id=_place(request), now=timezone.now())
    return SeeOther(reverse("mine-members", args=[link]))


@require_POST
@own
def leave(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """Leave a group; the own signature stays."""
    services.leave(signature_id=signature.pk, membership_id=_place(request))
    return SeeOther(f"{reverse('mine-page', args=[link])}?saved#saved")


@require_POST
@own
def stand_under(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """Stand under a group whose link was used by somebody who had signed before."""
    joined = services.join(signature_id=signature.pk, membership_id=_place(request))
    return SeeOther(f"{reverse('mine-page', args=[link])}{'?saved#saved' if joined else '?taken#taken'}")


def _place(request: HttpRequest) -> int:
    return links.found(Purpose.JOIN, request.POST.get("member", "")) or 0


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def join(request: HttpRequest, link: str) -> HttpResponse:
    """Show the declaration to a member of a group, with its name filled in; POST signs."""
    place = services.find(link)
    if place is None:
        return render(request, "groups/link_unknown.html", status=404)
    if not services.is_open(place):
        return render(request, "groups/link_used.html", {"place": place}, status=_GONE)
    show = partial(_show, place=place)
    if request.method == "POST":
        return signing.take(request, show, Origin(membership=place))
    return signing.show_form(request, show)


def _show(request: HttpRequest, current: Text, form: SignForm, status: int, *, place: Membership) -> HttpResponse:
    form.initial.setdefault("affiliation", place.group.name)
    context = signing.home_context(current, form) | {"group": place.group}
    response = render(request, "groups/join.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
