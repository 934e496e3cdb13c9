"""Why a signature waits for a person: every such rule, in one place, used at confirmation and by organizers."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from signatories import names
from signatories.models.watched import WatchedName

# Similarity (0 to 100) of folded names from which a misspelling counts as the watched name. 90 lets one changed,
# missing or added letter in ten through to a person's eyes and leaves "Anna Vale" and "Hanna Valera" apart.
NEARLY_THE_SAME = 90.0
LOOKS_LIKE = "looks-like:"


@dataclass(frozen=True)
class Candidate:
    """What the rules may look at: every text that could be read as the name of the one who signs."""

    name: str
    name_latin: str = ""
    filed_under: str = ""
    affiliation: str = ""


def reasons(candidate: Candidate) -> list[str]:
    """The codes of all reasons to hold; empty when it may be published at once."""
    shown = {text for text in vars(candidate).values() if text}
    return [
        f"{LOOKS_LIKE}{watched.name}"[:200]
        for watched in WatchedName.objects.order_by("name")
        if any(_taken_for(name, watched) for name in shown)
    ]


def explain(code: str) -> str:
    """A reason in plain words, in the language in force."""
    if code.startswith(LOOKS_LIKE):
        return _("looks like the watched name “%(name)s”") % {"name": code.removeprefix(LOOKS_LIKE)}
    return code


def _taken_for(name: str, watched: WatchedName) -> bool:
    if names.skeleton(name) == watched.skeleton:
        return True
    folded = names.fold_untitled(name)
    alike = (fuzz.ratio, fuzz.token_sort_ratio)  # as written, and with the words in any order
    return any(ratio(folded, watched.search_key, score_cutoff=NEARLY_THE_SAME) for ratio in alike)
