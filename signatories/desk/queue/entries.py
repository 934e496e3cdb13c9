"""Entries of the queue: those who wait, in an order, with the evidence beside each in plain words."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F, Q
from django.template.defaultfilters import pluralize
from django.utils.timesince import timesince

from signatories.desk.queue import claims
from signatories.models import Signature
from signatories.models.signature import LOOKS_LIKE, SignatureQuerySet, State
from signatories.screening import evidence, holds, risk
from signatories.screening.evidence import MOST, Evidence, OldName
from signatories.screening.holds import Reason

PAGE = 50


class Entry(NamedTuple):
    """One who waits: since when, why in a few words and in full, what speaks for or against them, who else looks.

    `old_name` is the one before it was changed.
    """

    signature: Signature
    age: str
    short: str
    reasons: list[Reason]
    evidence: list[str]
    old_name: OldName | None
    other: str
    urgent: bool


class Filter(NamedTuple):
    """Which of those who wait are shown, and in which order."""

    reason: str = ""
    domain: str = ""
    language: str = ""
    older: int = 0  # hours
    sort: str = "risk"


def held_signatures() -> SignatureQuerySet:
    """Return the signatures that wait for a decision."""
    return Signature.objects.filter(state=State.HELD)


def page(chosen: Filter, after: int | None, now: datetime) -> tuple[list[Signature], bool]:
    """Return a page of those who wait, from behind one of them, and whether there are more."""
    held = _placed(_chosen(chosen, now), chosen.sort, now)
    last = None if after is None else _placed(Signature.objects.filter(pk=after), chosen.sort, now).first()
    if last is not None:
        held = held.filter(_behind(last))
    rows = list(held.select_related("text")[: PAGE + 1])
    return rows[:PAGE], len(rows) > PAGE


def _chosen(chosen: Filter, now: datetime) -> SignatureQuerySet:
    held = held_signatures()
    if chosen.reason:
        held = risk.held_for(held, chosen.reason)
    if chosen.domain:
        held = held.filter(domain=chosen.domain)
    if chosen.language:
        held = held.filter(language=chosen.language)
    if chosen.older:
        held = held.filter(confirmed_at__lt=now - timedelta(hours=chosen.older))
    return held


def _placed(held: SignatureQuerySet, sort: str, now: datetime) -> SignatureQuerySet:
    """Order by `place` and `moment`, which are added; those who wait as long are in the order of their keys."""
    held = risk.ranked(held, now)
    if sort == "risk":
        found = held.annotate(place=risk.place(), moment=F("confirmed_at"))
    elif sort == "oldest":
        found = held.annotate(place=risk.nowhere(), moment=F("confirmed_at"))
    else:
        found = held.annotate(place=risk.nowhere(), moment=risk.backwards("confirmed_at", now))
    return found.order_by("place", "moment", "pk")


def _behind(last: Signature) -> Q:
    place, moment = last.place, last.moment  # type: ignore[attr-defined]  # added by _placed
    later = Q(moment__gt=moment) | Q(moment=moment, pk__gt=last.pk)
    return Q(place__gt=place) | (Q(place=place) & later)


def entries(signatures: Sequence[Signature], organizer: AbstractBaseUser, now: datetime) -> list[Entry]:
    """Return the entries of some signatures, with a number of queries that does not grow with them."""
    notes, found = holds.notes(signatures), evidence.collect(signatures, now)
    others = claims.of_others([each.pk for each in signatures], organizer, now)
    since = risk.urgent_since(now)
    return [
        Entry(
            signature=each,
            age=timesince(each.confirmed_at, now, depth=1),
            short="; ".join(map(_short, each.held_for)) or _SHORT[holds.ORGANIZER],
            reasons=holds.reasons(each, notes),
            evidence=list(_told(each, found[each.pk], now)),
            old_name=found[each.pk].old_name,
            other=others.get(each.pk, ""),
            urgent=each.confirmed_at < since,
        )
        for each in signatures
    ]


def _short(code: str) -> str:
    if code.startswith(LOOKS_LIKE):
        return f"like “{code.removeprefix(LOOKS_LIKE)}”"
    return "rule" if code.startswith(holds.RULE) else _SHORT.get(code, code)


_SHORT = {
    holds.SECOND: "second in a mailbox",
    holds.REPRESENTED: "by a representative",
    holds.GROUP: "group",
    holds.CROWD: "rush in one network",
    holds.UNSOLVED: "rush, no puzzle",
    holds.DOMAIN: "burst of a mail domain",
    holds.DISPOSABLE: "throw-away mailbox",
    holds.RENAMED: "renamed",
    holds.REVIEW: "looked at before it is shown",
    holds.ORGANIZER: "held by an organizer",
}


def _told(signature: Signature, found: Evidence, now: datetime) -> Iterator[str]:
    """Tell the evidence in plain words; what is nothing special is not told."""
    if signature.domain and found.domain_since:
        age = timesince(found.domain_since, now, depth=1)
        lately = f", {_some(found.of_domain_lately)} within the last hour" if found.of_domain_lately else ""
        words = f"{_some(found.of_domain)} signature{pluralize(found.of_domain)}{lately}; the first {age} ago."
        yield f"Mail at {signature.domain}: {words}"
    if found.of_network:
        people = pluralize(found.of_network, "other,others")
        yield f"{_some(found.of_network)} {people} confirmed from the same network within ten minutes."
    if found.mailbox:
        before = ", ".join(f"{count} {State(state).label}" for state, count in sorted(found.mailbox.items()))
        yield f"The same mailbox has signed before: {before}."
    if found.same_name:
        yield f"{_some(found.same_name)} {pluralize(found.same_name, 'stands,stand')} on the list under such a name."
    if found.same_words:
        people = pluralize(found.same_words, "other says,others say")
        yield f"{_some(found.same_words)} {people} “{signature.affiliation}”, too."


def _some(count: int) -> str:
    """A count, of which more than MOST are not counted."""
    return f"{count} or more" if count >= MOST else str(count)
