"""How large a file may be that is sent with a form. Django bounds forms, not the files beside them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler
from django.http import HttpRequest

MOST_BYTES = 300_000  # of a form with its files: as many as the Caddyfile buffers, for whoever sends slowly
TOO_LARGE, BUSY = 413, 429
# A larger file is read as it comes, for as long as its sender likes: in one thread of the process.
one_upload = threading.Lock()


class BoundedUpload(FileUploadHandler):
    """The first handler of every form: refuses what is too large before anything is written, and keeps nothing itself.

    Otherwise a stranger could fill the disk through any form of the site: Django writes files first, and asks the view
    afterwards. A view that takes larger ones sets handlers of its own.
    """

    def handle_raw_input(self, input_data: Any, META: Mapping[str, Any], content_length: int, *more: Any) -> None:
        """Look at the size that was announced; web servers take no more than that. Raises RequestDataTooBig."""
        if content_length > MOST_BYTES:
            raise RequestDataTooBig("The form and its files are too large.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Leave each part to the handlers behind."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers behind."""


class _LargerUpload(MemoryFileUploadHandler):
    """Keeps a file in memory that is larger than forms may be."""

    def handle_raw_input(self, input_data: Any, META: Mapping[str, Any], content_length: int, *more: Any) -> None:
        """Take files of any size."""
        self.activated = True


class UploadRefused(Exception):
    """A larger file is not read: it is TOO_LARGE, or the process is BUSY with another one."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@contextmanager
def larger_upload(request: HttpRequest, most_bytes: int) -> Iterator[None]:
    """Let a form with its file be as large as this. Raises UploadRefused.

    For a view that has looked who sends it. Django reads the whole form for its token before a view is called; so such
    a view is exempt from that check, and calls, inside this block, one that is not.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > most_bytes:
        raise UploadRefused(TOO_LARGE)
    if not one_upload.acquire(blocking=False):
        raise UploadRefused(BUSY)
    try:
        request.upload_handlers = [_LargerUpload(request)]
        yield
    finally:
        one_upload.release()
