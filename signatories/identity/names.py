"""Names as people write them: tidied, never "fixed". Pure functions on ICU; no Django models.

Rules: Unicode Standard Annex 15 (NFC), UTS 39 (confusables), UTS 10 and CLDR root (order), UAX 44 (properties).
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import icu
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from signatories.identity.characters import MOST_MARKS, most_marks, script, visible, without_invisible
from signatories.identity.filing import guess_filing
from signatories.identity.signs import first_emoji, first_undrawn

ICU_VERSION: str = icu.ICU_VERSION
LONGEST_NAME = 200
LONGEST_KEY = 1200  # bytes; an entry of an index, two keys and more, is at most 2,700, and 200 letters can grow to that
# Of the scripts whose names are filed as a whole, the letter that stands first in the order of each.
_FIRST_LETTERS = {"Hani": "一", "Hira": "ぁ", "Kana": "ぁ", "Hang": "가", "Bopo": "ㄅ"}
# Most of what is typed; nothing that is looked for below can be in it.
_PLAIN = re.compile(r"[A-Za-z0-9 '-]*")
_MARKUP = re.compile(r"[<>]|&#?\w+;")
_LINK = re.compile(
    r"(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.|(?:\w\.)+[a-z]{2,}[/?#]\S|\bmailto:|\bjavascript:|(?:^|[\s(])//\w"
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]{2,}")
# What Unicode files under punctuation, but a name says something with it: C#, 100%, Simon & Garfunkel.
_SAYING = frozenset("#%&*@§¶‰＃％＆＊＠")
_APOSTROPHES = frozenset("`´")  # typed for one, but symbols to Unicode
_ACCENTED = frozenset({"Latn", "Grek"})  # scripts in which a mark is an accent, and not another letter (パ, ハ)
_STRESSED = frozenset("\u0300\u0301")  # the accents of Cyrillic, where й, ў and ї are letters of their own
_STROKED = str.maketrans("øłđħŧı", "oldhti")  # accented letters to their readers, which Unicode does not take apart
_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lord", "lady", "the", "m", "mme"}


class NameRefused(ValueError):
    """The text cannot stand on the list; the message says why, in the reader's language."""


class Keys(NamedTuple):
    """The stored keys by which a name is sorted, found and compared. All depend on the ICU version."""

    sort_key: bytes
    letter: str
    search_key: str
    skeleton: str


def tidy(text: str, longest: int = LONGEST_NAME) -> str:
    """`text` in NFC with single spaces and without invisible characters; otherwise as typed.

    Raises NameRefused for broken encoding, more than `longest` characters, markup, links, emoji, piles of marks and
    signs that cannot be printed.
    """
    if len(text) > 10 * LONGEST_NAME:  # before NFC, whose work grows with the square of a pile of marks
        raise _too_long(longest)
    if not _PLAIN.fullmatch(text):
        _check_letters(text)
        _check_emoji(text)  # before their variation selectors go, which nobody sees
        text = unicodedata.normalize("NFC", visible(text))
    text = " ".join(text.split())
    if len(text) > longest:
        raise _too_long(longest)
    if not _PLAIN.fullmatch(text):
        _check_words(text)
    return text


def _too_long(longest: int) -> NameRefused:
    words = ngettext("Please use at most %(limit)d character.", "Please use at most %(limit)d characters.", longest)
    return NameRefused(words % {"limit": longest})


def _check_words(text: str) -> None:
    """Raises NameRefused for markup, links, piles of marks and signs that cannot be printed."""
    if _MARKUP.search(text):
        raise NameRefused(_("Please leave out the signs < and > and codes such as &amp;."))
    if _LINK.search(text):
        raise NameRefused(_("Please leave out web addresses."))
    if _ADDRESS.search(text):
        raise NameRefused(_("Please leave out mail addresses: what you enter here is shown."))
    if most_marks(unicodedata.normalize("NFD", text)) > MOST_MARKS:
        raise NameRefused(_("There are too many accents on one letter."))
    if sign := first_undrawn(text):
        shown = {"sign": sign, "code": f"U+{ord(sign):04X}"}
        raise NameRefused(_("Please leave out the sign %(sign)s (%(code)s): the list cannot print it.") % shown)


def _check_emoji(text: str) -> None:
    if sign := first_emoji(text):
        raise NameRefused(_("Please leave out the emoji %(sign)s.") % {"sign": sign})


def _check_letters(text: str) -> None:
    """Raises NameRefused for surrogates, replacement characters and NUL, which no keyboard sends."""
    if any(unicodedata.category(c) == "Cs" or c in "\ufffd\0" for c in text):
        raise NameRefused(_("Some letters arrived broken. Please type them again."))


def tidy_words(text: str, longest: int) -> str:
    """Free text of a stranger, line by line in NFC, without invisible characters. Links and pictures may stay.

    Raises NameRefused for broken encoding, more than `longest` characters and markup.
    """
    if len(text) > 4 * longest:  # before NFC, as in tidy
        raise _too_long(longest)
    _check_letters(text)
    lines = (" ".join(visible(line).split()) for line in text.splitlines())
    text = unicodedata.normalize("NFC", re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())
    if len(text) > longest:
        raise _too_long(longest)
    if _MARKUP.search(text):
        raise NameRefused(_("Please leave out the signs < and > and codes such as &amp;."))
    return text


def tidy_name(text: str, longest: int = LONGEST_NAME) -> str:
    """`tidy`, and it must hold at least one letter or digit: a name. Raises NameRefused."""
    text = tidy(text, longest)
    if text and not any(unicodedata.category(c)[0] in "LN" for c in text):
        raise NameRefused(_("Please enter a name with at least one letter."))
    return text


def scripts(text: str) -> set[str]:
    """The ISO 15924 codes of the scripts in `text`, without common and inherited characters."""
    return {script(c) for c in text} - {"Zyyy", "Zinh"}


def fold(text: str) -> str:
    """`text` in lower-case Latin letters for searching: Björn → bjorn, Яна → yana, 山田 → shan tian."""
    folded = _transliterator().transliterate(unicodedata.normalize("NFKC", without_invisible(text)))
    folded = "".join(c for c in folded.lower() if unicodedata.category(c) not in ("Lm", "Mn", "Mc", "Sk"))
    return " ".join(re.sub(r"[\W_]+", " ", folded).split())


def fold_untitled(name: str) -> str:
    """`fold` without titles such as Dr. or Mme."""
    return " ".join(untitled(fold(name).split()))


def untitled(words: Sequence[str]) -> Sequence[str]:
    """Folded words without titles; all of them if there is nothing else."""
    return [word for word in words if word not in _TITLES] or words


def is_title(text: str) -> bool:
    """Whether there is nothing but titles such as Dr. or Mme."""
    words = set(fold(text).split())
    return bool(words) and words <= _TITLES


def without_titles(name: str) -> str:
    """`name` as it is written, without titles; as it is if there is nothing else."""
    return " ".join(word for word in name.split() if not is_title(word)) or name


def skeleton(name: str) -> str:
    """A key of the look of a name: names with equal skeletons look alike (UTS 39).

    Titles, spaces, punctuation and case are dropped first, so "Dr. ANNA  Vale" looks like "Anna Vаle" (Cyrillic а).
    """
    tidied = unicodedata.normalize("NFKC", visible(name))
    words = [w for w in re.split(r"[\W_]+", tidied.casefold()) if w]
    kept = [w for w in words if w not in _TITLES] or words
    return _bare(str(_spoof().getSkeleton(0, _bare("".join(kept)))).casefold())


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


def spelling(name: str) -> str:
    """A key of what a name says: only capitals, spaces, punctuation and accents can differ under it.

    Unlike a skeleton it keeps titles, symbols and the marks of other scripts: Dog is not Dr. Dog, nor C++ C.
    """
    kept, letter = [], ""
    for c in unicodedata.normalize("NFD", unicodedata.normalize("NFD", visible(name)).casefold()):
        kind = unicodedata.category(c)
        if kind == "Mn" and letter and _is_accent(c, letter):
            continue
        if kind[0] != "M":
            letter = c
        if c in _SAYING or not (kind[0] in "PZ" or kind == "Cf" or c in _APOSTROPHES):
            kept.append(c)
    return "".join(kept).translate(_STROKED) or name


def _is_accent(mark: str, letter: str) -> bool:
    if script(letter) == "Cyrl":  # ё is often written without its dots
        return mark in _STRESSED or letter + mark == "е\u0308"
    return script(letter) in _ACCENTED


def keys(*, name: str, name_latin: str = "", filed_under: str = "") -> Keys:
    """All stored keys of a name. `filed_under` decides order and letter; the name breaks ties."""
    filing = filed_under or guess_filing(name)
    shown = f"{name} {name_latin} {filing}"
    # Twice: O'Brien is found as "o brien" and as "obrien".
    searched = dict.fromkeys(f"{fold(shown)} {fold(re.sub(r'[^\w\s]', '', shown))}".split())
    return Keys(
        sort_key=_collator().getSortKey(f"{filing}\ufffe{name}")[:LONGEST_KEY],
        letter=_letter(filing),
        search_key=" ".join(searched).encode()[:LONGEST_KEY].decode(errors="ignore"),
        skeleton=skeleton(name)[: LONGEST_KEY // 4],
    )


def filed_at(typed: str) -> list[bytes]:
    """Sort keys at which names filed under `typed` may begin in the list, the most probable first.

    In scripts where the family name comes first without a space, `typed` may be a given name, and names with it are
    filed anywhere among those of that script. So the beginning of that script is the second key.
    """
    at = bytes(_collator().getSortKey(guess_filing(typed)))[:LONGEST_KEY]
    first = next((letter for c in typed if (letter := _FIRST_LETTERS.get(script(c)))), None)
    return [at, min(at, bytes(_collator().getSortKey(first)))] if first else [at]


def letter_order(letter: str) -> bytes:
    """A key that sorts headings in the order of the list."""
    return bytes(_collator().getSortKey(letter))


def _letter(filing: str) -> str:
    """The heading of a name, consistent with the sort order: "A", "Я", "あ", "漢" or "#"."""
    # Only characters that the order ignores: signs such as ∆ are sorted before the letters.
    stripped = filing.lstrip("".join(c for c in filing if unicodedata.category(c)[0] in "PZ"))
    if stripped and not stripped[0].isalnum():
        return "#"
    if stripped and script(stripped[0]) == "Hani":
        return "漢"
    index, labels = _headings()
    label: str = labels[index.getBucketIndex(stripped or filing)]
    if label != "…":
        return label
    # One heading for a script without a language below: a sample letter of it.
    return str(icu.Script.getScript(stripped[0]).getSampleString()) if stripped[:1].isalpha() else "#"


@cache
def _transliterator() -> icu.Transliterator:
    return icu.Transliterator.createInstance("Russian-Latin/BGN; Any-Latin; Latin-ASCII; Lower")


@cache
def _spoof() -> icu.SpoofChecker:
    return icu.SpoofChecker()


@cache
def _collator() -> icu.Collator:
    collator = icu.Collator.createInstance(icu.Locale.getRoot())
    # Punctuation and spaces do not count, so that -M- files under M and O'Brien beside OBrien.
    collator.setAttribute(icu.UCollAttribute.ALTERNATE_HANDLING, icu.UCollAttributeValue.SHIFTED)
    collator.setStrength(icu.Collator.QUATERNARY)
    return collator


@cache
def _headings() -> tuple[icu.AlphabeticIndex, list[str]]:
    """The index of letters and its labels, made in one go: threads that walked one index together would skip labels."""
    index = icu.AlphabeticIndex(icu.Locale.getEnglish())
    index.maxLabelCount = 999  # with the default of 99 ICU thins the labels out
    european, semitic = ["el", "ru", "uk", "hy", "ka"], ["he", "ar", "fa", "ur", "am"]
    indic, eastern = ["hi", "bn", "pa", "gu", "or", "ta", "te", "kn", "ml", "si"], ["th", "lo", "my", "km", "ko", "ja"]
    for language in european + semitic + indic + eastern:
        index.addLabels(icu.Locale(language))
    labels = []
    while index.nextBucket():
        labels.append(str(index.bucketLabel))
    return index, labels
