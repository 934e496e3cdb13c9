"""The language of a name, for `lang` in pages and editions: it decides the shapes of letters, and how they are read.

Three things tell it, in this order: the script of the name, which excludes most languages; among the rest the language
that the signer signed in, then that of their country. CLDR (through ICU) knows the script of each language.
"""

from collections import Counter
from functools import lru_cache

import icu

from signatories.identity.characters import script

# What a language's own script, as CLDR calls it, is made of.
_MADE_OF = {
    "Jpan": {"Hira", "Kana", "Hani"}, "Kore": {"Hang", "Hani"}, "Hans": {"Hani", "Bopo"}, "Hant": {"Hani", "Bopo"},
}  # fmt: skip
# Where one of them stands, the Han signs beside it belong to the same language.
_BEFORE_HAN = ("Hira", "Kana", "Hang", "Bopo")
# Scripts of many languages: without another hint the script alone is said, and no language is invented.
_OF_MANY = {"Latn", "Cyrl", "Arab", "Deva", "Beng", "Ethi"}


def language_of(name: str, *, country: str = "", signed_in: str = "") -> str:
    """Return the language of a name as BCP 47: "ja", "zh-Hant", or only a script, "und-Cyrl".

    `country` is an ISO 3166 code, `signed_in` the language of the page on which the person signed.
    """
    return _language(_script(name), country.upper(), signed_in)


def in_latin(language: str) -> str:
    """Return the language of a name that is also written in Latin letters: "ja" → "ja-Latn"."""
    return f"{language.partition('-')[0]}-Latn"


def script_name(letter: str, reader: str) -> str:
    """Return the name of the script of a letter, in the language `reader`: "Greek"; "" for Latin letters and signs.

    It tells apart what looks the same, such as the Greek and the Latin A.
    """
    code = script(letter[0])
    if code in {"Latn", "Zyyy", "Zinh", "Zzzz"}:
        return ""
    found = str(icu.Locale(f"und_{code}").getDisplayScript(icu.Locale(reader)))
    return found[:1].upper() + found[1:]


def _script(name: str) -> str:
    """Return the script that tells most about the language: a name in two scripts is seldom Latin."""
    found = Counter(code for code in map(script, name) if code not in {"Zyyy", "Zinh", "Zzzz"})
    for code in _BEFORE_HAN:
        if found[code]:
            return code
    others = [code for code, _count in found.most_common() if code != "Latn"]
    return others[0] if others else "Latn"


@lru_cache(maxsize=2048)
def _language(code: str, country: str, signed_in: str) -> str:
    for hint in (f"{signed_in.replace('-', '_')}_{country}" if signed_in else "", f"und_{country}" if country else ""):
        found = _likely(hint) if hint else None
        if found and code in _MADE_OF.get(found[1], {found[1]}):
            return _tag(*found)
    if code in _OF_MANY:
        return f"und-{code}"
    found = _likely(f"und_{code}")
    return _tag(*found) if found[0] != "und" else f"und-{code}"


def _likely(hint: str) -> tuple[str, str]:
    """Return the most probable language of a hint, and its script."""
    locale = icu.Locale(hint)
    locale.addLikelySubtags()
    return str(locale.getLanguage()) or "und", str(locale.getScript())


def _tag(language: str, code: str) -> str:
    return f"{language}-Hant" if language == "zh" and code == "Hant" else language
