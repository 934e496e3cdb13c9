"""Storage of the files of editions: a folder, or an S3 bucket that several machines share."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from glob import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote

from django.core.exceptions import ImproperlyConfigured
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage


class Folder(FileSystemStorage):
    """A folder in which files appear whole or not at all, also when the machine dies during a write."""

    def _save(self, name: str, content: "File[bytes]") -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        write_durably(target, content.chunks())
        return name

    def delete(self, name: str) -> None:
        """Delete the file, and the partial files left by processes that were killed while writing it."""
        super().delete(name)
        target = Path(self.path(name))
        for left in target.parent.glob(f".{escape(target.name)}.*"):
            left.unlink(missing_ok=True)


def configured(url: SplitResult) -> dict[str, Any]:
    """Turn STORAGE_URL into an entry of Django's STORAGES. Raises ImproperlyConfigured.

    `file:///srv/editions`, or `s3://KEY:SECRET@bucket/prefix?region_name=…&endpoint_url=…`; without key and secret
    boto3 finds them by itself. In both, writing a name again replaces the file.
    """
    if url.scheme == "file":
        return {"BACKEND": "declaration.ops.storage.Folder", "OPTIONS": {"allow_overwrite": True}}
    if url.scheme != "s3":
        raise ImproperlyConfigured("STORAGE_URL must begin with file:// or s3://.")
    more = dict(parse_qsl(url.query))
    if not url.netloc or more.keys() - {"region_name", "endpoint_url", "addressing_style"}:
        raise ImproperlyConfigured("STORAGE_URL must be s3://KEY:SECRET@bucket/prefix?region_name=…&endpoint_url=….")
    if find_spec("storages") is None:
        raise ImproperlyConfigured("STORAGE_URL=s3://… needs the extra `s3` of this project: uv sync --extra s3.")
    given = {"access_key": unquote(url.username or ""), "secret_key": unquote(url.password or "")}
    bucket = url.netloc.rpartition("@")[2]
    options = {"bucket_name": bucket, "location": url.path.strip("/"), "file_overwrite": True, "default_acl": None}
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": options | {name: value for name, value in (given | more).items() if value},
    }


def files(storage: Storage, folder: str) -> Iterator[str]:
    """Yield the names of all files in and below `folder`, sorted; none where there is no such folder."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in sorted(names) if not name.startswith("."))
    for inner in sorted(folders):
        yield from files(storage, f"{folder}/{inner}")


def write_durably(target: Path, parts: Iterable[bytes]) -> None:
    """Write `parts`, one after the other, to `target`; a crash leaves the old file or the whole new one."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
