"""What organizers have closed for a while: the names, the statistics, the files of editions. The number stays."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from signatories.models import settings as site

NOT_FOUND = 404
# Pages by the name of their URL. Embeds answer for themselves: they stand in frames.
_FILES = frozenset({"press-latest", "press-edition-file"})
_NAMES = _FILES | {
    "listing-list", "listing-signature", "press-presence", "press-sample", "api-v1:signatories", "sharing-card",
    "sharing-card-page",
}  # fmt: skip
_STATISTICS = frozenset({"press-plot", "api-v1:tallies", "api-v1:days"})
_CLOSABLE = _NAMES | _STATISTICS


def answer(request: HttpRequest, name: str) -> HttpResponse | None:
    """Return the page that says what is closed, instead of the page with this name; None if it is open.

    It is a 404, which no cache keeps: an error would have the page cache show the page of before.
    """
    if name not in _CLOSABLE:
        return None
    words = _words(name, site.current())
    if not words:
        return None
    if name.startswith("api-"):
        return JsonResponse({"detail": words}, status=NOT_FOUND, headers={"Cache-Control": "no-store"})
    return render(request, "press/closed.html", {"words": words}, status=NOT_FOUND)


def everything_is_shown(now: site.SiteSettings) -> bool:
    """Whether names, statistics and files are all open."""
    return not any(_words(name, now) for name in _CLOSABLE)


def _words(name: str, now: site.SiteSettings) -> str:
    """Say why a page is closed; empty if it is open."""
    if name in _NAMES and not now.list_public:
        return _("The list of names is not shown at the moment. Nobody has been taken off it, and the number stays.")
    if name in _FILES and not now.downloads_public:
        return _("The files of the list cannot be downloaded at the moment.")
    if name in _STATISTICS and not now.statistics_public:
        return _("The statistics are not shown at the moment. The number stays.")
    return ""
