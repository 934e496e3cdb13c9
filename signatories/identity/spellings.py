"""Spellings under which a searched word may be stored: mueller finds Müller, and Müller finds Mueller. Pure.

docs/decisions/0023-spellings-in-searches.md says why they are tried when somebody searches.
"""

import re
import unicodedata
from itertools import islice, product

from signatories.identity.names import fold, untitled

# Shorter words have no trigram of their own; they are found only as whole words.
SHORTEST_PART = 3
# Another spelling that is shorter is a whole word: noel should find Nöl, but not Arnold.
SHORTEST_OTHER = 5
MOST_WHOLE = 12  # spellings of a whole name that are looked for one by one
MOST_LONG = 2  # long letters of one word that are tried one by one; more are tried all together
# Two letters that may stand for one: ä, ö, ü, å, ø, æ, œ. Not ue after a vowel or q, as in Bauer or Enrique.
_LONG = re.compile(r"(ae|oe|(?<![aeoq])ue|aa)")
_PUNCTUATION = re.compile(r"[^\w\s]")
_WRITTEN_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe"}
    | {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe", "Æ": "Ae", "Œ": "Oe"}
)

# Names to be compared, each as its words: folded, and folded with marked letters written out.
Written = tuple[list[tuple[str, str]], ...]


def sought(typed: str) -> list[tuple[str, ...]]:
    """For each searched word the parts of which a framed folded name must contain one: as typed, then other spellings.

    A part with a space on both sides is a whole word. Most words have one spelling.
    """
    return [_parts(word, out) for word, out in _words(typed)]


def whole_names(typed: str) -> list[tuple[str, ...]]:
    """The folded words of a name, without titles, in each spelling; of more than MOST_WHOLE only three."""
    words = [tuple(dict.fromkeys([word, *_others(out)])) for word, out in _untitled(typed)]
    ways = list(islice(product(*words), MOST_WHOLE + 1))
    if len(ways) > MOST_WHOLE:  # as typed, all written out, all short
        ways = [tuple(each[0] for each in words), tuple(out for _word, out in _untitled(typed))]
        ways.append(tuple(each[-1] for each in words))
    return list(dict.fromkeys(ways))


def written(name: str) -> Written:
    """A name to be compared: with its punctuation as space and without it, as O'Brien is OBrien."""
    closed_up = _PUNCTUATION.sub("", name)
    return (_untitled(name),) if closed_up == name else (_untitled(name), _untitled(closed_up))


def is_one_name(name: Written, other: Written) -> bool:
    """Whether two names differ only in case, titles, punctuation and how marked letters are written.

    A marked letter must stand in one of them: Abendschön is Abendschoen, but Michal is not Michael.
    """
    return any(_agree(one, two) for one, two in product(name, other))


def _agree(words: list[tuple[str, str]], others: list[tuple[str, str]]) -> bool:
    pairs = zip(words, others, strict=False)
    return bool(words) and len(words) == len(others) and all(set(one) & set(other) for one, other in pairs)


def _untitled(name: str) -> list[tuple[str, str]]:
    words = _words(name)
    kept = untitled([word for word, _out in words])
    return [(word, out) for word, out in words if word in kept]


def _words(typed: str) -> list[tuple[str, str]]:
    """Each word folded, and folded with its marked letters written out."""
    words = fold(typed).split()
    if typed.isascii():
        return list(zip(words, words, strict=True))
    written_out = fold(unicodedata.normalize("NFKC", typed).translate(_WRITTEN_OUT)).split()
    return list(zip(words, written_out if len(written_out) == len(words) else words, strict=True))


def _parts(word: str, written_out: str) -> tuple[str, ...]:
    as_typed = _part(word, SHORTEST_PART)
    # A part that holds the one as typed finds nothing more.
    others = (_part(other, SHORTEST_OTHER) for other in _others(written_out))
    parts = dict.fromkeys(part for part in others if as_typed not in part)
    return (as_typed, *parts)


def _others(written_out: str) -> list[str]:
    pieces = _LONG.split(written_out)  # every second one is long
    if len(pieces) // 2 > MOST_LONG:
        return [written_out, "".join(piece[0] if n % 2 else piece for n, piece in enumerate(pieces))]
    choices = [(piece, piece[0]) if n % 2 else (piece,) for n, piece in enumerate(pieces)]
    return ["".join(chosen) for chosen in product(*choices)]


def _part(word: str, shortest: int) -> str:
    return word if len(word) >= shortest else f" {word} "
