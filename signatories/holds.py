"""Why a signature waits for a person: every such rule, in one place, used at confirmation and by organizers."""

from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from signatories import names
from signatories.models.watched import WatchedName

# Folded names count as the watched name from this similarity on (0 to 100): a changed letter in ten. In a shorter name
# one changed, missing, added or swapped letter counts too, unless so few letters are left that many names would.
NEARLY_THE_SAME = 90.0
ONE_LETTER_MATTERS = 5  # letters
LOOKS_LIKE = "looks-like:"
SECOND = "second-in-mailbox"
REPRESENTED = "represented"
RENAMED = "renamed"


@dataclass(frozen=True)
class Candidate:
    """What the rules may look at: every text that could be read as the name of the one who signs."""

    name: str
    name_latin: str = ""
    filed_under: str = ""
    affiliation: str = ""


class Shown(Protocol):
    """Anything with the texts of a person: a signature, a signup, what was typed."""

    @property
    def name(self) -> str: ...
    @property
    def name_latin(self) -> str: ...
    @property
    def filed_under(self) -> str: ...
    @property
    def affiliation(self) -> str: ...


def candidate(person: Shown) -> Candidate:
    """What the rules look at, of anything that holds it."""
    return Candidate(person.name, person.name_latin, person.filed_under, person.affiliation)


def reasons(candidate: Candidate) -> list[str]:
    """The codes of all reasons to hold; empty when it may be published at once."""
    return [
        f"{LOOKS_LIKE}{watched.name}"[:200]
        for watched in WatchedName.objects.order_by("name")
        if looks_like(candidate, watched)
    ]


def looks_like(candidate: Candidate, watched: WatchedName) -> bool:
    """Whether any of the texts could be read as the watched name."""
    return any(_taken_for(text, watched) for text in set(vars(candidate).values()) if text)


def explain(code: str) -> str:
    """A reason in plain words, in the language in force."""
    if code.startswith(LOOKS_LIKE):
        return _("looks like the watched name “%(name)s”") % {"name": code.removeprefix(LOOKS_LIKE)}
    return str(_WORDS.get(code, code))


_WORDS = {
    SECOND: gettext_lazy("a second person who shares a mailbox with another signature"),
    REPRESENTED: gettext_lazy("signed by a representative: call back through a contact found independently"),
    RENAMED: gettext_lazy("the name was changed to one that looks like another person"),
}


def _taken_for(name: str, watched: WatchedName) -> bool:
    if names.skeleton(name) == watched.skeleton:
        return True
    folded = names.fold_untitled(name)
    return _nearly(folded, watched.search_key) or _nearly(_in_order(folded), _in_order(watched.search_key))


def _nearly(name: str, watched: str) -> bool:
    if fuzz.ratio(name, watched, score_cutoff=NEARLY_THE_SAME):
        return True
    return len(watched) >= ONE_LETTER_MATTERS and OSA.distance(name, watched, score_cutoff=1) <= 1


def _in_order(folded: str) -> str:
    """Its words in alphabetical order, so that "Vale, Ann" is compared with "Ann Vale"."""
    return " ".join(sorted(folded.split()))
