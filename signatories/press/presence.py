"""Is somebody on the list: up to MOST names at once, in as few questions to the database as one.

Names are compared as screening and search compare them: by their look (UTS 39) and in Latin letters. A hit is the same
name, the same written differently, or another name that is like it; only a reader can tell whether it is the person.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum, auto
from typing import NamedTuple

from django.db import connection, transaction

from signatories.identity import names
from signatories.models import Signature
from signatories.models.signature import Words

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
    read: list[tuple[str, str]] = []  # the name, or why it is none
    for line in lines[:MOST]:
        try:
            read.append((names.tidy_name(line), ""))
        except names.NameRefused as refused:
            read.append(("", str(refused)))
    found = _found([name for name, _problem in read])
    return [
        _answer(name, found[name]) if name else Answer(line[: names.LONGEST_NAME], [], problem=problem)
        for line, (name, problem) in zip(lines, read, strict=False)
    ]


def _found(asked: Iterable[str]) -> dict[str, list[Signature]]:
    """Return the public signatures that could be each name's."""
    sought = sorted({name for name in asked if name})
    chosen = _chosen(sought)
    every = Signature.objects.public().only(*_READ).in_bulk({pk for _at, pk in chosen})
    found: dict[str, dict[int, Signature]] = {name: {} for name in sought}
    for at, pk in chosen:
        if pk in every:  # it may have left since the question before
            found[sought[at]].setdefault(pk, every[pk])
    return {name: list(rows.values()) for name, rows in found.items()}


def _chosen(sought: Sequence[str]) -> list[tuple[int, int]]:
    """Return places in `sought` with ids of rows that look like that name or hold all its words, a few of each.

    A single word is no full name.
    """
    looks = [names.keys(name=name).skeleton for name in sought]
    words = {at: names.fold(name).split() for at, name in enumerate(sought)}
    full = {at: " ".join(parts) for at, parts in words.items() if parts[1:]}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BY_INDEX)
        cursor.execute(_BY_LOOK, {"at": list(range(len(sought))), "names": list(sought), "looks": looks})
        found = [(at, pk) for at, pk in cursor.fetchall()]
        cursor.execute(_BY_WORDS, {"at": list(full), "words": list(full.values())})
        found += [(at, pk) for at, pk in cursor.fetchall()]
        cursor.execute(_AS_USUAL)
        return found


def _answer(name: str, rows: Iterable[Signature]) -> Answer:
    hits = sorted((Hit(row, _likeness(name, row)) for row in rows), key=_order)
    return Answer(name, hits[:SHOWN], more=len(hits) > SHOWN)


def _order(hit: Hit) -> tuple[int, int]:
    return list(Likeness).index(hit.likeness), hit.signature.number or 0


def _likeness(name: str, row: Signature) -> Likeness:
    shown = [shown for shown in (row.name, row.name_latin) if shown]
    if name in shown:
        return Likeness.SAME
    folded, plain = names.fold_untitled(name), [other for other in shown if not _mixes_scripts(other)]
    is_it = not _mixes_scripts(name) and folded in map(names.fold_untitled, plain)
    return Likeness.OTHERWISE if is_it else Likeness.ANOTHER


def _mixes_scripts(name: str) -> bool:
    """Whether a word is of letters of several scripts, as a made-up look-alike is."""
    return any(
        len(found) > 1 and not any(found <= together for together in _TOGETHER)
        for found in map(names.scripts, name.split())
    )
