"""Whether a text can be read as a watched name, or holds one among more words; docs/operations.md tells the rules.

Words are compared in two ways: folded to Latin letters, and by their look (UTS 39), so that letters of other scripts
and digits in place of letters make no difference.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from signatories.identity import names
from signatories.identity.characters import visible
from signatories.models.profession import Profession

# Similarity (0 to 100) from which a folded name counts as the watched name: one changed letter in ten. In a shorter
# name one changed, missing, added or swapped letter is less similar, so it counts besides; but not in a very short
# name, from which too many other names differ by one letter.
MIN_SIMILARITY = 90.0
MIN_LETTERS = 5
MIN_WORD_SIMILARITY = 85.0  # of each word, so that a long last name in common does not outweigh two first names
MIN_STEM = 4  # letters from which names such as Paul and Paula, Mario and Maria are told apart
MIN_WRONG = 6  # letters of a word in which one may be wrong while other words stand around the name
MOST_BETWEEN = 2  # words between first and last name, such as middle names
MOST_PARTS = 3  # words as which a last name may be written, such as "van Tongeren"
MIN_UNSPACED = 8  # letters of a name that is looked for inside a longer word
MIN_UNSPACED_WHOLE = 3  # the same in scripts that write no spaces
UNSPACED_SCRIPTS = frozenset({"Hani", "Hira", "Kana", "Hang", "Bopo"})
_TITLES = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lord", "lady", "m", "mme", "mlle",
        "monsieur", "madame", "herr", "frau",
    }
)  # fmt: skip
_SUFFIXES = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv", "phd", "md", "obe", "mbe", "cbe"})
# Words that say nothing about who somebody is.
_CLAIMS = (
    "the a an this is it its i im me myself here official officially officiel officielle offiziell oficial ufficiale"
    " real really true only one original genuine authentic verified account page profile himself herself le la der die"
    " and et und y e with friends amis freunde band group music artist artiste kunstler fans team show"
    " chanteur chanteuse musicien musicienne acteur actrice sanger sangerin musiker rapper dj actress writer painter"
)
IGNORED = _TITLES | _SUFFIXES | frozenset(_CLAIMS.split()) | {str(each) for each in Profession}
_BETWEEN_PEOPLE = re.compile(r"[,،、;&+/|•·:]| [-–—] |(?i:\b(?:and|et|und|y|with|avec|mit)\b)")
_BRACKETS = re.compile(r"[()\[\]{}<>【】「」『』«»“”„\"]|(?i:\b(?:aka|alias)\b)")


class Word(NamedTuple):
    """A word in Latin letters and by its look; `group` counts the people before it, `part` also the brackets."""

    folded: str
    look: str
    group: int = 0
    part: int = 0


class Line(NamedTuple):
    """What is compared as a whole: folded, with its words in order of the alphabet, and by its look."""

    folded: str
    sorted: str
    look: str


class Text:
    """A text of a signer, prepared for comparison with many watched names."""

    def __init__(self, text: str) -> None:
        folded = names.fold_untitled(text)
        self.whole = Line(folded, _sort_words(folded), names.skeleton(text))
        self.words = words(text)

    @cached_property
    def parts(self) -> list[Line]:
        """The text and its parts between brackets and separators, without words that say nothing."""
        every = [self.words, *([w for w in self.words if w.part == part] for part in {w.part for w in self.words})]
        kept = ([word for word in each if word.folded not in IGNORED] for each in every)
        return list({_line(each) for each in kept if each} - {self.whole})

    @cached_property
    def starts(self) -> frozenset[int]:
        """Places where a part of the text begins, after words that say nothing."""
        said: set[int] = set()  # parts in which somebody was named before
        found = set()
        for at, word in enumerate(self.words):
            if word.part not in said:
                found.add(at)
            if word.folded not in IGNORED:
                said.add(word.part)
        return frozenset(found)

    @cached_property
    def runs(self) -> list[list[Word]]:
        """For each place, the words that begin there written as one: the first, the first two, and so on."""
        return [
            [joined(self.words[at : at + size]) for size in range(1, min(MOST_PARTS, len(self.words) - at) + 1)]
            for at in range(len(self.words))
        ]

    def longer_runs(self, most: int) -> Iterator[Word]:
        """Yield two and more words written as one, up to `most` letters."""
        for at in range(len(self.words)):
            run = self.words[at]
            for word in self.words[at + 1 :]:
                run = Word(run.folded + word.folded, run.look + word.look)
                if min(len(run.folded), len(run.look)) > most:
                    break
                yield run


class Watched:
    """A watched name, prepared for comparison with texts. `search_key` and `skeleton` are its stored keys."""

    first: Word | None
    last: Word | None
    __slots__ = ("first", "key", "last", "line", "middle", "name", "unspaced", "whole")

    def __init__(self, name: str, search_key: str, skeleton: str) -> None:
        self.name, self.key = name, (search_key, skeleton)
        self.line = Line(search_key, _sort_words(search_key), skeleton)
        kept = _without_titles(words(_given_name_first(name)))
        self.whole = joined(kept)
        self.first, self.last = (kept[0], kept[-1]) if len(kept) > 1 else (None, None)
        self.middle = [word.folded for word in kept[1:-1]]
        scripts = set() if name.isascii() else names.scripts(name)
        if scripts and scripts <= UNSPACED_SCRIPTS and len(self.whole.look) >= MIN_UNSPACED_WHOLE:
            self.unspaced = self.whole.look
        else:
            self.unspaced = self.whole.folded if self.first and len(self.whole.folded) >= MIN_UNSPACED else ""

    @property
    def is_long(self) -> bool:
        """Whether a name that differs a little is still likely to be this one."""
        return len(self.whole.folded) >= MIN_LETTERS


def reads_as(text: Text, watched: Watched) -> bool:
    """Return whether a text can be read as the watched name, or holds it."""
    if _same(text, watched) or _unspaced(text, watched):
        return True
    if watched.first is None or watched.last is None:
        return False
    return (
        _inside(text, watched, watched.first, watched.last)
        or _last_name_first(text, watched.first, watched.last)
        or (watched.is_long and _abbreviated(text, watched.middle, watched.first, watched.last))
    )


def _same(text: Text, watched: Watched) -> bool:
    """The text looks the same, or has nearly the same letters in any order of words; or a part of it has."""
    line, whole = watched.line, text.whole
    if whole.look == line.look or _similar(whole.folded, line.folded) or _similar(whole.sorted, line.sorted):
        return True
    return any(
        part.look in (line.look, watched.whole.look)
        or _misspelt(part.folded, line.folded)
        or _misspelt(part.sorted, line.sorted)
        for part in text.parts
    )


def _inside(text: Text, watched: Watched, first: Word, last: Word) -> bool:
    """First and last name stand in the text, side by side or with middle names between them.

    One letter may be wrong if they stand side by side.
    """
    for at, word in enumerate(text.words[:-1]):
        wrong = _wrong_letters(word, first)
        if wrong is None:
            continue
        most = MOST_BETWEEN + len(watched.middle) if wrong == 0 and watched.is_long else 0
        for end in range(at + 1, min(at + 2 + most, len(text.words))):
            if not _are_middle_names(text.words[at : end + 1], watched.middle):
                continue
            found = [_wrong_letters(run, last) for run in text.runs[end]]
            if 0 in found or (1 in found and wrong == 0 and end == at + 1):
                return True
    return False


def _are_middle_names(run: Sequence[Word], known: list[str]) -> bool:
    """Whether what stands between the first and the last word of a run may be middle names of the watched person.

    They are added or left out, or initials; others in place of the known ones make another person.
    """
    typed = [word.folded for word in run[1:-1]]
    if not typed:
        return True
    if run[0].group != run[-1].group:
        return False
    more = len(typed) - len(known) <= MOST_BETWEEN and _in_order(known, typed)
    return more or _in_order(typed, known) or typed == [middle[0] for middle in known]


def _in_order(few: list[str], many: list[str]) -> bool:
    rest = iter(many)
    return all(word in rest for word in few)


def _last_name_first(text: Text, first: Word, last: Word) -> bool:
    """A part of the text begins with the last name, followed by the first name."""
    for at in text.starts:
        for run, after in zip(text.runs[at], text.words[at + 1 :], strict=False):
            wrong = (_wrong_letters(run, last), _wrong_letters(after, first))
            if 0 in wrong and None not in wrong:
                return True
    return False


def _abbreviated(text: Text, middle: list[str], first: Word, last: Word) -> bool:
    """A part of the text begins with the initial and the last name, or the last name and the initial.

    Between them may stand other initials and the known middle names. The last name is written in full: "Aurelia V."
    may be anybody.
    """
    for at in text.starts:
        if _is_initial(text.words[at], first):
            for end in range(at + 1, min(at + 2 + MOST_BETWEEN + len(middle), len(text.words))):
                if any(_equal(run, last) for run in text.runs[end]):
                    return True
                if len(text.words[end].folded) > 1 and text.words[end].folded not in middle:
                    break
        for run, after in zip(text.runs[at], text.words[at + 1 :], strict=False):
            if _equal(run, last) and _is_initial(after, first):
                return True
    return False


def _is_initial(word: Word, of: Word) -> bool:
    """Compare by look, too: one letter of another script, such as Я, may be two in Latin letters."""
    return any(len(one) == 1 and one == whole[:1] for one, whole in ((word.folded, of.folded), (word.look, of.look)))


def _unspaced(text: Text, watched: Watched) -> bool:
    """Whole words of the text have the letters of the watched name together; or it stands inside a longer word."""
    whole = watched.whole
    if watched.first and any(_equal(run, whole) for run in text.longer_runs(max(len(whole.folded), len(whole.look)))):
        return True
    sought = watched.unspaced
    return bool(sought) and any(sought in word.folded or sought in word.look for word in text.words)


def words(text: str) -> list[Word]:
    """Split a text into its words."""
    return [Word(*keys, group, part) for group, part, token in _tokens(text) if (keys := _keys_of(token)) != ("", "")]


def _tokens(text: str) -> Iterator[tuple[int, int, str]]:
    part = 0
    text = text if text.isascii() else unicodedata.normalize("NFKC", visible(text))
    for group, people in enumerate(_BETWEEN_PEOPLE.split(text)):
        for piece in _BRACKETS.split(people):
            part += 1
            letters = (c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in piece)
            for token in "".join(letters).split():
                yield group, part, token


@lru_cache(maxsize=2**15)  # the first names of ten thousand people are few
def _keys_of(token: str) -> tuple[str, str]:
    return names.fold(token).replace(" ", ""), names.skeleton(token)


def _given_name_first(name: str) -> str:
    """A name that an organizer wrote as "Vantongeren, Aurelia" the other way round."""
    last, comma, first = name.partition(",")
    return f"{first} {last}" if comma and "," not in first else name


def _without_titles(every: list[Word]) -> list[Word]:
    kept = [word for word in every if word.folded not in _TITLES]
    if len(kept) > 2:
        kept = [*kept[:2], *(word for word in kept[2:] if word.folded not in _SUFFIXES)]
    return kept or every


def joined(run: Sequence[Word]) -> Word:
    """Several words written as one."""
    return Word("".join(word.folded for word in run), "".join(word.look for word in run))


def _line(run: Sequence[Word]) -> Line:
    folded = " ".join(word.folded for word in run)
    return Line(folded, _sort_words(folded), joined(run).look)


def _sort_words(folded: str) -> str:
    """Sort the words of a name, so that "Vale, Ann" equals "Ann Vale"."""
    return " ".join(sorted(folded.split()))


def _equal(one: Word, other: Word) -> bool:
    return one.folded == other.folded or one.look == other.look


def _wrong_letters(one: Word, other: Word) -> int | None:
    """Return 0 if two words are equal, 1 if one letter of a long word is wrong, else None."""
    if _equal(one, other):
        return 0
    wrong = is_one_wrong(one.folded, other.folded) and not _is_other_form(one.folded, other.folded)
    return 1 if len(other.folded) >= MIN_WRONG and wrong else None


def is_one_wrong(one: str, other: str) -> bool:
    """Whether at most one letter is changed, missing, added or swapped."""
    return abs(len(one) - len(other)) <= 1 and OSA.distance(one, other, score_cutoff=1) <= 1


def _similar(name: str, watched: str) -> bool:
    """Whether a folded name differs from a watched one by no more than typing errors, as a whole and in each word."""
    near = fuzz.ratio(name, watched, score_cutoff=MIN_SIMILARITY) or _is_one_wrong_in_a_name(name, watched)
    return bool(near) and _words_similar(name, watched)


def _misspelt(name: str, watched: str) -> bool:
    return _is_one_wrong_in_a_name(name, watched) and _words_similar(name, watched)


def _is_one_wrong_in_a_name(name: str, watched: str) -> bool:
    return name == watched or (len(watched) >= MIN_LETTERS and is_one_wrong(name, watched))


def _words_similar(name: str, watched: str) -> bool:
    """Compare the words one by one. Where their numbers differ, a space is wrong, and the whole must do."""
    one, other = name.split(), watched.split()
    return len(one) != len(other) or all(map(_word_similar, one, other))


def _word_similar(one: str, other: str) -> bool:
    near = is_one_wrong(one, other) or fuzz.ratio(one, other) >= MIN_WORD_SIMILARITY
    return near and not _is_other_form(one, other)


def _is_other_form(one: str, other: str) -> bool:
    """Whether two words are the names of a man and of a woman: Paul and Paula, Aurelio and Aurelia."""
    stem, both = other.rstrip("ao"), {one, other}
    return len(stem) >= MIN_STEM and both in ({stem, f"{stem}a"}, {f"{stem}o", f"{stem}a"})
