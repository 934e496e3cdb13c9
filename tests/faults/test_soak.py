"""Random acts of visitors while parts are killed and started again and the mail server is in trouble, too: nobody who
was told "received" is lost, nobody is counted twice, nobody waits without an answer.

FAULTS_SECONDS is how long (default a short form; `make faults` takes ten minutes). Proves, together: F1, F3, F4, F5, F7,
F9, F15, F16, F17, F18, F23, F25.
"""

import random
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

import psycopg

from signatories.identity import mailbox
from tests.faults.house import House, house, wait_for
from tests.faults.length import SECONDS, SEED
from tests.faults.truths import bounces, count_is_rows_is_list, nobody_is_lost, one_link_each
from tests.faults.visitors import Told, crowd

VISITORS = 6
TURNS = 6  # at least
POISON = 2_000_000_000


def test_whoever_was_told_received_has_a_row(tmp_path: Path) -> None:
    told, stop = Told(), threading.Event()
    with house(tmp_path) as whole:
        threads = crowd(whole, told, stop, VISITORS, SEED)
        wait_for(lambda: bool(told.received), 20)
        _poison(whole)
        _break_things(whole, SECONDS)
        stop.set()
        for thread in threads:
            thread.join(60)
        wait_for(whole.ready, 90, whole.restart_ended)
        wait_for(
            lambda: not whole.rows("SELECT FROM signatories_signup WHERE mail_state = 'waiting'"),
            90,
            whole.restart_ended,
        )
        wait_for(lambda: not whole.rows("SELECT FROM signatories_tallydelta"), 60, whole.restart_ended)
        whole.manage("shell", "--command=from signatories.tally import services; assert services.repair() == {}")
        time.sleep(1)  # a page is that old
        nobody_is_lost(whole, told)
        count_is_rows_is_list(whole)
        one_link_each(whole, told)
        _set_aside(whole, told)
    print(  # noqa: T201
        f"seed {SEED}: {len(told.received)} received, {len(told.confirmed)} confirmed, {len(told.withdrawn)} withdrawn, "
        f"{told.unavailable} try again, {told.hung.total()} of {told.done.total()} unanswered"
    )
    assert not told.broken, (SEED, told.broken)
    assert len(told.received) > SECONDS
    assert told.confirmed
    assert told.hung["/"] == told.hung["/fr/"] == 0, (SEED, told.hung)
    assert told.hung.total() <= told.done.total() // 100, (SEED, told.hung)


def _break_things(whole: House, seconds: float) -> None:
    """Every few seconds something dies, and the mail server has other troubles; the supervisor looks twice a second."""
    chosen = random.Random(SEED)
    faults = _in_turn(chosen, [_postgres_restarts, _postgres_dies], [_worker, _web, _redis, _worker, _redis_freezes])
    troubles = _in_turn(chosen, ["drop", "451"], ["slow", "few", "spent", "ok", "ok"])
    deadline, turn = time.monotonic() + seconds, 0
    while time.monotonic() < deadline or turn < TURNS:
        _mail_is(whole, next(troubles))
        next(faults)(whole, chosen)
        turn += 1
        for _ in range(5):
            time.sleep(0.5)
            whole.restart_ended()
    _mail_is(whole, "ok")


def _in_turn[T](chosen: random.Random, always: Sequence[T], others: Sequence[T]) -> Iterator[T]:
    """Again and again in one order left to chance, in which the first turns of the short form hold all of `always`."""
    more = chosen.sample(others, len(others))
    begin = [*always, *more[: TURNS - len(always)]]
    return cycle([*chosen.sample(begin, TURNS), *more[TURNS - len(always) :]])


def _mail_is(whole: House, trouble: str) -> None:
    """A mode of the mail server (F5: "drop"), or what it says to everybody for now (F7)."""
    whole.mailbox.answers.clear()
    whole.mailbox.mode = "ok"
    if trouble == "451":
        whole.mailbox.answers["gmail.com"] = "451 4.3.0 not now"
    else:
        whole.mailbox.mode = trouble  # type: ignore[assignment]


def _poison(whole: House) -> None:
    """F25: a row of the outbox that cannot be mailed, in front of all others."""
    broken = f'{{"id": {POISON}, "address_sealed": "\\\\x00", "address_digest": "\\\\x00", "form_digest": "\\\\x00", '
    broken += '"mail_state": "waiting", "confirmed_at": null, "signature_id": null, "mail_due_at": "2020-01-01", "claimed_until": null}'
    with psycopg.connect(whole.servers.database_url) as connection:
        row = "SELECT (jsonb_populate_record(s, %s::jsonb)).* FROM signatories_signup AS s ORDER BY id LIMIT 1"
        connection.execute(f"INSERT INTO signatories_signup {row}".encode(), [broken])


def _worker(whole: House, chosen: random.Random) -> None:
    whole.behind[chosen.choice(["mail", "mail", "housekeeping", "editions", "beat"])].kill()


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


def _set_aside(whole: House, told: Told) -> None:
    """Every mail went out but the poison, what came back, and what needed no second copy: it was confirmed from one."""
    rows = "SELECT id, mail_state, address_digest FROM signatories_signup WHERE mail_state <> 'sent' AND confirmed_at IS NULL"
    left = whole.rows(rows)
    assert [row for row, state, _digest in left if state == "set_aside"] == [POISON], SEED
    undeliverable = {bytes(digest) for _row, state, digest in left if state == "undeliverable"}
    assert undeliverable >= {mailbox.digest(address) for address in told.received if bounces(address)}, SEED
    assert len(left) == len(undeliverable) + 1, SEED
