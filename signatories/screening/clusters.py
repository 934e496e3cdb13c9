"""Clusters: people who wait and came together, so that one decision can be made about all of them.

What holds them together is a mail domain, a mail server of unknown domains, a network, the same words, or a minute.
Those of the same burst who were published before it was seen belong to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from signatories.models import Listed, MailServer, Signature, Signup
from signatories.models.limits import ListKind
from signatories.models.signature import State
from signatories.screening import domains
from signatories.screening.conditions import Conditions, matching, undecided

READ = 10_000  # of those who wait, the newest
LEAST = 5  # who make a cluster
LEAST_OF_MINUTE = 20  # in a rush many confirm in one minute
BEFORE = timedelta(hours=1)  # the first of a burst: published so long before the first who waits
MOST_SHOWN = 50
SAMPLE = 3
COUNTED = 1000  # of the published ones; more are not counted
MOSTLY = 0.8  # a cluster whose people are mostly in a larger one is not told again
_PROVIDERS = (ListKind.DOMAIN, ListKind.PROVIDER)


class Kind(StrEnum):
    """What people of a cluster have in common; in this order, where two clusters are equally large."""

    SERVER = "server"
    DOMAIN = "domain"
    NETWORK = "network"
    WORDS = "words"
    MINUTE = "minute"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """People who wait and have something in common; `published` others have it, and nobody has decided about them.

    `conditions` match exactly these people, and who comes later and has the same in common.
    """

    kind: Kind
    key: str
    held: frozenset[int]
    first: datetime
    last: datetime
    conditions: Conditions
    published: int = 0
    names: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.held) + self.published

    @property
    def minutes(self) -> int:
        """Within how many minutes they confirmed."""
        return int((self.last - self.first).total_seconds() // 60) + 1


@dataclass(frozen=True)
class _Waiting:
    """One who waits: what may be shared with others."""

    pk: int
    name: str
    domain: str
    affiliation: str
    confirmed_at: datetime


def clusters() -> list[Cluster]:
    """Return the clusters among those who wait and about whom nobody has decided, largest first.

    A minute says the least: it is told of those alone who have nothing else in common.
    """
    waiting = _waiting()
    found = sorted(_found(waiting), key=_first_told)
    kept: list[Cluster] = []
    for each in found:
        if not _covered(each, kept):
            kept.append(each)
    names = {each.pk: each.name for each in waiting}
    return [_completed(each, names) for each in kept[:MOST_SHOWN]]


def _first_told(cluster: Cluster) -> tuple[bool, int, int, str]:
    return cluster.kind == Kind.MINUTE, -len(cluster.held), list(Kind).index(cluster.kind), cluster.key


def _covered(cluster: Cluster, others: Iterable[Cluster]) -> bool:
    """Whether its people are mostly told of by others: by one of them, or, of a minute, by all together."""
    each = [other.held for other in others]
    told = [frozenset().union(*each)] if cluster.kind == Kind.MINUTE else each
    return any(len(cluster.held & other) >= MOSTLY * len(cluster.held) for other in told)


def _waiting() -> list[_Waiting]:
    held = undecided(Signature.objects.filter(state=State.HELD)).order_by("-confirmed_at", "-pk")
    return [_Waiting(*row) for row in held.values_list("pk", "name", "domain", "affiliation", "confirmed_at")[:READ]]


def _found(waiting: list[_Waiting]) -> Iterator[Cluster]:
    by_key: dict[tuple[Kind, str], list[_Waiting]] = defaultdict(list)
    known = set(
        Listed.objects.filter(kind__in=_PROVIDERS, value__in={each.domain for each in waiting}).values_list(
            "value", flat=True
        )
    )
    servers = _servers({each.domain for each in waiting} - known)
    networks = _networks(waiting)
    for each in waiting:
        if each.domain and each.domain not in known:
            by_key[Kind.DOMAIN, each.domain].append(each)
            if each.domain in servers:
                by_key[Kind.SERVER, servers[each.domain]].append(each)
        if each.pk in networks:
            by_key[Kind.NETWORK, networks[each.pk]].append(each)
        if each.affiliation:
            by_key[Kind.WORDS, each.affiliation].append(each)
        by_key[Kind.MINUTE, each.confirmed_at.astimezone(UTC).isoformat()[:16]].append(each)
    for (kind, key), people in by_key.items():
        if len(people) >= (LEAST_OF_MINUTE if kind == Kind.MINUTE else LEAST):
            yield _cluster(kind, key, people)


def _servers(unknown: set[str]) -> dict[str, str]:
    """Return the mail server of each unknown domain that shares one with others; see domains.group_name."""
    names = set(MailServer.objects.filter(domain__in=unknown).exclude(server="").values_list("server", flat=True))
    groups = domains.groups([name for name in names if name not in _large(names)])
    return {domain: name for name, each in groups.items() if len(each) > 1 for domain in each}


def _large(names: set[str]) -> set[str]:
    kinds = (*_PROVIDERS, ListKind.SERVER)
    return set(Listed.objects.filter(kind__in=kinds, value__in=names).values_list("value", flat=True))


def _networks(waiting: list[_Waiting]) -> dict[int, str]:
    """Return from which network each of those who wait sent the form, while that is kept."""
    sent = Signup.objects.filter(signature__in=[each.pk for each in waiting]).exclude(network=b"")
    return {pk: bytes(network).hex() for pk, network in sent.values_list("signature", "network")}


def _cluster(kind: Kind, key: str, people: list[_Waiting]) -> Cluster:
    first, last = min(each.confirmed_at for each in people), max(each.confirmed_at for each in people)
    return Cluster(
        kind=kind, key=key, held=frozenset(each.pk for each in people), first=first, last=last,
        conditions=_conditions(kind, key, first),
    )  # fmt: skip


def _conditions(kind: Kind, key: str, first: datetime) -> Conditions:
    if kind == Kind.MINUTE:
        minute = datetime.fromisoformat(f"{key}+00:00")
        until = minute + timedelta(minutes=1)
        return Conditions(states=(State.HELD,), since=minute.isoformat(), until=until.isoformat())
    common = Conditions(since=(first - BEFORE).isoformat())
    match kind:
        case Kind.DOMAIN:
            return replace(common, domain=key)
        case Kind.SERVER:
            return replace(common, server=key)
        case Kind.NETWORK:
            return replace(common, network=key)
        case Kind.WORDS:
            return replace(common, affiliation=key)


def _completed(cluster: Cluster, names: dict[int, str]) -> Cluster:
    """Add some names, and how many of the same burst are published."""
    some = sorted(cluster.held)
    some = [some[n * len(some) // SAMPLE] for n in range(SAMPLE)]
    return replace(cluster, names=tuple(names[pk] for pk in some), published=_published(cluster))


def _published(cluster: Cluster) -> int:
    if cluster.kind == Kind.MINUTE:
        return 0
    return matching(replace(cluster.conditions, states=(State.PUBLISHED,))).order_by()[:COUNTED].count()
