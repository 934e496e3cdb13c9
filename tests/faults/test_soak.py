"""Random acts of visitors while parts are killed and started again: nobody who was told "received" is lost.

FAULTS_SECONDS is how long (default a short form; `make faults` takes ten minutes). F1–F5, F9, F15–F18, F23, F25.
"""

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from pathlib import Path

from signatories import mailbox
from tests.faults.house import House, house, wait_for
from tests.faults.visitors import Told, crowd

SECONDS = float(os.environ.get("FAULTS_SECONDS", "15"))
SEED = int(os.environ.get("FAULTS_SEED", "0")) or random.randrange(2**32)
VISITORS = 6


def test_whoever_was_told_received_has_a_row(tmp_path: Path) -> None:
    told, stop = Told(), threading.Event()
    with house(tmp_path) as whole:
        threads = crowd(whole, told, stop, VISITORS, SEED)
        _break_things(whole, SECONDS)
        stop.set()
        for thread in threads:
            thread.join(60)
        wait_for(whole.ready, 90, whole.look)
        wait_for(lambda: not whole.rows("SELECT FROM signatories_signup WHERE mail_state = 'waiting'"), 90, whole.look)
        wait_for(lambda: not whole.rows("SELECT FROM signatories_tallydelta"), 60, whole.look)
        time.sleep(1.5)  # a page is that old
        _nobody_is_lost(whole, told)
        _count_is_rows_is_list(whole)
        _one_link_each(whole, told)
    assert not told.broken, (SEED, told.broken)
    assert len(told.received) > SECONDS
    assert told.confirmed
    print(f"seed {SEED}: {len(told.received)} received, {len(told.confirmed)} confirmed, {told.unavailable} try again")  # noqa: T201


def _break_things(whole: House, seconds: float) -> None:
    """Every few seconds something dies; the supervisor looks twice a second."""
    chosen = random.Random(SEED)
    faults = [_worker, _web, _redis, _postgres_restarts, _worker, _postgres_dies, _redis_freezes]
    chosen.shuffle(faults)
    deadline, turn = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        faults[turn % len(faults)](whole, chosen)
        turn += 1
        for _ in range(5):
            time.sleep(0.5)
            whole.look()


def _worker(whole: House, chosen: random.Random) -> None:
    whole.behind[chosen.choice(["mail", "housekeeping", "beat", "mail"])].kill()


def _web(whole: House, chosen: random.Random) -> None:
    chosen.choice(list(whole.webs.values())).kill()


def _redis(whole: House, chosen: random.Random) -> None:
    assert whole.servers.redis
    whole.servers.redis.kill()


def _redis_freezes(whole: House, chosen: random.Random) -> None:
    assert whole.servers.redis
    whole.servers.redis.send_signal(signal.SIGSTOP)
    time.sleep(1)
    whole.servers.redis.send_signal(signal.SIGCONT)


def _postgres_restarts(whole: House, chosen: random.Random) -> None:
    assert whole.servers.postgres
    whole.servers.postgres.send_signal(signal.SIGINT)


def _postgres_dies(whole: House, chosen: random.Random) -> None:
    assert whole.servers.postgres
    whole.servers.postgres.kill()


def _nobody_is_lost(whole: House, told: Told) -> None:
    kept = {bytes(row[0]) for row in whole.rows("SELECT address_digest FROM signatories_signup")}
    lost = {address for address in told.received if mailbox.digest(address) not in kept}
    assert not lost, (SEED, lost)
    states = dict(whole.rows("SELECT address_digest, state FROM signatories_signature WHERE mailbox_place = 1"))
    found = {bytes(digest): state for digest, state in states.items()}
    unsigned = {address for address in told.confirmed if mailbox.digest(address) not in found}
    assert not unsigned, (SEED, unsigned)
    back = {address for address in told.withdrawn if found[mailbox.digest(address)] != "withdrawn"}
    assert not back, (SEED, back)


def _count_is_rows_is_list(whole: House) -> None:
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


def _one_link_each(whole: House, told: Told) -> None:
    copies = Counter(mail.to[0] for mail in whole.mailbox.mails if "/confirm/" in mail.text)
    assert set(copies) >= told.received, SEED
    # At least once: a worker that died between sending and marking sends once more, and may die again in a long run.
    assert max(copies.values()) <= 2, (SEED, copies.most_common(3))
    links: dict[str, set[str]] = {}
    for mail in whole.mailbox.mails:
        if "/confirm/" in mail.text:
            links.setdefault(mail.to[0], set()).add(mail.path("confirm"))
    assert all(len(found) == 1 for found in links.values()), SEED
