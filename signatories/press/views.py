"""The press page, the pages of editions, and their files. Nothing is built in a request."""

from typing import Literal

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django_countries import countries

from declaration.models import PressPage, Text
from signatories.models import Edition, Profession
from signatories.models.profession import by_field
from signatories.tally import services as tally

type Kind = Literal["pdf", "csv", "xlsx"]
_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
GONE = 410
BIGGEST_NUMBER = 2**31 - 1


@require_safe
def press(request: HttpRequest) -> HttpResponse:
    """Show the latest edition with its digest, the current numbers, and the organizers' words to the press."""
    language = get_language() or settings.LANGUAGE_CODE
    professions = tally.by_prefix("profession")
    context = {
        "edition": Edition.objects.latest_ready(),
        "number": tally.number(timezone.now()),
        "taken_off": tally.taken_off(),
        "fields": [(field.label, count) for field, count in by_field(professions).items()],
        "professions": [(Profession(code).label, count) for code, count in professions.items()],
        "countries": [(countries.name(code), count) for code, count in tally.by_prefix("country").items()],
        "text": Text.objects.current(language),
        "told": PressPage.current(language),
    }
    return render(request, "press/press.html", context)


@require_safe
def latest(request: HttpRequest, kind: Kind) -> HttpResponse | FileResponse:
    """Return the file of the latest edition, always at the same address."""
    edition = Edition.objects.latest_ready()
    if edition is None:
        raise Http404
    return _file(request, edition, kind)


@require_safe
def editions(request: HttpRequest) -> HttpResponse:
    """List all editions, newest first."""
    return render(request, "press/editions.html", {"editions": Edition.objects.published()})


@require_safe
def edition(request: HttpRequest, number: int) -> HttpResponse:
    """Show one edition, at an address to cite; it stays when the files are deleted."""
    found = _numbered(number)
    newest = Edition.objects.latest_ready() == found
    return render(request, "press/edition.html", {"edition": found, "newest": newest})


@require_safe
def file(request: HttpRequest, number: int, kind: Kind) -> HttpResponse | FileResponse:
    """Return the file of one edition; 410 and its page if a person in it has left the list since."""
    found = _numbered(number)
    if found.retired_at:
        return render(request, "press/edition.html", {"edition": found, "newest": False}, status=GONE)
    return _file(request, found, kind)


def _numbered(number: int) -> Edition:
    if number > BIGGEST_NUMBER:
        raise Http404
    return get_object_or_404(Edition.objects.published(), number=number)


def _file(request: HttpRequest, edition: Edition, kind: Kind) -> HttpResponse | FileResponse:
    """Return a file with its SHA-256 as ETag; 304 if the client has it."""
    path, digest = {
        "pdf": (edition.pdf, edition.pdf_sha256),
        "csv": (edition.csv, edition.csv_sha256),
        "xlsx": (edition.xlsx, edition.xlsx_sha256),
    }[kind]
    if not path or not default_storage.exists(path):
        raise Http404
    etag = f'"{digest}"'
    response: HttpResponse | FileResponse
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        response = FileResponse(
            default_storage.open(path),
            content_type=_TYPES[kind],
            filename=f"signatories-edition-{edition.number}.{kind}",
            as_attachment=kind != "pdf",
        )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
