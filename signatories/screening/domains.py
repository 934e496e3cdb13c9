"""Mail domains: which are known, which throw-away, and which of those that nobody knows are counted together."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.fernet import InvalidToken
from disposable_email_domains import blocklist
from django.db.models import QuerySet

from signatories.identity import mailbox
from signatories.models.limits import Listed, ListKind, MailServer
from signatories.models.signature import Signature, SignatureQuerySet

BURST_WINDOW = timedelta(hours=1)
_KNOWN = (ListKind.DOMAIN, ListKind.PROVIDER)


class Reputation(StrEnum):
    """What is thought of a mail host."""

    KNOWN = "known"
    DISPOSABLE = "disposable"
    UNKNOWN = "unknown"


def reputation(host: str) -> Reputation:
    """What the listed name nearest to a mail host says: its own, or that of a domain it lies in."""
    names = _host_and_parents(host)
    listed: dict[str, set[str]] = {}
    for value, kind in Listed.objects.filter(value__in=names).values_list("value", "kind"):
        listed.setdefault(value, set()).add(kind)
    for name in names:
        kinds = listed.get(name, set())
        if kinds.intersection(_KNOWN):
            return Reputation.KNOWN
        if ListKind.DISPOSABLE in kinds or name in blocklist:
            return Reputation.DISPOSABLE
    return Reputation.UNKNOWN


def group_name(domain: str) -> str:
    """Under which name the people of an unknown domain are counted: its mail server's, or its own.

    Its own while no server was looked up, or if that is a large one, where neighbours have nothing in common.
    """
    return _servers_of([domain]).get(domain, domain)


def group_domains(name: str) -> list[str]:
    """The unknown domains that are counted under one name: the domain so named, and those behind such a mail server."""
    behind = MailServer.objects.filter(server=name).exclude(domain__in=_listed_values(*_KNOWN))
    return [name, *behind.exclude(domain=name).values_list("domain", flat=True)]


def recent_unknown(domains: Collection[str], now: datetime) -> SignatureQuerySet:
    """Who confirmed within the last hour with mail at one of these domains, all of them unknown."""
    return _without_known_parts(_confirmed_lately(now).filter(domain__in=domains))


def bursts(least: int, now: datetime) -> dict[str, Counter[str]]:
    """Where at least so many unknown people confirmed within the last hour: how many of each domain, by common name."""
    lately = _without_known_parts(_confirmed_lately(now).exclude(domain="").exclude(domain__in=_listed_values(*_KNOWN)))
    counts = Counter(lately.order_by().values_list("domain", flat=True))
    servers = _servers_of(counts)
    found: dict[str, Counter[str]] = {}
    for domain, count in counts.items():
        found.setdefault(servers.get(domain, domain), Counter())[domain] = count
    return {name: each for name, each in found.items() if each.total() >= least}


def _host_and_parents(host: str) -> list[str]:
    """A host and the domains it lies in, nearest first; no top-level domain."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]


def _confirmed_lately(now: datetime) -> SignatureQuerySet:
    since = now - BURST_WINDOW
    # Whoever confirmed since has changed since, and there is an index of that.
    return Signature.objects.filter(confirmed_at__gt=since, changed_at__gt=since)


def _listed_values(*kinds: ListKind) -> QuerySet[Listed, str]:
    return Listed.objects.filter(kind__in=kinds).values_list("value", flat=True)


def _servers_of(domains: Collection[str]) -> dict[str, str]:
    """The mail servers of domains, as far as they are looked up and not known."""
    found = MailServer.objects.filter(domain__in=domains).exclude(server="")
    return dict(found.exclude(server__in=_listed_values(*_KNOWN, ListKind.SERVER)).values_list("domain", "server"))


def _without_known_parts(signatures: SignatureQuerySet) -> SignatureQuerySet:
    """Without those at a known part of an unknown domain, as `students.uni-x.ac.uk` of `uni-x.ac.uk`.

    Only where such a part is listed are addresses opened, for nothing else is kept of them but the domain.
    """
    names = Listed.objects.filter(kind__in=_KNOWN, value__regex=r"\..*\.").values_list("value", flat=True)
    parts = {name for name in names if mailbox.registered(name) != name}
    if not parts:
        return signatures
    rows = signatures.filter(domain__in={mailbox.registered(part) for part in parts})
    known = [pk for pk, sealed in rows.values_list("pk", "address_sealed") if parts.intersection(_hosts_of(sealed))]
    return signatures.exclude(pk__in=known)


def _hosts_of(sealed: bytes | memoryview) -> list[str]:
    try:
        return _host_and_parents(mailbox.host_of(mailbox.unseal(bytes(sealed))))
    except InvalidToken:
        return []
