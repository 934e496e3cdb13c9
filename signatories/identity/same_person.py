"""Whether two names in one mailbox may be one person's. Pure functions."""

from enum import IntEnum

from rapidfuzz.distance import OSA

from signatories.identity.names import fold_untitled, skeleton

LONG_WORD = 7  # letters from which two typing errors may make one word out of another


class Likeness(IntEnum):
    """How sure we can be that two names are one person's."""

    DIFFERENT = 0
    SIMILAR = 1  # one person's misspelling, or two people such as Paul and Paula: only they know
    SAME = 2


def likeness(name: str, other: str) -> Likeness:
    """Compare two names word by word, so that a long surname in common does not outweigh two given names.

    SAME: each word of the shorter name is a word of the other, or an initial of one; order, titles, look-alike letters
    and spaces between the words do not count. SIMILAR: the same, but for typing errors within words. Else DIFFERENT.
    """
    one, two = fold_untitled(name).split(), fold_untitled(other).split()
    if skeleton(name) == skeleton(other) or "".join(one) == "".join(two):
        return Likeness.SAME
    few, many = sorted((one, two), key=lambda words: (len(words), words))
    found = Likeness.SAME if few else Likeness.DIFFERENT
    left = list(many)
    for word in sorted(few, key=len, reverse=True):  # initials last, so that they take no word that is spelt out
        nearest = max(left, key=lambda candidate: (_of_words(word, candidate), word == candidate))
        found = min(found, _of_words(word, nearest))
        left.remove(nearest)
    return found


def _of_words(word: str, other: str) -> Likeness:
    if word == other or (1 in (len(word), len(other)) and word[0] == other[0]):
        return Likeness.SAME
    shorter, longer = sorted((len(word), len(other)))
    errors = 2 if longer >= LONG_WORD else 1
    near = shorter > 1 and OSA.distance(word, other) <= errors
    return Likeness.SIMILAR if near else Likeness.DIFFERENT
