"""Which characters nobody can see, and how many marks may stand on one letter. Pure functions on ICU."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import icu

MOST_MARKS = 4  # on one base
ZWNJ, ZWJ = "\u200c", "\u200d"
_VIRAMA = 9  # canonical combining class
# Scripts whose spelling needs the joiners: Arabic (Persian) and the Indic family.
_JOINING = {
    "Arab", "Syrc", "Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh", "Mong", "Khmr",
}  # fmt: skip


@lru_cache(maxsize=4096)
def is_invisible(c: str) -> bool:
    """Whether a character has no shape of its own; not for white space and the joiners.

    Controls, formats (bidi overrides and isolates, zero-width, tags), halves of letters, private use, unassigned, and
    all that Unicode calls default ignorable (variation selectors, fillers).
    """
    if c.isspace() or c in (ZWNJ, ZWJ):
        return False
    return unicodedata.category(c)[0] == "C" or icu.Char.hasBinaryProperty(
        c, icu.UProperty.DEFAULT_IGNORABLE_CODE_POINT
    )


def without_invisible(text: str) -> str:
    """`text` without its invisible characters; white space and joiners as they are."""
    return "".join(c for c in text if not is_invisible(c)) if any(map(is_invisible, text)) else text


def as_meant(text: str) -> str:
    """What was typed where only plain signs count (a code, an address, a search word): without what nobody sees.

    Full-width and other compatibility forms become the plain ones (NFKC); invisible characters and joiners go, which
    come with copying from mails and pages. Names are tidied by `names.tidy_name` instead, which changes no letter.
    """
    plain = unicodedata.normalize("NFKC", without_invisible(text))
    return plain.replace(ZWNJ, "").replace(ZWJ, "").strip()


def visible(text: str) -> str:
    """`text` without invisible characters, each white space as a space.

    ZWJ and ZWNJ stay where the letter before them belongs to a script that is spelt with them; at the end only a ZWJ
    after a virama says anything.
    """
    kept: list[str] = []
    for c in text:
        if c.isspace():
            kept.append(" ")
        elif c in (ZWNJ, ZWJ):
            letter = next((k for k in reversed(kept) if unicodedata.category(k)[0] != "M"), "")
            if letter and script(letter) in _JOINING:
                kept.append(c)
        elif not is_invisible(c):
            kept.append(c)
    while kept and (kept[-1] == ZWNJ or (kept[-1] == ZWJ and unicodedata.combining(kept[-2]) != _VIRAMA)):
        kept.pop()
    return "".join(kept)


def script(c: str) -> str:
    """The ISO 15924 code of the script of a character."""
    return str(icu.Script.getScript(c).getShortName())


@lru_cache(maxsize=4096)
def is_mark(c: str) -> bool:
    """Whether a character is drawn over or around the one before it, without a width of its own."""
    return unicodedata.category(c) in ("Mn", "Me")


def most_marks(text: str) -> int:
    """The length of the longest run of marks. Letters composed with their mark count as none: decompose them before."""
    most = run = 0
    for c in text if not text.isascii() else "":
        run = run + 1 if is_mark(c) else 0
        most = max(most, run)
    return most


def with_few_marks(text: str) -> str:
    """`text` with at most MOST_MARKS on each base; the others are left out."""
    return "".join(_few_marks(text)) if any(map(is_mark, text)) else text


def _few_marks(text: str) -> Iterator[str]:
    run = 0
    for c in text:
        run = run + 1 if is_mark(c) else 0
        if run <= MOST_MARKS:
            yield c
