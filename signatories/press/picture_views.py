"""The files of the pictures that organizers offer to the press."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import BinaryField, F, Func
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from signatories.models import PressPicture
from signatories.models.press_picture import SMALL

_TYPES = {"jpg": "image/jpeg", "png": "image/png", SMALL: "image/webp"}
_PIECE = 512 * 1024  # bytes


@require_safe
def picture(request: HttpRequest, sha256: str, ending: str) -> HttpResponseBase:
    """Send a picture: the one of the page, or the one for print, to be saved. 404 once it is deleted."""
    found = get_object_or_404(PressPicture.objects.in_order(), sha256=sha256)
    if ending not in (SMALL, found.format):
        raise Http404
    etag = f'"{sha256}-{ending}"'
    is_known = etag in request.headers.get("If-None-Match", "")
    response = HttpResponseNotModified() if is_known else _file(found, ending)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _file(found: PressPicture, ending: str) -> HttpResponseBase:
    if ending == SMALL:
        return HttpResponse(bytes(found.small), content_type=_TYPES[SMALL])
    response = StreamingHttpResponse(_pieces(found), content_type=_TYPES[ending])
    response.headers["Content-Length"] = str(found.size)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


def _pieces(found: PressPicture) -> Iterator[bytes]:
    """Yield the file piece by piece: a slow reader keeps neither all of it in memory nor a connection of the pool."""
    for begin in range(0, found.size, _PIECE):
        part = Func(F("content"), begin + 1, _PIECE, function="SUBSTRING", output_field=BinaryField())
        piece = PressPicture.objects.filter(pk=found.pk).values_list(part, flat=True).first()
        if not connection.in_atomic_block:  # as in an archive, which shows one moment
            connection.close()
        if piece is None:  # deleted meanwhile
            return
        yield bytes(piece)
