"""Professions of signers; codes are stored and exported, labels are translated."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from django.db import models
from django.utils.translation import gettext_lazy as _

from declaration.languages import folded, in_each_language

# Words in which French writes both genders, and how many letters the second one drops: chanteu(r)se, autrice.
_INCLUSIVE = re.compile(r"(\w+)·(\w+)")
_DROPPED = {"se": 1, "rice": 3}


class Profession(models.TextChoices):
    """A list short enough for a phone; with `other` the signer types a word."""

    MUSICIAN = "musician", _("Musician")
    SINGER = "singer", _("Singer")
    COMPOSER = "composer", _("Composer")
    SONGWRITER = "songwriter", _("Songwriter")
    CONDUCTOR = "conductor", _("Conductor")
    PRODUCER = "producer", _("Producer")
    ACTOR = "actor", _("Actor")
    DIRECTOR = "director", _("Director")
    SCREENWRITER = "screenwriter", _("Screenwriter")
    FILMMAKER = "filmmaker", _("Filmmaker")
    DANCER = "dancer", _("Dancer or choreographer")
    AUTHOR = "author", _("Author")
    POET = "poet", _("Poet")
    PLAYWRIGHT = "playwright", _("Playwright")
    JOURNALIST = "journalist", _("Journalist")
    TRANSLATOR = "translator", _("Translator")
    ILLUSTRATOR = "illustrator", _("Illustrator")
    PHOTOGRAPHER = "photographer", _("Photographer")
    VISUAL_ARTIST = "visual_artist", _("Visual artist")
    DESIGNER = "designer", _("Designer")
    VOICE_ARTIST = "voice_artist", _("Voice artist")
    PUBLISHER = "publisher", _("Publisher or label")
    AGENT = "agent", _("Agent or manager")
    OTHER = "other", _("Another profession")


class GroupKind(models.TextChoices):
    """What a group is that signs; it stands where a person has a profession."""

    BAND = "band", _("Band")
    ENSEMBLE = "ensemble", _("Ensemble or choir")
    COMPANY = "company", _("Company")
    ORGANISATION = "organisation", _("Organisation")


def is_group(code: str) -> bool:
    """Whether the code in place of a profession is that of a group."""
    return code in GroupKind.values


class Field(models.TextChoices):
    """Groups of professions for the press."""

    MUSIC = "music", _("Music")
    STAGE = "stage", _("Film and stage")
    WRITING = "writing", _("Writing")
    VISUAL = "visual", _("Visual arts")
    OTHER = "other", _("Other fields")


FIELD_OF: dict[str, Field] = {
    Profession.MUSICIAN: Field.MUSIC,
    Profession.SINGER: Field.MUSIC,
    Profession.COMPOSER: Field.MUSIC,
    Profession.SONGWRITER: Field.MUSIC,
    Profession.CONDUCTOR: Field.MUSIC,
    Profession.PRODUCER: Field.MUSIC,
    Profession.ACTOR: Field.STAGE,
    Profession.DIRECTOR: Field.STAGE,
    Profession.SCREENWRITER: Field.STAGE,
    Profession.FILMMAKER: Field.STAGE,
    Profession.DANCER: Field.STAGE,
    Profession.VOICE_ARTIST: Field.STAGE,
    Profession.AUTHOR: Field.WRITING,
    Profession.POET: Field.WRITING,
    Profession.PLAYWRIGHT: Field.WRITING,
    Profession.JOURNALIST: Field.WRITING,
    Profession.TRANSLATOR: Field.WRITING,
    Profession.ILLUSTRATOR: Field.VISUAL,
    Profession.PHOTOGRAPHER: Field.VISUAL,
    Profession.VISUAL_ARTIST: Field.VISUAL,
    Profession.DESIGNER: Field.VISUAL,
    Profession.PUBLISHER: Field.OTHER,
    Profession.AGENT: Field.OTHER,
    Profession.OTHER: Field.OTHER,
}


def by_field(professions: Mapping[str, int]) -> dict[Field, int]:
    """Sum counts of professions by field, largest first, without empty ones; "other" comes last."""
    total: Counter[Field] = Counter()
    for code, count in professions.items():
        total[FIELD_OF[code]] += count
    return dict(sorted(total.items(), key=lambda pair: (pair[0] == Field.OTHER, -pair[1])))


class Role(models.TextChoices):
    """Relation of a representative to the person."""

    AGENT = "agent", _("Agent")
    MANAGER = "manager", _("Manager")
    ESTATE = "estate", _("Estate or heir")
    LABEL = "label", _("Label or publisher")
    GUARDIAN = "guardian", _("Parent or guardian")
    OTHER = "other", _("Another role")
    SPEAKER = "speaker", _("Speaker of the group")


def profession_label(code: str, other: str) -> str:
    """Return the signer's own word for `other`, else the translated label."""
    if code == Profession.OTHER and other:
        return other
    return str(GroupKind(code).label if is_group(code) else Profession(code).label)


def profession_code(said: str) -> str | None:
    """Return the code of a profession, told by its code or its word in a known language; None for another."""
    return _professions().get(folded(said))


@cache
def _professions() -> dict[str, str]:
    labels = ((code, Profession(code).label) for code in Profession.values)
    found: dict[str, str] = {}
    for code, label in in_each_language(labels, off_too=True):
        for word in _written(folded(label)):
            found.setdefault(word, code)
    return found | {code: code for code in Profession}


def _written(label: str) -> Iterator[str]:
    """Yield how people write a label: as it is, and of French ones like "chanteur·se" both forms."""
    yield label
    if "·" in label:
        yield _INCLUSIVE.sub(lambda found: found[1], label)
        yield _INCLUSIVE.sub(lambda found: found[1][: -_DROPPED.get(found[2], 0) or None] + found[2], label)
