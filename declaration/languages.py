"""The languages of the site: known by the folders in `locale/`, switched on by the operator.

English is the language of the sources and always on. Every other language is a folder `locale/<code>/` with its
compiled catalogue: a new one needs a folder and no code. What the operator switches on (`LANGUAGES`) has pages and
mails; a language that is switched off later keeps its signatures and their mails.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation

type Languages = list[tuple[str, str]]

MAIN = "en"
ALL = "all"
FOLDER: Path = Path(__file__).resolve().parent.parent / "locale"
# Names as their readers write them, where Django's are an adjective in lower case.
_NAMES = {"fr": "Français", "es": "Español", "it": "Italiano", "pl": "Polski", "sv": "Svenska", "ar": "العربية"}


def name_of(code: str) -> str:
    """Return the name of a language in itself; the code of one that Django does not know."""
    return _NAMES.get(code) or str(LANG_INFO.get(code, {}).get("name_local", code))


@cache
def known() -> Languages:
    """Return code and own name of each language that has a catalogue: English first, the others by their code."""
    codes = sorted(file.parent.parent.name for file in FOLDER.glob("*/LC_MESSAGES/django.mo"))
    return [(code, name_of(code)) for code in (MAIN, *(code for code in codes if code in LANG_INFO))]


def switched_on(asked: Sequence[str]) -> Languages:
    """Return the languages that the operator names: English first, then in the order given; all known for "all".

    Raises ImproperlyConfigured for one without a catalogue, and says which there are.
    """
    names = dict(known())
    codes = [code.lower() for code in asked]
    if ALL in codes:
        return known()
    if unknown := [code for code in codes if code not in names]:
        raise ImproperlyConfigured(
            f"LANGUAGES: there is no catalogue for {', '.join(unknown)}. There are: {', '.join(names)}."
        )
    return [(code, names[code]) for code in dict.fromkeys([MAIN, *codes])]


def choices() -> Languages:
    """Return the languages in which a row may be: the known ones, because one that is switched off keeps its rows."""
    return known()


def is_on(code: str) -> bool:
    """Whether the site has pages in this language."""
    return code in dict(settings.LANGUAGES)


def in_each_language[K](labels: Iterable[tuple[K, object]], *, off_too: bool = False) -> Iterator[tuple[K, str]]:
    """Yield keys with their labels in each language of the site, or in each that has a catalogue."""
    pairs = list(labels)
    for language, _name in known() if off_too else settings.LANGUAGES:
        with translation.override(language):
            yield from ((key, str(label)) for key, label in pairs)


def folded(said: str) -> str:
    """Return a label as it is looked up: in small letters, with single spaces."""
    return " ".join(said.casefold().replace("_", " ").split())


class Translation(NamedTuple):
    """How much of the interface is translated into a language, and how many doubts wait for a native reader."""

    code: str
    name: str
    strings: int
    of_all: int
    doubts: int

    @property
    def percent(self) -> int:
        return 100 * self.strings // self.of_all if self.of_all else 0


def translations() -> list[Translation]:
    """Return the state of each known language but English, which is the language of the sources."""
    strings = {code: _strings(FOLDER / code / "LC_MESSAGES" / "django.mo") for code, _name in known() if code != MAIN}
    most = max(strings.values(), default=0)
    return [
        Translation(code, name, strings[code], most, _doubts(FOLDER / code / "TERMS.md"))
        for code, name in known()
        if code in strings
    ]


def _strings(catalogue: Path) -> int:
    """Return how many strings a compiled catalogue holds, without its head (GNU gettext manual, 10.3)."""
    head = catalogue.read_bytes()[:12]
    order = "<" if head[:4] == b"\xde\x12\x04\x95" else ">"
    return int(struct.unpack(f"{order}I", head[8:12])[0]) - 1


def _doubts(terms: Path) -> int:
    return sum(line.startswith("- Doubt:") for line in terms.read_text().splitlines()) if terms.exists() else 0
