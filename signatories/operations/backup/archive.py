"""The archive file: a zip of tables (as PostgreSQL's COPY text), files and a signed manifest. No Django models."""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Self

from signatories.operations.backup.keys import Fingerprints, sign, signed

FORMAT = 1
_MANIFEST, _PROOF, _CHUNK = "manifest.json", "manifest.hmac", 1 << 20


class Damaged(Exception):
    """The file is cut, changed or not an archive of ours; the message says which."""


@dataclass(kw_only=True)
class Manifest:
    """Contents of the archive: rows and columns by table, sequences, migrations, and the SHA-256 of every part."""

    made_at: str
    format: int = FORMAT
    migrations: list[list[str]] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    keys: Fingerprints = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)


class Writer:
    """Writes parts one by one, and the manifest last."""

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        self.zip, self.manifest = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3), manifest

    def add(self, name: str, chunks: Iterator[bytes]) -> None:
        """Add a part and its SHA-256."""
        digest = hashlib.sha256()
        with self.zip.open(name, "w", force_zip64=True) as part:
            for chunk in chunks:
                digest.update(chunk)
                part.write(chunk)
        self.manifest.parts[name] = digest.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """Add the manifest and its proof, unless an exception was raised."""
        if kind is not None:
            with suppress(OSError):
                self.zip.close()
            return
        words = json.dumps(asdict(self.manifest), indent=1).encode()
        self.zip.writestr(_MANIFEST, words)
        self.zip.writestr(_PROOF, sign(words))
        self.zip.close()


class Reader:
    """Opens an archive and checks that all its parts are there and unchanged. Raises Damaged."""

    def __init__(self, path: Path) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
            self._words = self.zip.read(_MANIFEST)
            self._proof = self.zip.read(_PROOF).decode()
            self.manifest = Manifest(**json.loads(self._words))
            if self.manifest.format != FORMAT:
                raise Damaged(f"it has format {self.manifest.format}, this version reads {FORMAT}")
            self._check()
        except (
            zipfile.BadZipFile,
            zlib.error,
            KeyError,
            TypeError,
            ValueError,
            EOFError,
            OSError,
            NotImplementedError,  # raised by zipfile for an unknown compression
        ) as error:
            raise Damaged(f"it is cut, changed or no backup at all ({type(error).__name__})") from error

    def _check(self) -> None:
        if set(self.zip.namelist()) != {*self.manifest.parts, _MANIFEST, _PROOF}:
            raise Damaged("parts are missing or were added")
        for name, wanted in self.manifest.parts.items():
            digest = hashlib.sha256()
            for chunk in self.chunks(name):
                digest.update(chunk)
            if digest.hexdigest() != wanted:
                raise Damaged(f"the part {name} was changed")

    def proven(self) -> bool:
        """Whether an installation with our DIGEST_KEY wrote it."""
        return signed(self._proof, self._words)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part in chunks of 1 MiB. Raises zipfile.BadZipFile."""
        with self.zip.open(name) as part:
            while chunk := part.read(_CHUNK):
                yield chunk

    def names(self, folder: str) -> list[str]:
        """Return the names of the parts in a folder."""
        return [name for name in self.manifest.parts if name.startswith(f"{folder}/")]


@contextmanager
def replaced_when_written(target: Path) -> Iterator[IO[bytes]]:
    """Write a file (mode 0600) that gets its name once it is complete and synced; delete it on failure."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        part.unlink(missing_ok=True)
