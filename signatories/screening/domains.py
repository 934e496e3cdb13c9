"""Mail domains: known, disposable or unknown, and which unknown domains are counted as one group.

Unknown domains behind one mail server are a group, because a machine can register many domains for one server.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_

from cryptography.fernet import InvalidToken
from disposable_email_domains import blocklist
from django.db.models import Exists, F, OuterRef, Q

from signatories.identity import mailbox
from signatories.models.limits import Listed, ListKind, MailServer
from signatories.models.signature import Signature, SignatureQuerySet

BURST_WINDOW = timedelta(hours=1)
FEW = 10  # domains
_KNOWN = (ListKind.DOMAIN, ListKind.PROVIDER)
_RATED = (*_KNOWN, ListKind.DISPOSABLE)


class Reputation(StrEnum):
    KNOWN = "known"
    DISPOSABLE = "disposable"
    UNKNOWN = "unknown"


def reputation(host: str) -> Reputation:
    """Return the reputation of a mail host: of its own entry, else of the nearest listed parent domain."""
    names = _host_and_parents(host)
    listed: dict[str, set[str]] = {}
    for value, kind in Listed.objects.filter(kind__in=_RATED, value__in=names).values_list("value", "kind"):
        listed.setdefault(value, set()).add(kind)
    for name in names:
        kinds = listed.get(name, set())
        if kinds.intersection(_KNOWN):
            return Reputation.KNOWN
        if ListKind.DISPOSABLE in kinds or name in blocklist:
            return Reputation.DISPOSABLE
    return Reputation.UNKNOWN


def group_name(domain: str) -> str:
    """Return the name of the group of an unknown domain: its mail server, or the domain itself.

    The domain itself if its server is not looked up yet, or belongs to a large provider: the domains of its customers
    have nothing in common.
    """
    return _servers_of([domain]).get(domain, domain)


def group_domains(name: str) -> list[str]:
    """Return the unknown domains of a group: the domain of that name, and those behind the mail server of that name."""
    return groups([name])[name]


def groups(names: Collection[str]) -> dict[str, list[str]]:
    """Return the unknown domains of several groups, by their names."""
    found = {name: [name] for name in names}
    behind = MailServer.objects.filter(server__in=found).exclude(_is_listed("domain", *_KNOWN))
    for server, domain in behind.exclude(domain=F("server")).values_list("server", "domain"):
        found[server].append(domain)
    return found


def recent_unknown(domains: Collection[str], now: datetime) -> SignatureQuerySet:
    """Return the signatures confirmed within the last hour with mail at these domains, which must be unknown."""
    return _without_known_parts(_confirmed_lately(now).filter(domain__in=domains), domains)


def bursts(least: int, now: datetime) -> dict[str, Counter[str]]:
    """Find groups with `least` or more signatures confirmed within the last hour; returns counts by group, domain."""
    lately = _confirmed_lately(now).exclude(domain="").exclude(_is_listed("domain", *_KNOWN)).order_by()
    unknown = _without_known_parts(lately, set(lately.values_list("domain", flat=True)))
    counts = Counter(unknown.values_list("domain", flat=True))
    servers = _servers_of(counts)
    found: dict[str, Counter[str]] = {}
    for domain, count in counts.items():
        found.setdefault(servers.get(domain, domain), Counter())[domain] = count
    return {name: each for name, each in found.items() if each.total() >= least}


def _host_and_parents(host: str) -> list[str]:
    """Return a host and its parent domains, nearest first, without the top-level domain."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]


def _confirmed_lately(now: datetime) -> SignatureQuerySet:
    since = now - BURST_WINDOW
    # A row confirmed since then has changed since then; `changed_at` is asked too because it has an index.
    return Signature.objects.filter(confirmed_at__gt=since, changed_at__gt=since)


def _is_listed(column: str, *kinds: ListKind) -> Exists:
    """A condition that looks each row up in the list, which may be long, instead of reading the list."""
    return Exists(Listed.objects.filter(kind__in=kinds, value=OuterRef(column)))


def _servers_of(domains: Collection[str]) -> dict[str, str]:
    """Return the mail servers of domains, where they are looked up and unknown."""
    found = MailServer.objects.filter(domain__in=domains).exclude(server="")
    return dict(found.exclude(_is_listed("server", *_KNOWN, ListKind.SERVER)).values_list("domain", "server"))


def _without_known_parts(signatures: SignatureQuerySet, domains: Collection[str]) -> SignatureQuerySet:
    """Leave out signatures with mail at a known subdomain of one of the unknown `domains`, as `students.uni-x.ac.uk`.

    A row stores only the registered domain, so addresses have to be unsealed for this. It is done only for domains with
    such a subdomain on the list.
    """
    above = set(domains)
    listed = Listed.objects.filter(kind__in=_KNOWN)
    if len(above) <= FEW:  # the database compares few with the list faster than the list is read
        listed = listed.filter(reduce(or_, (Q(value__endswith=f".{domain}") for domain in above), Q(pk=None)))
    names = listed.values_list("value", flat=True)
    parts = {name for name in names if not above.isdisjoint(_host_and_parents(name)[1:])}
    if not parts:
        return signatures
    rows = signatures.filter(domain__in={mailbox.registered(part) for part in parts})
    known = [pk for pk, sealed in rows.values_list("pk", "address_sealed") if not _hosts_of(sealed).isdisjoint(parts)]
    return signatures.exclude(pk__in=known)


def _hosts_of(sealed: bytes | memoryview) -> set[str]:
    try:
        return set(_host_and_parents(mailbox.host_of(mailbox.unseal(bytes(sealed)))))
    except InvalidToken:
        return set()
