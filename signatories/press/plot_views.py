"""The plots of the press page by themselves: as SVG, PNG and CSV."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from declaration.joints import listed
from signatories.http import UNPROCESSABLE
from signatories.plots.figure import THEMES
from signatories.tally import plots


@require_safe
def plot(request: HttpRequest, slug: str, format_: str) -> HttpResponse:
    """Return a plot; `?theme=` is light or dark. It says as of when."""
    found = plots.plot(slug, timezone.now())
    if found is None:
        raise Http404
    theme = request.GET.get("theme", "light")
    if theme not in THEMES:
        said = gettext("The theme is one of: %(themes)s.") % {"themes": listed(THEMES)}
        return JsonResponse({"detail": said}, status=UNPROCESSABLE)
    if format_ == "svg":
        return HttpResponse(found.picture(theme), content_type="image/svg+xml; charset=utf-8")
    if format_ == "png":
        return HttpResponse(found.png(theme), content_type="image/png")
    response = HttpResponse(found.csv(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.csv"'
    return response
