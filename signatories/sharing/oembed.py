"""oEmbed (oembed.com): given an address of ours, the code of the frame that shows it on another site.

Everything is built from SITE_URL. Nothing is stored, so no question of a stranger takes room.
"""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from signatories.http import UNPROCESSABLE, read_number
from signatories.sharing.embeds import EMBEDS, common
from signatories.sharing.pictures import THEMES

CACHE_SECONDS = 300
NOT_IMPLEMENTED = 501
# Pages that stand for the whole declaration are shown by its number.
_BY_THE_NUMBER = ("home", "press-press", "listing-list", "sharing-guide")


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """Answer for an address of ours; 404 for any other, 501 for another format than JSON."""
    if request.GET.get("format", "json") != "json":
        return _plain("Only format=json is answered.", NOT_IMPLEMENTED)
    asked = {name: request.GET[name] for name in ("maxwidth", "maxheight") if name in request.GET}
    sizes = {name: size for name, text in asked.items() if (size := read_number(text))}
    if sizes.keys() != asked.keys():
        return _plain("maxwidth and maxheight are whole numbers of pixels, from 1.", UNPROCESSABLE)
    address = request.GET.get("url", "")
    language, match = _page_of_ours(address)
    with translation.override(language):
        answer = _answer(match.kwargs.get("kind", "counter"), _theme(address), sizes)
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": f"public, max-age={CACHE_SECONDS}"}
    return JsonResponse(answer, headers=headers)


def _page_of_ours(address: str) -> tuple[str, ResolverMatch]:
    """Return the language and the page of an address. Raises Http404 unless it is one of ours that can be shown."""
    try:
        whole = urlsplit(address)
    except ValueError:
        raise Http404 from None
    language = translation.get_language_from_path(whole.path) or settings.LANGUAGE_CODE
    if f"{whole.scheme}://{whole.netloc}" == settings.SITE_URL:
        with translation.override(language):
            try:
                match = resolve(whole.path or "/")
            except Resolver404:
                raise Http404 from None
            if match.view_name == "sharing-embed" or match.view_name in _BY_THE_NUMBER:
                return language, match
    raise Http404


def _theme(address: str) -> str:
    """Return the theme that an address of an embed asks for, "" without one that we have."""
    asked = parse_qs(urlsplit(address).query).get("theme", [""])[-1]
    return asked if asked in THEMES else ""


def _answer(kind: str, theme: str, sizes: dict[str, int]) -> dict[str, Any]:
    found, title = EMBEDS[kind], common()["title"]
    width = min(found.width, sizes.get("maxwidth", found.width))
    height = min(found.height, sizes.get("maxheight", found.height))
    address = f"{settings.SITE_URL}{reverse('sharing-embed', args=[kind])}" + (f"?theme={theme}" if theme else "")
    frame = {"address": address, "width": width, "height": height, "title": title}
    return {
        "version": "1.0", "type": "rich", "title": title, "cache_age": CACHE_SECONDS,
        "provider_name": settings.DECLARATION_NAME or title, "provider_url": f"{settings.SITE_URL}/",
        "html": render_to_string("sharing/frame_code.html", frame).strip(), "width": width, "height": height,
    }  # fmt: skip


def _plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(f"{words}\n", content_type="text/plain", status=status)
