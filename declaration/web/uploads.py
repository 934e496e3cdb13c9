"""How large a file may be that is sent with a form. Django bounds forms, not the files beside them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler

MOST_BYTES = 300_000  # of a form with its files: as many as the Caddyfile buffers, for whoever sends slowly


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


class LargerUpload(MemoryFileUploadHandler):
    """Keeps a file in memory that is larger than forms may be. For a view that has looked who sends it and how much."""

    def handle_raw_input(self, input_data: Any, META: Mapping[str, Any], content_length: int, *more: Any) -> None:
        """Take files of any size."""
        self.activated = True
