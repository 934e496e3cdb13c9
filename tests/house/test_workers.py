"""Faults on real parts: a real Celery worker and beat, a Redis server that dies or freezes, a worker killed with -9."""

import signal
import time
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from redis import Redis

from declaration.demo import embedded
from signatories.models import Signature
from signatories.tally import services as tally
from tests.faults.length import LONG
from tests.people import enter, from_everywhere, organizer, post_form, text
from tests.smtp import Catcher
from tests.waiting import wait_for
from tests.workers import celery

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


def sign_many(client: Client, first: int, count: int) -> set[str]:
    """So many people sign; each is answered as always. Returns their addresses."""
    text()
    addresses = set()
    for n in range(first, first + count):
        assert post_form(client, name=f"Person {n}", email=f"p{n}@example.org").status_code == 303
        addresses.add(f"p{n}@example.org")
    return addresses


def mailed(mailbox: Catcher) -> set[str]:
    """Who has mail."""
    return {address for mail in list(mailbox.mails) for address in mail.to}


def test_the_whole_way_with_a_real_worker(
    client: Client, mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path
) -> None:
    with celery(redis_server, tmp_path):
        (address,) = sign_many(client, 1, 1)
        wait_for(lambda: mailed(mailbox) == {address})
        assert client.post(mailbox.mails[0].path("confirm")).status_code == 303
        wait_for(lambda: client.get("/api/v1/count").json()["count"] == 1, 10)
    assert tally.repair() == {}
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_redis_away_delays_and_loses_nothing(
    client: Client, mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path, fault: str
) -> None:
    """F1, F2."""
    with celery(redis_server, tmp_path) as parts:
        before = sign_many(client, 0, 3)
        wait_for(lambda: mailed(mailbox) == before)
        assert redis_server.redis
        if fault == "killed":
            redis_server.redis.kill()
            redis_server.redis.wait()
        else:
            redis_server.redis.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        during = sign_many(client, 3, 10)
        assert time.monotonic() - started < 20
        if fault == "killed":
            redis_server.start_redis()  # and it comes back empty
        else:
            redis_server.redis.send_signal(signal.SIGCONT)
        wait_for(lambda: mailed(mailbox) == before | during, kept=parts)
    assert 13 <= len(mailbox.mails) <= 15  # at least once: a worker that ended while sending two repeats them


def test_a_worker_killed_while_sending_loses_nobody(
    client: Client, mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path
) -> None:
    """F4: every recipient has one or two mails with one link, which works once."""
    from_everywhere()
    kills = 20 if LONG else 4
    addresses = sign_many(client, 0, 6 * kills)
    mailbox.mode, mailbox.delay = "slow", 0.15
    with celery(redis_server, tmp_path) as (worker, beat):
        for _ in range(kills):
            seen = len(mailbox.mails) + 4
            wait_for(lambda seen=seen: len(mailbox.mails) >= seen, kept=[beat])  # type: ignore[misc]
            worker.kill()
            worker.restart_ended()
        wait_for(lambda: mailed(mailbox) == addresses, kept=[worker, beat])
        time.sleep(3)  # longer than a lease: nobody is mailed once more
    for address in addresses:
        copies = mailbox.of(address)
        assert 1 <= len(copies) <= 2
        assert len({mail.message["Message-ID"] for mail in copies}) == 1
        assert len({mail.path("confirm") for mail in copies}) == 1
        assert client.post(copies[0].path("confirm")).status_code == 303
        client.post(copies[-1].path("confirm"))
    assert Signature.objects.count() == len(addresses)


def test_redis_emptied_while_mails_wait_loses_nobody(
    client: Client, mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path
) -> None:
    """F3: nothing that matters lives only in Redis; who works at the desk goes on, for sessions are in PostgreSQL."""
    from_everywhere()
    desk = Client()
    enter(desk, organizer())
    addresses = sign_many(client, 0, 200)
    mailbox.mode, mailbox.delay = "slow", 0.02
    with celery(redis_server, tmp_path) as parts, Redis.from_url(redis_server.redis_url) as redis:
        for seen in (10, 60, 120):
            wait_for(lambda seen=seen: len(mailbox.mails) >= seen, kept=parts)  # type: ignore[misc]
            redis.flushall()
        cache.clear()  # this process has another Redis
        assert desk.get("/desk/").status_code == 200
        wait_for(lambda: mailed(mailbox) == addresses, kept=parts)
        after = sign_many(client, 200, 3)
        wait_for(lambda: mailed(mailbox) == addresses | after, kept=parts)
    assert len(mailbox.mails) == 203


def test_two_beats_do_no_harm(client: Client, mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path) -> None:
    """F23."""
    (tmp_path / "second").mkdir()
    with celery(redis_server, tmp_path), celery(redis_server, tmp_path / "second"):
        addresses = sign_many(client, 0, 12)
        wait_for(lambda: mailed(mailbox) == addresses)
        time.sleep(1)
    assert len(mailbox.mails) == 12
