"""The watched names in the memory of each process, by version, with an index that finds the few to compare.

A confirmation reads the version (one row) and no names, unless the list has changed since this process read it.
"""

import itertools
import threading
from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import Indel

from signatories.models.watched import WatchedName
from signatories.screening.likeness import MIN_LETTERS, MIN_WRONG, Text, Watched, Word, is_one_wrong, reads_as


class _Piece(NamedTuple):
    """Where a piece begins in lines of one length, its size, and which lines have which letters there."""

    at: int
    size: int
    lines: dict[str, list[str]]


class WatchList:
    """Watched names with an index. Never changed once it is built, so that threads share it."""

    def __init__(self, watched: Iterable[Watched]) -> None:
        self.names = list(watched)
        self._wholes: dict[str, list[int]] = {}
        self._lasts: dict[str, list[int]] = {}
        self._misspelt: dict[str, list[str]] = {}  # last names by what is left of them without one letter
        self._lines: dict[str, list[int]] = {}  # whole names, folded, in both orders of their words
        self._pieces: dict[int, list[_Piece]] = {}
        self._unspaced: dict[str, list[int]] = {}
        for n, each in enumerate(self.names):
            self._add(n, each)
        self._longest = max(map(len, self._wholes), default=0)
        self._unspaced_sizes = {len(sought) for sought in self._unspaced}

    def _add(self, n: int, each: Watched) -> None:
        for key in {each.line.look, each.whole.look, each.whole.folded}:
            self._wholes.setdefault(key, []).append(n)
        if each.last:
            self._add_last(n, each.last)
        if each.unspaced:
            self._unspaced.setdefault(each.unspaced, []).append(n)
        for line in {each.line.folded, each.line.sorted}:
            if line not in self._lines:
                for piece in self._pieces_of(len(line)):
                    piece.lines.setdefault(line[piece.at : piece.at + piece.size], []).append(line)
            self._lines.setdefault(line, []).append(n)

    def _add_last(self, n: int, last: Word) -> None:
        if last.folded not in self._lasts and len(last.folded) >= MIN_WRONG:
            for key in _shortened(last.folded):
                self._misspelt.setdefault(key, []).append(last.folded)
        for key in {last.folded, last.look}:
            self._lasts.setdefault(key, []).append(n)

    def _pieces_of(self, length: int) -> list[_Piece]:
        """Return the pieces into which lines of a length are cut: one more than letters may be wrong in them."""
        if length not in self._pieces:
            count = most_wrong(length, length * 11 // 9) + 1
            cuts = [length * n // count for n in range(count + 1)]
            self._pieces[length] = [_Piece(a, b - a, {}) for a, b in itertools.pairwise(cuts)]
        return self._pieces[length]

    def matches(self, texts: Set[str]) -> list[str]:
        """Return the watched names that any of the texts can be read as, in order of the list."""
        if not self.names:
            return []
        found: set[int] = set()
        for text in map(Text, texts):
            found.update(n for n in self._candidates(text) - found if reads_as(text, self.names[n]))
        return [self.names[n].name for n in sorted(found)]

    def _candidates(self, text: Text) -> set[int]:
        """Return at least those that `reads_as` accepts."""
        found: set[int] = set()
        for line in (text.whole, *text.parts):
            found.update(self._wholes.get(line.look, ()))
            for key in {line.folded, line.sorted}:
                found.update(*self._similar(key))
        for run in text.longer_runs(self._longest):
            found.update(self._wholes.get(run.folded, ()), self._wholes.get(run.look, ()))
        for word in text.words:
            found.update(*self._inside_word(word.folded), *self._inside_word(word.look))
        found.update(self._by_names(text))
        return found

    def _similar(self, key: str) -> Iterator[list[int]]:
        """Find names from which `key` differs little: at least one of their pieces is whole, and nearly in its place.

        With k wrong letters in k + 1 pieces, at least one piece has none.
        """
        for length in range(len(key) * 9 // 11, len(key) * 11 // 9 + 3):
            wrong = most_wrong(length, len(key))
            if abs(length - len(key)) > wrong:
                continue
            near: set[str] = set()
            for at, size, lines in self._pieces.get(length, ()):
                for start in range(max(at - wrong, 0), at + wrong + 1):
                    near.update(lines.get(key[start : start + size], ()))
            found = process.extract(key, near, scorer=Indel.distance, score_cutoff=wrong, limit=None)
            yield from (self._lines[line] for line, *_ in found)

    def _inside_word(self, word: str) -> Iterator[list[int]]:
        for size in self._unspaced_sizes:
            for start in range(len(word) - size + 1):
                if found := self._unspaced.get(word[start : start + size]):
                    yield found

    def _by_names(self, text: Text) -> Iterator[int]:
        """Find names whose last name is in the text, perhaps with a wrong letter, and something like their first."""
        for run in {run for at in text.runs for run in at}:
            near = {last for key in _shortened(run.folded) for last in self._misspelt.get(key, ())}
            for last in {run.folded, run.look, *near}:
                for n in self._lasts.get(last, ()):
                    if (first := self.names[n].first) and _has_first(text, first):
                        yield n


def _shortened(word: str) -> set[str]:
    """Return a word, and what is left of it without one letter: two words that differ by one letter share one."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _has_first(text: Text, first: Word) -> bool:
    """Whether any word may be this first name: equal, its initial, or with a wrong letter."""
    folded, look = first.folded[:1], first.look[:1]
    return any(
        word.folded[:1] == folded or word.look[:1] == look or is_one_wrong(word.folded, first.folded)
        for word in text.words
    )


def most_wrong(length: int, other: int) -> int:
    """Return how many letters at most may be added and left out between two names of these lengths (see likeness)."""
    return max((length + other) // 10, 2 if length >= MIN_LETTERS else 0)


class _Kept:
    """The list in the memory of this process, and the version that it was read at."""

    def __init__(self) -> None:
        self.read: tuple[UUID | None, WatchList] = (None, WatchList(()))
        self.lock = threading.Lock()


_kept = _Kept()


def current() -> WatchList:
    """Return the list as the database has it now.

    The version is read before the names: names that are newer than their version are only read once more.
    """
    version = _version()
    kept, found = _kept.read
    if version is not None and version == kept:
        return found
    with _kept.lock:  # whoever waited here asks whether another has read it meanwhile
        kept, found = _kept.read
        if version is None or version != kept:
            found = _read(found)
            _kept.read = version, found
    return found


def _version() -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM signatories_watch_list_version")
        row = cursor.fetchone()
    return row[0] if row else None


def _read(before: WatchList) -> WatchList:
    """Read all names; what was prepared for a name before is kept."""
    known = {(each.name, each.key): each for each in before.names}
    rows = WatchedName.objects.order_by("name").values_list("name", "search_key", "skeleton")
    return WatchList(known.get((name, (key, look))) or Watched(name, key, look) for name, key, look in rows)
