"""Cards over HTTP: of signers, made on their own page; of pages, with the number; and the QR code of the site."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from declaration import qr
from signatories.http import TOO_MANY, SeeOther
from signatories.identity import consent
from signatories.mine.views import own
from signatories.models import Card, Partner, Signature
from signatories.models.embargo import hidden_until
from signatories.sharing import card_pictures, cards
from signatories.sharing.embeds import common, in_words
from signatories.sharing.pictures import THEMES
from signatories.sharing.views import PICTURES, RESOURCE_POLICY, unknown_theme

CARD_SECONDS = 30  # that a cache may keep a card; its name may be withdrawn at any time
_RETRY_SECONDS = "2"


def _found(token: str) -> Card:
    """Return the card of a token. Raises Http404: the same for one that is unknown and for one that is gone."""
    card = cards.find(token)
    if card is None:
        raise Http404
    return card


@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """Return a card as PNG, light where no theme is asked for."""
    card = _found(token)
    theme = request.GET.get("theme") or "light"
    if theme not in THEMES:
        return unknown_theme()
    drawn = cards.drawn(card)
    etag = f'"{card_pictures.etag(drawn, theme)}"'
    response = get_conditional_response(request, etag=etag) or _png(drawn, theme)
    if response.status_code != TOO_MANY:
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = f"public, max-age={CARD_SECONDS}, must-revalidate"
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Say who has signed, in the language of the card, and lead to the declaration."""
    card = _found(token)
    with translation.override(card.language):
        context = {"card": card, "signature": card.signature, "title": cards.title(card)}
        context["beside"] = cards.beside(card.signature)
        response = render(request, "sharing/card.html", context)
    response.headers["Content-Language"] = card.language
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@own
def own_card(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """Say what a card is, and show the present one; POST makes or removes it, with the consent that it needs."""
    now, language = timezone.now(), get_language() or settings.LANGUAGE_CODE
    if request.method == "POST":
        if "remove" in request.POST:
            cards.remove(signature_id=signature.pk)
        else:
            agreed = request.POST.get("consent", "")
            cards.agree_and_make(signature_id=signature.pk, agreed=agreed, language=language, now=now)
        return SeeOther(reverse("mine-card", args=[link]))
    context = {
        "signature": signature, "link": link, "consent": consent, "language": language,
        "hindrance": cards.hindrance(signature, now), "card": Card.objects.filter(signature=signature).first(),
    }  # fmt: skip
    return render(request, "sharing/own_card.html", context)


@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """Return the picture that is shown beside links to the site: its title and the number, and no name."""
    return _preview("", "")


@require_safe
def preview_of_partner(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the same for the page of a partner, with the name of the partner."""
    partner = get_object_or_404(Partner.objects.active(), slug=slug)
    return _preview(slug, gettext("with %(name)s") % {"name": partner.name})


def _preview(slug: str, brought_by: str) -> HttpResponse:
    """Return the picture of a page, by its address: however fast the number moves, it is drawn once a minute."""
    hidden = hidden_until() is not None
    key = f"{slug}:{get_language()}:{hidden:d}"
    try:
        made = card_pictures.of_page(key, lambda: _with_number(brought_by, hidden=hidden))
    except card_pictures.Busy:
        return _busy()
    return _sent(made)


def _with_number(brought_by: str, *, hidden: bool) -> card_pictures.Card:
    shown = common()
    number = "" if hidden else in_words(shown["number"].count)
    return card_pictures.with_number(
        title=shown["title"], number=number, brought_by=brought_by, address=cards.address_of_site()
    )


def _png(card: card_pictures.Card, theme: str) -> HttpResponse:
    try:
        return _sent(card_pictures.picture(card, theme))
    except card_pictures.Busy:
        return _busy()


def _sent(made: bytes) -> HttpResponse:
    return HttpResponse(made, content_type=PICTURES["png"], headers={RESOURCE_POLICY: "cross-origin"})


def _busy() -> HttpResponse:
    words = "Very many pictures are asked for. Try again in a moment.\n"
    headers = {"Retry-After": _RETRY_SECONDS}
    return HttpResponse(words, content_type="text/plain", status=TOO_MANY, headers=headers)


@require_safe
def code(request: HttpRequest) -> HttpResponse:
    """Return the QR code of the declaration, in the language of the address."""
    return HttpResponse(qr.file(settings.SITE_URL + reverse("home")), content_type=PICTURES["svg"])
