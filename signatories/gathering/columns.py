"""What a file of gathered names may say: its fields, which column holds which, and how words become our codes."""

from enum import StrEnum
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from declaration.languages import folded, in_each_language
from signatories.gathering.file_reader import names_somebody


class Field(StrEnum):
    """A field of a row."""

    NAME = "name"
    ADDRESS = "address"
    PROFESSION = "profession"
    AFFILIATION = "affiliation"
    COUNTRY = "country"
    LANGUAGE = "language"
    NAME_LATIN = "name_latin"


LABELS = {
    Field.NAME: _("Name"),
    Field.ADDRESS: _("E-mail"),
    Field.PROFESSION: _("Profession"),
    Field.AFFILIATION: _("Band, ensemble, company"),
    Field.COUNTRY: _("Country"),
    Field.LANGUAGE: _("Language"),
    Field.NAME_LATIN: _("Name in Latin letters"),
}
REQUIRED = (Field.NAME, Field.ADDRESS)
# What heads of columns are called besides our labels.
_ALSO = {
    Field.NAME: ("full name", "artist", "nom complet", "artiste"),
    Field.ADDRESS: ("email", "mail", "e-mail address", "email address", "courriel", "adresse e-mail", "adresse mail"),
    Field.AFFILIATION: ("affiliation", "band", "ensemble", "company", "groupe"),
}
TEMPLATE = (
    (Field.NAME, "Wilma Fernhill"),
    (Field.ADDRESS, "wilma@example.org"),
    (Field.PROFESSION, "singer"),
    (Field.AFFILIATION, "The Fernhill Four"),
    (Field.COUNTRY, "IE"),
    (Field.LANGUAGE, "en"),
)


def guess(head: list[str]) -> dict[str, int]:
    """Return, for each field that a head names in a language of the site, the place of its column."""
    words = _heads()
    found: dict[str, int] = {}
    for place, said in enumerate(head):
        field = words.get(folded(said))
        if field is not None:
            found.setdefault(field.value, place)
    return found


def find_head(lines: list[list[str]]) -> int:
    """Return which of the first lines of a file names the columns: others above it may hold a title.

    It is the one that names what each file has in a language of the site. Else it is the fullest line above the first
    person, because a title fills fewer cells than the table has; it may hold an address, alone.
    """
    for place, cells in enumerate(lines):
        if all(field in guess(cells) for field in REQUIRED):
            return place
    person = next((place for place, cells in enumerate(lines) if names_somebody(cells)), len(lines))
    return max(range(person), key=lambda place: sum(map(bool, lines[place])), default=0)


@cache
def _heads() -> dict[str, Field]:
    found = {folded(label): field for field, label in in_each_language(LABELS.items())}
    found |= {folded(field): field for field in Field}
    return found | {word: field for field, words in _ALSO.items() for word in words}


def country_code(said: str) -> str | None:
    """Return the code of a country, told by its code or its name in a language of the site; None for another."""
    return _countries().get(folded(said))


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {folded(name): code for code, name in countries}
    return found | {code.casefold(): code for code, _name in countries}


def language_code(said: str) -> str | None:
    """Return the code of a language of the site, told by its code or its name; None for another."""
    return _languages().get(folded(said)) or _languages().get(folded(said)[:2] if said[2:3] in "-_" else "")


@cache
def _languages() -> dict[str, str]:
    found = {code: code for code, _name in settings.LANGUAGES}
    return found | {folded(label): code for code, label in in_each_language(settings.LANGUAGES)}
