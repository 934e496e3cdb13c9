"""Rendered segments of the newest edition, kept so that the next one renders only what has changed.

A segment is a pure function of its sheet and of what renders it, so these name its file. The files hold names: they
stand in the storage of editions, have no address, and go when the next edition does not need them any more.
"""

import hashlib
import json
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from declaration import fonts
from signatories.editions import render, structure
from signatories.editions.render import Sheet

FOLDER = "segments"
_DIGEST = 32  # bytes at the end of a file: SHA-256 of the rest, so that a damaged one is rendered anew


class KeptSegments:
    """What the edition before has left, and what the one that is being built uses of it or adds."""

    def __init__(self) -> None:
        self._there = set(_names())
        self._used: set[str] = set()

    def find(self, sheet: Sheet) -> bytes | None:
        """Return the rendered sheet if it is kept, and whole."""
        name = _name(sheet)
        if name not in self._there:
            return None
        self._used.add(name)
        with default_storage.open(f"{FOLDER}/{name}") as file:
            content: bytes = file.read()
        pdf, told = content[:-_DIGEST], content[-_DIGEST:]
        return pdf if hashlib.sha256(pdf).digest() == told else None

    def keep(self, sheet: Sheet, pdf: bytes) -> None:
        """Keep a rendered sheet."""
        self._used.add(name := _name(sheet))
        default_storage.delete(f"{FOLDER}/{name}")  # a damaged one
        default_storage.save(f"{FOLDER}/{name}", ContentFile(pdf + hashlib.sha256(pdf).digest()))

    def delete_others(self) -> None:
        """Delete what is not used, among it what killed processes have half written."""
        for name in set(_names()) - self._used:
            default_storage.delete(f"{FOLDER}/{name}")


def _names() -> list[str]:
    try:
        return list(default_storage.listdir(FOLDER)[1])
    except FileNotFoundError:
        return []


def _name(sheet: Sheet) -> str:
    shown = json.dumps([_renderer(), asdict(sheet)])
    return hashlib.sha256(shown.encode()).hexdigest()


@cache
def _renderer() -> list[str]:
    """Name what renders a sheet: program, libraries and fonts."""
    files = [Path(str(part.__file__)) for part in (render, structure)]
    program = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    return [*program, fonts.digest(), *(version(name) for name in ("weasyprint", "pydyf", "fonttools"))]
