"""Why a signature waits for a person: every such rule, in one place, used at confirmation and by organizers."""

from collections.abc import Set
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from signatories.identity import mailbox, names
from signatories.models import Signature, signer_fields
from signatories.models.limits import Limits
from signatories.models.person import Person
from signatories.models.signature import HELD_BY_ORGANIZER, State
from signatories.models.signer_fields import ConfirmedInput
from signatories.models.signup import Signup
from signatories.models.watched import WatchedName
from signatories.screening import domains
from signatories.screening.domains import Standing

# Folded names count as the watched name from this similarity on (0 to 100): a changed letter in ten. In a shorter name
# one changed, missing, added or swapped letter counts too, unless so few letters are left that many names would.
NEARLY_THE_SAME = 90.0
ONE_LETTER_MATTERS = 5  # letters
LOOKS_LIKE = "looks-like:"
SECOND = "second-in-mailbox"
REPRESENTED = "represented"
RENAMED = "renamed"
CROWD = "crowd"
UNSOLVED = "unsolved"
DOMAIN = "many-of-domain"
DISPOSABLE = "disposable-mailbox"
ORGANIZER = HELD_BY_ORGANIZER
# Held for these alone, nobody said anything about the person: published after some hours unless somebody objects.
VOLUME = (CROWD, UNSOLVED)
CROWD_WITHIN = timedelta(minutes=10)


def candidate(person: Signature | ConfirmedInput) -> frozenset[str]:
    """The texts that could be read as the name of the person; what the rules on names compare."""
    texts = (str(signer_fields.plain(person, f.column)) for f in signer_fields.FIELDS if f.like_a_name)
    return frozenset(text for text in texts if text)


def reasons(candidate: Set[str]) -> list[str]:
    """The codes of all reasons to hold; empty when it may be published at once."""
    return [
        f"{LOOKS_LIKE}{watched.name}"[:200]
        for watched in WatchedName.objects.order_by("name")
        if looks_like(candidate, watched)
    ]


def of_mailbox(person: Person, now: datetime) -> list[str]:
    """The reasons that lie in the mail domain: throw-away mailboxes, or many confirmed from one that nobody knows.

    Only confirmed ones are counted: who cannot read the mail of a domain cannot make its people wait.
    """
    try:
        host = mailbox.host_of(mailbox.unseal(bytes(person.address_sealed)))
    except InvalidToken:  # sealed under a lost key: less is known then
        host = person.domain
    standing = domains.standing(host)
    if standing == Standing.KNOWN:
        return []
    found = [DISPOSABLE] if standing == Standing.THROW_AWAY else []
    most = Limits.current().most_per_domain
    burst = domains.strangers(domains.together(domains.counted_as(person.domain)), now)
    return found + ([DOMAIN] if len(burst.order_by().values("pk")[:most]) >= most else [])


def of_network(signup: Signup, now: datetime) -> list[str]:
    """The reason that lies in where a form came from: as many as are taken were published from there within minutes.

    Neither forms without a confirmation nor people who are held count: so a machine takes nothing from its neighbours.
    """
    most = Limits.current().most_per_network
    lately = Signup.objects.filter(network=signup.network, confirmed_at__gt=now - CROWD_WITHIN)
    published = lately.filter(signature__state=State.PUBLISHED)
    return [CROWD] if signup.network and len(published.values("pk")[:most]) >= most else []


def looks_like(candidate: Set[str], watched: WatchedName) -> bool:
    """Whether any of the texts could be read as the watched name."""
    return any(_taken_for(text, watched) for text in candidate)


def explain(code: str) -> str:
    """A reason in plain words, in the language in force."""
    if code.startswith(LOOKS_LIKE):
        return _("looks like the watched name “%(name)s”") % {"name": code.removeprefix(LOOKS_LIKE)}
    return str(_WORDS.get(code, code))


_WORDS = {
    SECOND: gettext_lazy("a second person who shares a mailbox with another signature"),
    REPRESENTED: gettext_lazy("signed by a representative: call back through a contact found independently"),
    CROWD: gettext_lazy("very many signatures from one network within minutes"),
    UNSOLVED: gettext_lazy("many signatures from one network, and neither the puzzle was solved nor the code typed"),
    DOMAIN: gettext_lazy("many signatures of one mail domain or mail server that nobody knows, within an hour"),
    DISPOSABLE: gettext_lazy("a throw-away mailbox"),
    ORGANIZER: gettext_lazy("held by an organizer"),
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
