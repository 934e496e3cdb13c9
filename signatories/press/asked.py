"""Which names a pasted line may mean: it may hold a number, columns of a table, a profession, or the family name first.

No database. A name that is not read is answered with "not shown", and somebody prints that; so does somebody with the
name of another person. So a part of a line is the name only if the rest of it can be no part of a name.
"""

import csv
import re
from typing import NamedTuple

from signatories.identity import names
from signatories.identity.filing import WHOLE_NAME_SCRIPTS, without_asides, without_explanation
from signatories.models.profession import GroupKind, profession_code

_NUMBERED = re.compile(r"^\s*(?:[-–—*•·‣◦]\s+|[(（]?\d{1,7}[.．:：)）、]\s*(?=\D))(?=\S)")
_COUNTED = re.compile(r"^\s*\d{1,7}\s+(?=\D)")  # it may be a part of the name: 50 Cent
_COMMA_ROW = re.compile(r'\s*"?\d+"?,\s*(?=\D)')  # 10,000 is none
_COMMAS = ",，،、"
_SIGN = re.compile(r"\s*[,，،、;；]\s*|\s+[-–—−/|·•]+\s+")  # between a name and what follows it
_GENERATION = re.compile(r"(?i)^([^,]+),\s*((?:[js]n?r|[23]rd|2nd|ii|iii|iv)\b\.?)")  # King, Jr. is King Jr.
_COLUMN = "\t"


class Asked(NamedTuple):
    """A line as it is shown, the names that it may mean, a part that is looked for, too, and why it is no name."""

    line: str
    names: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    problem: str = ""


def read(line: str) -> Asked:
    """Return the names that a line may mean, the most literal first."""
    columns = _columns(line)
    shown = " ".join(line.split())[: names.LONGEST_NAME]
    try:
        if len(columns) == 1:
            shown = names.tidy_name(line)
        else:  # what is too long to be a name is not taken apart either
            columns = [column[: names.LONGEST_NAME + 1] for column in columns[:2]]
        meant, parts = _meant(columns)
        found = _tidied(meant)
        return Asked(shown, found, tuple(part for part in _tidied(parts, strict=False) if part not in found))
    except names.NameRefused as refused:
        return Asked(shown, problem=str(refused))


def _tidied(found: list[str], *, strict: bool = True) -> tuple[str, ...]:
    """What is looked for, each once. Of parts those are left out that can be no name; else NameRefused is raised."""
    tidied = []
    for name in found:
        try:
            tidied.append(names.tidy_name(name))
        except names.NameRefused:
            if strict:
                raise
    return tuple(dict.fromkeys(filter(None, tidied)))


def _columns(line: str) -> list[str]:
    """Return the columns from the name on: before it stands a number or a title. Most lines are one column."""
    sign = _COLUMN if _COLUMN in line else ";" if ";" in line else "," if _COMMA_ROW.match(line) else ""
    line = " ".join(line.splitlines())
    cells = next(csv.reader([line], delimiter=sign, skipinitialspace=True), []) if sign else [line]
    columns = [" ".join(cell.split()) for cell in cells if cell.strip()]
    if len(columns) > 1 and columns[0].strip(" .:()").isdecimal():
        del columns[0]
    if len(columns) > 2 and names.is_title(columns[0]):  # Lord;Anna is a name
        del columns[0]
    return columns


def _meant(columns: list[str]) -> tuple[list[str], list[str]]:
    """Return the names, and what is only a part of one."""
    if not columns:
        return [], []
    first, column = columns[0], columns[1] if len(columns) > 1 else ""
    literal, first = first, _GENERATION.sub(r"\1 \2", _NUMBERED.sub("", first))
    meant, parts = _with_next(first, column)
    if literal[:1].isdigit():  # so begin names of bands, too
        meant = [*meant, literal]
    if (bare := _COUNTED.sub("", first)) != first:
        others, only = _with_next(bare, column)
        full = [name for name in others if " " in name or _is_whole(name)]
        return [*full, *meant], [*others, *only, *parts]
    return meant, parts


def _with_next(first: str, column: str) -> tuple[list[str], list[str]]:
    """The same for a line, or for its column with the name and the next one."""
    name, sign, after = _split(first)
    if column and not sign:
        sign, after = _COLUMN, column
    if not sign:
        is_name = name in (first, without_asides(first)) or not _is_one_word(name)  # Catherine of Siena is no Catherine
        return [first, *_loud_last(name), *([name] if is_name else [])], [name]
    both = [f"{name} {after}", f"{after} {names.without_titles(name)}"]
    if _is_whole(name):  # the family name stands first in any case, and often without a space
        ways = both[:1] if sign == _COLUMN else [first]
    elif sign == _COLUMN:
        ways = both
    else:  # Simon, Paul is not Simon Paul
        ways = both[1:] if sign.strip() in _COMMAS else [first]
    if _explains(after, name):
        return [name, *_loud_last(name)], [first, *ways]
    return ways, [first, name]


def _split(line: str) -> tuple[str, str, str]:
    """Return the name, the sign after it, and what stands between this sign and the next; without asides."""
    plain, name = without_asides(line), without_explanation(line)
    rest = plain.removeprefix(name)
    if not (sign := _SIGN.match(rest)):
        return name, "", ""
    after = _SIGN.split(rest[sign.end() :])[0].strip()
    return name, sign[0] if after else "", after


def _explains(words: str, name: str) -> bool:
    """Whether words after a name can be no part of it: a number, other letters, a profession, small letters."""
    if "@" in words or not any(c.isalpha() for c in words):
        return True
    if names.scripts(name) and names.scripts(name).isdisjoint(names.scripts(words)):
        return True
    is_kind = profession_code(words) is not None or words.casefold() in GroupKind.values
    if _is_one_word(name):  # of Paul, Singer both may be names
        return is_kind and (words.islower() or _is_whole(name))
    return is_kind or (words.islower() and not name.islower())


def _is_one_word(name: str) -> bool:
    return len(names.without_titles(name).split()) == 1


def _is_whole(name: str) -> bool:
    return bool(names.scripts(name) & WHOLE_NAME_SCRIPTS)


def _loud_last(name: str) -> list[str]:
    """`FAMILY Given` the other way round."""
    words = names.without_titles(name).split()
    loud = next((n for n, word in enumerate(words) if not _is_loud(word)), 0)
    return [" ".join(words[loud:] + words[:loud])] if loud else []


def _is_loud(word: str) -> bool:
    """Whether a word is all capitals; an initial says nothing."""
    return word.isupper() and len(word.strip(".")) > 1
