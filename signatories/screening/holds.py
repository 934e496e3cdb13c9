"""Rules that hold a signature for an organizer's decision. Confirming, correcting and the desk use the same ones."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.fernet import InvalidToken
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from signatories.identity import mailbox
from signatories.models import Rule, Signature, signer_fields
from signatories.models import settings as site
from signatories.models.person import Person
from signatories.models.signature import HELD_BY_ORGANIZER, HELD_GROUP, HELD_REPRESENTED, LOOKS_LIKE, State
from signatories.models.signer_fields import ConfirmedInput
from signatories.models.signup import Signup
from signatories.models.watched import WatchedName
from signatories.screening import domains, likeness, watch_list
from signatories.screening.domains import Reputation

SECOND = "second-in-mailbox"
REPRESENTED, GROUP = HELD_REPRESENTED, HELD_GROUP
RENAMED = "renamed"
CROWD = "crowd"
UNSOLVED = "unsolved"
DOMAIN = "many-of-domain"
DISPOSABLE = "disposable-mailbox"
REVIEW = "review"
RULE = "rule:"  # followed by the key of the rule
ORGANIZER = HELD_BY_ORGANIZER
# These reasons say nothing about the person, so such signatures are published after some hours if nobody objects.
VOLUME = (CROWD, UNSOLVED)
# These tell nothing of who somebody is, but where they come from, or when: a rule of an organizer may publish them.
ABOUT_ORIGIN = (*VOLUME, DOMAIN, DISPOSABLE, REVIEW)
CROWD_WINDOW = timedelta(minutes=10)
LONGEST_CODE = 200  # characters, as the column has; the name in a reason is cut


class Reason(NamedTuple):
    """Why a signature waits, in plain words, and what organizers noted about the watched name."""

    words: str
    note: str


def candidate(person: Signature | ConfirmedInput) -> frozenset[str]:
    """Texts of a signature or of typed input that could be read as the signer's name; the name rules compare them.

    A name of one word is also read together with what is shown beside it.
    """
    texts = [str(signer_fields.plain(person, f.column)) for f in signer_fields.FIELDS if f.like_a_name]
    beside = [f"{person.name} {text}" for text in texts if text] if len(person.name.split()) == 1 else []
    return frozenset(text for text in [*texts, *beside] if text)


def name_reasons(candidate: Set[str]) -> list[str]:
    """Return a reason for each watched name that the candidate looks like."""
    return [f"{LOOKS_LIKE}{name}"[:LONGEST_CODE] for name in watch_list.current().matches(candidate)]


def mailbox_reasons(person: Person, now: datetime) -> list[str]:
    """Return the reasons from the mail domain: a disposable mailbox, or many confirmed from an unknown domain.

    Only confirmed signatures are counted, so that nobody without access to mailboxes of a domain can have its people
    held.
    """
    try:
        host = mailbox.host_of(mailbox.unseal(bytes(person.address_sealed)))
    except InvalidToken:  # sealed with a lost key: only the registered domain is known
        host = person.domain
    reputation = domains.reputation(host)
    if reputation == Reputation.KNOWN:
        return []
    found = [DISPOSABLE] if reputation == Reputation.DISPOSABLE else []
    most = site.current(now).most_per_domain
    burst = domains.recent_unknown(domains.group_domains(domains.group_name(person.domain)), now)
    return found + ([DOMAIN] if len(burst.order_by().values("pk")[:most]) >= most else [])


def network_reasons(signup: Signup, now: datetime) -> list[str]:
    """Return the reason from the network of the form: the limit of published signatures is reached there.

    Only published signatures count, so that a machine in the same network does not use up the limit for people: its
    forms are not confirmed, or are held.
    """
    most = site.current(now).most_per_network
    lately = Signup.objects.filter(network=signup.network, confirmed_at__gt=now - CROWD_WINDOW)
    published = lately.filter(signature__state=State.PUBLISHED)
    return [CROWD] if signup.network and len(published.values("pk")[:most]) >= most else []


def review_reasons(now: datetime) -> list[str]:
    """Return the reason for everybody, while organizers look at each signature before it is published."""
    return [] if site.current(now).published_at_once else [REVIEW]


def looks_like(candidate: Set[str], watched: WatchedName) -> bool:
    """Return whether any of the texts could be read as the watched name."""
    sought = likeness.Watched(watched.name, watched.search_key, watched.skeleton)
    return any(likeness.reads_as(likeness.Text(text), sought) for text in candidate)


def explain(code: str, *, of_group: bool = False) -> str:
    """Describe a reason in plain words, in the active language."""
    if code == RENAMED and of_group:
        return _("the name of a group was changed: make sure that it is still this group, and wants it")
    if code.startswith(LOOKS_LIKE):
        return _("looks like the watched name “%(name)s”") % {"name": code.removeprefix(LOOKS_LIKE)}
    return str(_EXPLANATIONS[RULE] if code.startswith(RULE) else _EXPLANATIONS.get(code, code))


def notes(signatures: Collection[Signature]) -> dict[str, str]:
    """Return what organizers noted, by the code of the reason: about a watched name, or the name of a rule."""
    codes = [code for signature in signatures for code in signature.held_for]
    noted = watched_of(codes).exclude(note="").values_list("name", "note")
    found = {f"{LOOKS_LIKE}{name}"[:LONGEST_CODE]: note for name, note in noted}
    keys = {code.removeprefix(RULE) for code in codes if code.startswith(RULE)}
    titles = Rule.objects.filter(pk__in=map(int, keys)).values_list("pk", "title") if keys else ()
    return found | {f"{RULE}{pk}": title for pk, title in titles}


def watched_of(codes: Iterable[str]) -> QuerySet[WatchedName]:
    """Return the watched names that reasons to hold are about; those that are watched no longer are left out."""
    cut = {code.removeprefix(LOOKS_LIKE) for code in codes if code.startswith(LOOKS_LIKE)}
    if not cut:
        return WatchedName.objects.none()
    return WatchedName.objects.alias(cut=Left("name", LONGEST_CODE - len(LOOKS_LIKE))).filter(cut__in=cut)


def code_of(watched: WatchedName) -> str:
    """Return the reason to hold what looks like this name."""
    return f"{LOOKS_LIKE}{watched.name}"[:LONGEST_CODE]


def reasons(signature: Signature, notes: Mapping[str, str]) -> list[Reason]:
    """Return why a signature is held; `notes` are those of a page of signatures."""
    return [Reason(explain(code, of_group=signature.is_group), notes.get(code, "")) for code in signature.held_for]


def tell_signer(codes: Sequence[str]) -> str:
    """Why a signature waits, as its signer is told: one reason, and no watched name."""
    told = [_TOLD[LOOKS_LIKE] if code.startswith(LOOKS_LIKE) else _TOLD.get(code) for code in codes]
    return str(next(filter(None, told), gettext_lazy("because something might be a mistake")))


_TOLD = {
    LOOKS_LIKE: gettext_lazy("because it resembles one that many people know"),
    RENAMED: gettext_lazy("because it was changed to another one"),
    SECOND: gettext_lazy("because two people share a mailbox"),
    GROUP: gettext_lazy("because a person makes sure that the group wants it"),
    CROWD: gettext_lazy("because very many have signed from your network within minutes"),
    UNSOLVED: gettext_lazy("because very many have signed from your network within minutes"),
    DOMAIN: gettext_lazy("because many mailboxes like yours have signed within an hour"),
    DISPOSABLE: gettext_lazy("because the mailbox is one that is used only once"),
    REVIEW: gettext_lazy("because at the moment a person looks at every signature before it is shown"),
}
_EXPLANATIONS = {
    SECOND: gettext_lazy("a second person who shares a mailbox with another signature"),
    REPRESENTED: gettext_lazy("signed by a representative: call back through a contact found independently"),
    GROUP: gettext_lazy("a group, signed by its speaker: make sure through a contact found independently"),
    CROWD: gettext_lazy("very many signatures from one network within minutes"),
    UNSOLVED: gettext_lazy("many signatures from one network, and neither the puzzle was solved nor the code typed"),
    DOMAIN: gettext_lazy("many signatures of one mail domain or mail server that nobody knows, within an hour"),
    DISPOSABLE: gettext_lazy("a throw-away mailbox"),
    REVIEW: gettext_lazy("everybody waits at the moment, until somebody has looked"),
    ORGANIZER: gettext_lazy("held by an organizer"),
    RULE: gettext_lazy("matches a rule of the organizers"),
    RENAMED: gettext_lazy("the name was changed to another one, which may be somebody else’s"),
}
