"""Is somebody on the list: up to MOST names at once, in as few questions to the database as one.

Names are compared as screening and search compare them: by their look (UTS 39), and in Latin letters in each spelling
of a marked letter. A hit is the same name, the same written differently, or another name that is like it; only a reader
can tell whether it is the person.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum, auto
from typing import NamedTuple

from django.db import connection, transaction

from signatories.identity import names
from signatories.identity.spellings import Written, is_one_name, whole_names, written
from signatories.models import Signature
from signatories.models.signature import Words
from signatories.press import asked
from signatories.press.asked import Asked

MOST = 200
SHOWN = 10  # hits of one name
_WORDS = Words.template % {"expressions": "search_key"}
_TOGETHER = ({"Hani", "Hira", "Kana"}, {"Hani", "Hang"}, {"Hani", "Bopo"})  # scripts that one word may have
# For each name the first rows that hold all its words, in Latin letters, by the index of whole words. For the planner a
# name that it does not know yet has thousands of hits, of which a walk of the list soon finds the first few; so it may
# use nothing but such indexes.
_BY_WORDS = f"""
SELECT asked.at, found.id FROM unnest(%(at)s::int[], %(words)s::text[]) AS asked (at, words),
LATERAL (
    SELECT id FROM signatories_signature
    WHERE state = 'published' AND named AND {_WORDS} @> string_to_array(asked.words, ' ')
    LIMIT {SHOWN + 1}
) AS found
"""  # noqa: S608 - our own words
# The same for rows that look like the name: first those with the very name, and only if these are few the others. None
# is read that is not returned, unless it is passed over on the way: thousands may bear one name.
_ALIKE = "SELECT id FROM signatories_signature WHERE state = 'published' AND named AND skeleton = asked.skeleton"
_BY_LOOK = f"""
SELECT asked.at, found.id
FROM unnest(%(at)s::int[], %(names)s::text[], %(looks)s::text[]) AS asked (at, name, skeleton),
LATERAL (
    ({_ALIKE} AND name = asked.name LIMIT {SHOWN + 1})
    UNION ALL ({_ALIKE} AND name <> asked.name LIMIT {SHOWN + 1})
    LIMIT {SHOWN + 1}
) AS found
"""  # noqa: S608 - the same
_PLANNER = ("enable_seqscan", "enable_indexscan", "enable_indexonlyscan", "jit")
_BY_INDEX = "; ".join(f"SET LOCAL {name} TO off" for name in _PLANNER)
_AS_USUAL = "; ".join(f"SET LOCAL {name} TO DEFAULT" for name in _PLANNER)  # in a transaction that goes on
# What a hit tells: without mailbox and keys, which would take most of the memory.
_READ = ("number", "name", "name_latin", "profession", "profession_other", "affiliation", "country", "language")


class Likeness(StrEnum):
    """How a shown name relates to the one that was asked for."""

    SAME = auto()
    OTHERWISE = auto()  # the same name, written differently
    ANOTHER = auto()


class Hit(NamedTuple):
    """A public signature whose name is, or is like, the one asked for."""

    signature: Signature
    likeness: Likeness


class Answer(NamedTuple):
    """What was found for a name; `problem` says why a line is no name."""

    asked: str
    hits: list[Hit]
    more: bool = False
    problem: str = ""


def look_up(lines: Sequence[str]) -> list[Answer]:
    """Return an answer for each line, in their order. At most MOST lines are looked at."""
    read = [asked.read(line) for line in lines[:MOST]]
    return [_answer(one, rows) for one, rows in zip(read, _found(read), strict=True)]


def _found(read: Sequence[Asked]) -> list[list[Signature]]:
    """Return the public signatures that could be those of each line."""
    chosen = _chosen([(at, name) for at, one in enumerate(read) for name in (*one.names, *one.parts)])
    every = Signature.objects.public().only(*_READ).in_bulk({pk for _at, pk in chosen})
    found: list[dict[int, Signature]] = [{} for _one in read]
    for at, pk in chosen:
        if pk in every:  # it may have left since the question before
            found[at].setdefault(pk, every[pk])
    return [list(rows.values()) for rows in found]


def _chosen(sought: Sequence[tuple[int, str]]) -> list[tuple[int, int]]:
    """Return the places of lines with ids of rows that look like a name of that line or hold all its words, a few each.

    A single word is no full name.
    """
    places, named = [at for at, _name in sought], [name for _at, name in sought]
    looks = [names.keys(name=name).skeleton for name in named]
    ways = ((at, way) for at, name in sought for way in whole_names(name))
    full = sorted({(at, " ".join(sorted(set(way)))) for at, way in ways if way[1:]})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BY_INDEX)
        cursor.execute(_BY_LOOK, {"at": places, "names": named, "looks": looks})
        found = [(at, pk) for at, pk in cursor.fetchall()]
        cursor.execute(_BY_WORDS, {"at": [at for at, _way in full], "words": [way for _at, way in full]})
        found += [(at, pk) for at, pk in cursor.fetchall()]
        cursor.execute(_AS_USUAL)
        return found


def _answer(one: Asked, rows: Iterable[Signature]) -> Answer:
    plain = [written(name) for name in one.names if not _mixes_scripts(name)]
    hits = sorted((Hit(row, _likeness(one, plain, row)) for row in rows), key=_order)
    return Answer(one.line, hits[:SHOWN], more=len(hits) > SHOWN, problem=one.problem)


def _order(hit: Hit) -> tuple[int, int]:
    return list(Likeness).index(hit.likeness), hit.signature.number or 0


def _likeness(one: Asked, plain: Sequence[Written], row: Signature) -> Likeness:
    shown = [shown for shown in (row.name, row.name_latin) if shown]
    if {one.line, *one.names} & set(shown):
        return Likeness.SAME
    others = [written(other) for other in shown if not _mixes_scripts(other)]
    is_it = any(is_one_name(name, other) for name in plain for other in others)
    return Likeness.OTHERWISE if is_it else Likeness.ANOTHER


def _mixes_scripts(name: str) -> bool:
    """Whether a word is of letters of several scripts, as a made-up look-alike is."""
    return any(
        len(found) > 1 and not any(found <= together for together in _TOGETHER)
        for found in map(names.scripts, name.split())
    )
