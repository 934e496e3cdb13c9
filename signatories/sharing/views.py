"""Embeds over HTTP: pages that any site may frame, their pictures, and the page that tells how."""

from collections.abc import Collection, Mapping

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from signatories.http import UNPROCESSABLE
from signatories.models import settings as site
from signatories.plots.raster import png
from signatories.sharing import pictures
from signatories.sharing.embeds import EMBEDS, common

type Policy = Mapping[str, Collection[str]]

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
PNG_SECONDS = 30
# Pages that want every part of theirs to say so (Cross-Origin-Embedder-Policy) may show these.
RESOURCE_POLICY = "Cross-Origin-Resource-Policy"
_FRAMED: Policy = {
    "default-src": [CSP.NONE], "style-src": [CSP.SELF], "font-src": [CSP.SELF], "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE], "frame-ancestors": ["*"],
}  # fmt: skip
_WITH_FRAMES_OF_OURS: Policy = settings.SECURE_CSP | {"frame-src": [CSP.SELF]}


@require_safe
@xframe_options_exempt
@csp_override(_FRAMED)
def embed(request: HttpRequest, kind: str) -> HttpResponse:
    """Show an embed, for a frame on another site; without a theme it is light or dark as the reader's browser is."""
    theme = request.GET.get("theme", "")
    if theme and theme not in pictures.THEMES:
        return unknown_theme()
    context = EMBEDS[kind].context() | {"theme": theme}
    response = render(request, f"sharing/{kind}.html", context)
    response[RESOURCE_POLICY] = "cross-origin"
    return response


@require_safe
def picture(request: HttpRequest, kind: str, format_: str) -> HttpResponse:
    """Return an embed as a picture, light where no theme is asked for."""
    theme = request.GET.get("theme") or "light"
    if theme not in pictures.THEMES:
        return unknown_theme()
    made = _png(kind, theme) if format_ == "png" else _svg(kind, theme)
    return HttpResponse(made, content_type=PICTURES[format_], headers={RESOURCE_POLICY: "cross-origin"})


def _svg(kind: str, theme: str) -> str:
    return EMBEDS[kind].draw(EMBEDS[kind].context(), theme)


def _png(kind: str, theme: str) -> bytes:
    """Make it anew at most twice a minute: it takes twenty times as long as the SVG."""
    now = site.current()
    key = f"embed:{kind}:{theme}:{get_language()}:{now.list_public:d}{now.statistics_public:d}"
    found: bytes | None = cache.get(key)
    if found is None:
        found = png(_svg(kind, theme))
        cache.set(key, found, PNG_SECONDS)
    return found


@require_safe
@csp_override(_WITH_FRAMES_OF_OURS)
def guide(request: HttpRequest) -> HttpResponse:
    """Show each embed with the code to copy."""
    context = {"embeds": EMBEDS, "themes": list(pictures.THEMES), "declaration": common()["title"]}
    return render(request, "sharing/guide.html", context)


def unknown_theme() -> HttpResponse:
    """Say which themes there are."""
    allowed = " or ".join(f"theme={theme}" for theme in pictures.THEMES)
    return HttpResponse(f"There is no such theme: {allowed}.\n", content_type="text/plain", status=UNPROCESSABLE)
