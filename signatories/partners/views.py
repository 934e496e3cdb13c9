"""The public pages of partners: the declaration, brought by one of them, and the list of all."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from declaration.models import PressPage, Text
from declaration.web.requests import stranger_form
from signatories.models import Partner
from signatories.partners import channels
from signatories.signing import views as signing
from signatories.signing.forms import SignForm
from signatories.signing.services import Origin

_LOGO_SECONDS = 86_400  # its address holds its digest


@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    """Show who brings signatures, and what each says of the declaration."""
    found = Partner.objects.order_by("ended_at", "name", "pk")
    return render(request, "partners/partners.html", {"partners": [_told(partner) for partner in found]})


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the declaration as a partner brings it; POST signs it.

    The form has no address of its own, so that browsers send it to that of the page, with the channel of the link. The
    page is the same for all channels.
    """
    partner = get_object_or_404(Partner, slug=slug)
    if partner.ended_at:
        # Whoever had the page open when it ended signs all the same.
        return signing.take(request, signing.show_home) if request.method == "POST" else _ended(request, partner)
    show = partial(_show, partner=partner)
    if request.method == "POST":
        channel = channels.of_link(partner, request.GET.get("by", ""))
        return signing.take(request, show, Origin(channel=channel))
    return signing.show_form(request, show)


@require_safe
def logo(request: HttpRequest, slug: str, sha256: str) -> HttpResponse:
    """Send the picture of a partner."""
    partner = get_object_or_404(Partner, slug=slug)
    if not partner.logo or partner.logo_sha256 != sha256:
        raise Http404
    response = HttpResponse(bytes(partner.logo), content_type="image/png")
    response.headers["Cache-Control"] = f"public, max-age={_LOGO_SECONDS}, immutable"
    return response


def _show(request: HttpRequest, current: Text, form: SignForm, status: int, *, partner: Partner) -> HttpResponse:
    context = signing.home_context(current, form) | _told(partner) | {"told": PressPage.current(current.language)}
    context["gathers"] = partner.gathers()
    return render(request, "partners/page.html", context, status=status)


def _ended(request: HttpRequest, partner: Partner) -> HttpResponse:
    return render(request, "partners/ended.html", {"partner": partner})


def _told(partner: Partner) -> dict[str, object]:
    """The partner with its texts in the language of the page."""
    sentence, sentence_language = partner.told(partner.sentence)
    return {
        "partner": partner,
        "sentence": sentence,
        "sentence_language": sentence_language,
    } | partner.told_duties()
