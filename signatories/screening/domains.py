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

BURST = timedelta(hours=1)
_KNOWN = (ListKind.DOMAIN, ListKind.PROVIDER)


class Standing(StrEnum):
    """What is thought of a mail host."""

    KNOWN = "known"
    THROW_AWAY = "throw-away"
    UNKNOWN = "unknown"


def standing(host: str) -> Standing:
    """What the listed name nearest to a mail host says: its own, or that of a domain it lies in."""
    names = _upwards(host)
    listed: dict[str, set[str]] = {}
    for value, kind in Listed.objects.filter(value__in=names).values_list("value", "kind"):
        listed.setdefault(value, set()).add(kind)
    for name in names:
        kinds = listed.get(name, set())
        if kinds.intersection(_KNOWN):
            return Standing.KNOWN
        if ListKind.DISPOSABLE in kinds or name in blocklist:
            return Standing.THROW_AWAY
    return Standing.UNKNOWN


def counted_as(domain: str) -> str:
    """Under which name the people of an unknown domain are counted: its mail server's, or its own.

    Its own while no server was looked up, or if that is a large one, where neighbours have nothing in common.
    """
    return _servers([domain]).get(domain, domain)


def together(name: str) -> list[str]:
    """The unknown domains that are counted under one name: the domain so named, and those behind such a mail server."""
    behind = MailServer.objects.filter(server=name).exclude(domain__in=_listed(*_KNOWN))
    return [name, *behind.exclude(domain=name).values_list("domain", flat=True)]


def strangers(domains: Collection[str], now: datetime) -> SignatureQuerySet:
    """Who confirmed within the last hour with mail at one of these domains, all of them unknown."""
    return _unknown(_lately(now).filter(domain__in=domains))


def bursts(least: int, now: datetime) -> dict[str, Counter[str]]:
    """Where at least so many unknown people confirmed within the last hour: how many of each domain, by common name."""
    lately = _unknown(_lately(now).exclude(domain="").exclude(domain__in=_listed(*_KNOWN)))
    counts = Counter(lately.order_by().values_list("domain", flat=True))
    servers = _servers(counts)
    found: dict[str, Counter[str]] = {}
    for domain, count in counts.items():
        found.setdefault(servers.get(domain, domain), Counter())[domain] = count
    return {name: each for name, each in found.items() if each.total() >= least}


def _upwards(host: str) -> list[str]:
    """A host and the domains it lies in, nearest first; no top-level domain."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]


def _lately(now: datetime) -> SignatureQuerySet:
    since = now - BURST
    # Whoever confirmed since has changed since, and there is an index of that.
    return Signature.objects.filter(confirmed_at__gt=since, changed_at__gt=since)


def _listed(*kinds: ListKind) -> QuerySet[Listed, str]:
    return Listed.objects.filter(kind__in=kinds).values_list("value", flat=True)


def _servers(domains: Collection[str]) -> dict[str, str]:
    """The mail servers of domains, as far as they are looked up and not known."""
    found = MailServer.objects.filter(domain__in=domains).exclude(server="")
    return dict(found.exclude(server__in=_listed(*_KNOWN, ListKind.SERVER)).values_list("domain", "server"))


def _unknown(signatures: SignatureQuerySet) -> SignatureQuerySet:
    """Without those at a known part of an unknown domain, as `students.uni-x.ac.uk` of `uni-x.ac.uk`.

    Only where such a part is listed are addresses opened, for nothing else is kept of them but the domain.
    """
    names = Listed.objects.filter(kind__in=_KNOWN, value__regex=r"\..*\.").values_list("value", flat=True)
    parts = {name for name in names if mailbox.registered(name) != name}
    if not parts:
        return signatures
    rows = signatures.filter(domain__in={mailbox.registered(part) for part in parts})
    known = [pk for pk, sealed in rows.values_list("pk", "address_sealed") if parts.intersection(_hosts(sealed))]
    return signatures.exclude(pk__in=known)


def _hosts(sealed: bytes | memoryview) -> list[str]:
    try:
        return _upwards(mailbox.host_of(mailbox.unseal(bytes(sealed))))
    except InvalidToken:
        return []
