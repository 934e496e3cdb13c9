"""Spellings under which a searched word may be stored: mueller finds Müller, and Müller finds Mueller. Pure.

docs/decisions/0023-spellings-in-searches.md says why they are tried when somebody searches.
"""

import re
import unicodedata
from itertools import product

from signatories.identity.names import fold

# Shorter words have no trigram of their own; they are found only as whole words.
SHORTEST_PART = 3
# Another spelling that is shorter is a whole word: noel should find Nöl, but not Arnold.
SHORTEST_OTHER = 5
MOST_LONG = 2  # long letters of one word that are tried one by one; more are tried all together
# Two letters that may stand for one: ä, ö, ü, å, ø, æ, œ. Not ue after a vowel or q, as in Bauer or Enrique.
_LONG = re.compile(r"(ae|oe|(?<![aeoq])ue|aa)")
_WRITTEN_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe"}
    | {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe", "Æ": "Ae", "Œ": "Oe"}
)


def sought(typed: str) -> list[tuple[str, ...]]:
    """For each searched word the parts of which a framed folded name must contain one: as typed, then other spellings.

    A part with a space on both sides is a whole word. Most words have one spelling.
    """
    words = fold(typed).split()
    written_out = fold(unicodedata.normalize("NFC", typed).translate(_WRITTEN_OUT)).split()
    if len(written_out) != len(words):
        written_out = words
    return [_parts(word, out) for word, out in zip(words, written_out, strict=True)]


def _parts(word: str, written_out: str) -> tuple[str, ...]:
    pieces = _LONG.split(written_out)  # every second one is long
    if len(pieces) // 2 > MOST_LONG:
        others = [written_out, "".join(piece[0] if n % 2 else piece for n, piece in enumerate(pieces))]
    else:
        choices = [(piece, piece[0]) if n % 2 else (piece,) for n, piece in enumerate(pieces)]
        others = ["".join(chosen) for chosen in product(*choices)]
    as_typed = _part(word, SHORTEST_PART)
    # A part that holds the one as typed finds nothing more.
    parts = dict.fromkeys(part for other in others if as_typed not in (part := _part(other, SHORTEST_OTHER)))
    return (as_typed, *parts)


def _part(word: str, shortest: int) -> str:
    return word if len(word) >= shortest else f" {word} "
