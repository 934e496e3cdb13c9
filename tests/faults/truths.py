"""What must be true after any fault: checked on the database, the pages and the mails."""

import re
from collections import Counter

from signatories.identity import mailbox
from tests.faults.house import House
from tests.faults.length import SEED
from tests.faults.visitors import Told


def nobody_is_lost(whole: House, told: Told) -> None:
    kept = {bytes(row[0]) for row in whole.rows("SELECT address_digest FROM signatories_signup")}
    lost = {address for address in told.received if mailbox.digest(address) not in kept}
    assert not lost, (SEED, lost)
    states = dict(whole.rows("SELECT address_digest, state FROM signatories_signature WHERE mailbox_place = 1"))
    found = {bytes(digest): state for digest, state in states.items()}
    unsigned = {address for address in told.confirmed if mailbox.digest(address) not in found}
    assert not unsigned, (SEED, unsigned)
    back = {address for address in told.withdrawn if found[mailbox.digest(address)] != "withdrawn"}
    assert not back, (SEED, back)


def count_is_rows_is_list(whole: House) -> None:
    published = whole.rows("SELECT named FROM signatories_signature WHERE state = 'published'")
    said = whole.ask("GET", "/api/v1/count").json
    assert said["count"] == len(published), SEED
    assert said["named"] == sum(bool(named) for (named,) in published), SEED
    assert _listed(whole) == said["named"], SEED


def _listed(whole: House) -> int:
    numbers: set[str] = set()
    path = "/signatories/"
    while path:
        page = whole.ask("GET", path).body
        numbers |= set(re.findall(r'href="/signatories/(\d+)/"', page))
        after = re.search(r'rel="next" href="(\?[^"]+)"', page)
        path = f"/signatories/{after[1].replace('&amp;', '&')}" if after else ""
    return len(numbers)


def one_link_each(whole: House, told: Told) -> None:
    """A form sent twice is one row and one link, however often it was mailed; to whom nothing can be mailed, none."""
    sent = [mail for mail in whole.mailbox.mails if "/confirm/" in mail.text]
    assert {mail.to[0] for mail in sent} >= {address for address in told.received if not bounces(address)}, SEED
    taken = Counter(mail.to[0] for mail in sent if mail.answered)
    # At least once: a worker that died between sending and marking sends once more, and may die again in a long run.
    assert max(taken.values()) <= 2, (SEED, taken.most_common(3))
    links: dict[str, set[tuple[str, str]]] = {}
    for mail in sent:
        links.setdefault(mail.to[0], set()).add((mail.path("confirm"), mail.message["Message-ID"]))
    assert all(len(found) == 1 for found in links.values()), SEED


def bounces(address: str) -> bool:
    return address.startswith("bounce")
