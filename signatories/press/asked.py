"""Which names a pasted line may mean: it may hold a number, columns of a table, a profession, or the family name first.

Pure. A name that is not read is answered with "not shown", and somebody prints that.
"""

import re
from typing import NamedTuple

from signatories.identity import names
from signatories.identity.filing import WHOLE_NAME_SCRIPTS, without_explanation

_NUMBERED = re.compile(r"^\s*(?:[-–—*•·‣◦]|\(?\d{1,5}[.):])\s+(?=\S)")
_COLUMNS = re.compile(r"\s*[\t;]\s*")
_COMMA = re.compile(r"\s*[,，،、]\s*")


class Asked(NamedTuple):
    """A line as it is shown, the names that it may mean, a part that is looked for, too, and why it is no name."""

    line: str
    names: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    problem: str = ""


def read(line: str) -> Asked:
    """Return the names that a line may mean, the most literal first."""
    columns = [column for column in _COLUMNS.split(_NUMBERED.sub("", line).strip()) if column]
    shown = " ".join(line.split())[: names.LONGEST_NAME]
    try:
        if len(columns) == 1:
            shown = names.tidy_name(line)
        meant, parts = _meant(columns)
        return Asked(shown, _tidied(meant), _tidied(parts))
    except names.NameRefused as refused:
        return Asked(shown, problem=str(refused))


def _tidied(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(names.tidy_name, found))))


def _meant(columns: list[str]) -> tuple[list[str], list[str]]:
    """Return the names, and what is only a part of one."""
    if not columns:
        return [], []
    first, *others = columns
    if names.scripts(first) & WHOLE_NAME_SCRIPTS:  # the family name first in any case, and often without a space
        return [first, *(f"{first} {second}" for second in others[:1])], []
    if others and len(first.split()) == 1:  # given name and family name, in either order
        return [f"{first} {others[0]}", f"{others[0]} {first}"], [first]
    turned, bare = _turned(first), without_explanation(first)
    if len(_COMMA.split(first)[0].split()) == 1 and turned:  # Simon, Paul is not Simon Paul
        return turned, [first]
    return [first, *turned, *([bare] if bare.split()[1:] else [])], []


def _turned(name: str) -> list[str]:
    """`Family, Given` and `FAMILY Given` the other way round; what follows a second comma is no part of it."""
    family, *others = _COMMA.split(name)
    if others and family and others[0]:
        return [f"{others[0]} {family}"]
    words = name.split()
    loud = next((n for n, word in enumerate(words) if not _is_loud(word)), 0)
    return [" ".join(words[loud:] + words[:loud])] if loud else []


def _is_loud(word: str) -> bool:
    """Whether a word is all capitals; an initial says nothing."""
    return word.isupper() and len(word.strip(".")) > 1
