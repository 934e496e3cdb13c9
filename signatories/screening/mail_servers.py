"""Look-up of the mail servers of unknown domains in DNS, by a worker and never in a request.

A machine with thousands of mailboxes under many domains usually has one mail server; domains.py counts these together.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from declaration.ops.mail_check import Records, Unseen
from signatories.identity import mailbox
from signatories.models import MailServer
from signatories.screening import domains

MIN_PEOPLE = 3  # confirmed at a domain within an hour before DNS is asked about it
MAX_DOMAINS = 64  # asked about in one run
THREADS, TIMEOUT_SECONDS = 16, 2.0  # a run takes at most eight seconds if DNS does not answer
ASK_AGAIN_AFTER, RETRY_AFTER = timedelta(days=1), timedelta(hours=1)


def look_up(now: datetime, *, server: str = "") -> int:
    """Ask DNS (`server` as ADDRESS:PORT, or the system's resolver) about new domains; returns how many were asked.

    Domains with the most people come first. Errors of DNS are not raised: the domain is asked again after an hour.
    """
    asked = _to_ask(now)
    if not asked:
        return 0
    try:
        records = Records(server, seconds=TIMEOUT_SECONDS)
    except Unseen:
        return 0
    with ThreadPoolExecutor(THREADS) as asking:
        found = dict(zip(asked, asking.map(partial(_server_of, records), asked), strict=True))
    _store({domain: server for domain, server in found.items() if server is not None}, ["server"], now)
    _store(dict.fromkeys([domain for domain, server in found.items() if server is None], ""), [], now)
    return len(found)


def _to_ask(now: datetime) -> list[str]:
    counts = {
        domain: n for each in domains.bursts(MIN_PEOPLE, now).values() for domain, n in each.items() if n >= MIN_PEOPLE
    }
    answered = MailServer.objects.exclude(server="").filter(looked_up_at__gt=now - ASK_AGAIN_AFTER)
    silent = MailServer.objects.filter(server="", looked_up_at__gt=now - RETRY_AFTER)
    fresh = set(answered.union(silent).values_list("domain", flat=True))
    return sorted(counts.keys() - fresh, key=lambda domain: -counts[domain])[:MAX_DOMAINS]


def _server_of(records: Records, domain: str) -> str | None:
    """Return the registered domain of the first mail server; "" if there is none, None if DNS gave no answer."""
    try:
        servers = sorted((record.preference, str(record.exchange)) for record in records.ask(domain, "MX"))
    except Unseen:
        return None
    return mailbox.registered(servers[0][1].rstrip(".").lower()) if servers else ""


def _store(servers: dict[str, str], fields: list[str], now: datetime) -> None:
    rows = [MailServer(domain=domain, server=server, looked_up_at=now) for domain, server in servers.items()]
    MailServer.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["domain"], update_fields=[*fields, "looked_up_at"]
    )
