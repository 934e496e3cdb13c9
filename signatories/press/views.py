"""The press page and the ready files. Nothing is built in a request."""

from typing import Literal

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from declaration.models import Text
from signatories import tally
from signatories.models import Edition, Profession

_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


@require_safe
def press(request: HttpRequest) -> HttpResponse:
    """The latest edition with its digest, and the numbers now."""
    professions = tally.by_prefix("profession")
    context = {
        "edition": Edition.objects.latest_ready(),
        "number": tally.number(timezone.now()),
        "taken_off": tally.taken_off(),
        "professions": [(Profession(code).label, count) for code, count in professions.items()],
        "text": Text.objects.current(get_language() or settings.LANGUAGE_CODE),
    }
    return render(request, "press/press.html", context)


@require_safe
def latest(request: HttpRequest, kind: Literal["pdf", "csv"]) -> HttpResponse | FileResponse:
    """The latest edition's file, known by its SHA-256: an unchanged one is not sent again."""
    edition = Edition.objects.latest_ready()
    path, digest = (edition.pdf, edition.pdf_sha256) if edition and kind == "pdf" else ("", "")
    if edition and kind == "csv":
        path, digest = edition.csv, edition.csv_sha256
    if edition is None or not path or not default_storage.exists(path):
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
            as_attachment=kind == "csv",
        )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
