"""Computes the SHA-256 of a file as it arrives, for browsers without script. Nothing of the file is kept anywhere."""

import hashlib
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

LARGEST = 16 * 1024 * 1024  # bytes; the Caddyfile has this number, too


class HashingHandler(FileUploadHandler):
    """Takes every file before any handler that would write it to memory or disk. `sha256` is that of the last one."""

    sha256 = ""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a new digest."""
        super().new_file(*args, **kwargs)
        self._digest = hashlib.sha256()
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take the next bytes. The view has looked at how many were announced, and no server hands on more."""
        self._digest.update(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        """Note the digest, and return an empty file of that name and size."""
        self.sha256 = self._digest.hexdigest()
        return UploadedFile(BytesIO(), self.file_name, size=file_size)
