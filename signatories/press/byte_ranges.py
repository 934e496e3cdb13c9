"""Parts of a file, so that a download that was cut off goes on where it ended (RFC 9110, section 14)."""

import re
from collections.abc import Iterator

from django.core.files import File
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

_ONE_RANGE = re.compile(r"bytes=(?:(\d{1,12})-(\d{0,12})|-(\d{1,12}))")
_BLOCK = 64 * 1024
PARTIAL, UNSATISFIABLE = 206, 416


def asked(request: HttpRequest, etag: str, size: int) -> range | None:
    """Return the bytes that are asked for: empty beyond the end, None for the whole file.

    What is not one plain range is answered with the whole file, as is a part of a file that has another ETag now.
    """
    found = _ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if found is None or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last, tail = found.groups()
    if tail:
        return range(max(size - int(tail), 0), size)
    end = min(int(last) + 1, size) if last else size
    return None if last and int(last) < int(first) else range(int(first), end)


def partial(
    file: "File[bytes]", part: range, *, size: int, content_type: str, name: str, download: bool
) -> HttpResponseBase:
    """Return these bytes of a file, which is closed with the response; 416 if there are none."""
    if not part:
        file.close()
        return HttpResponse(status=UNSATISFIABLE, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(_blocks(file, part), status=PARTIAL, content_type=content_type)
    response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    response.headers["Content-Length"] = str(len(part))
    response.headers["Content-Disposition"] = str(content_disposition_header(download, name))
    return response


def _blocks(file: "File[bytes]", part: range) -> Iterator[bytes]:
    with file:
        file.seek(part.start)
        left = len(part)
        while left and (block := file.read(min(_BLOCK, left))):
            left -= len(block)
            yield block
