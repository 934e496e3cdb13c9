"""Connections are used up, or Redis accepts and hangs: the visitor is told soon, and told the truth (F2, F10)."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from django.db import connection, transaction

from signatories.models import Signup
from tests.faults.proxy import Proxy
from tests.house.serving import Site, database_url, web
from tests.people import form, text
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 100
ENOUGH = 30  # seconds: whoever waits longer hangs
SOON = 8


@pytest.fixture
def few() -> Iterator[str]:
    """A role that may connect three times at once."""
    role = "test_few"
    with psycopg.connect(database_url(), autocommit=True) as server:
        server.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 3")
        for what in ("TABLES", "SEQUENCES"):
            server.execute(f"GRANT ALL ON ALL {what} IN SCHEMA public TO {role}")
        yield database_url(role)
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [role])
        server.execute(f"DROP OWNED BY {role}")
        server.execute(f"DROP ROLE {role}")


def post(site: Site, n: int) -> tuple[str, int, float]:
    """Somebody signs from a network of their own: whom, what was answered, after how many seconds."""
    address, began = f"p{n}@example.org", time.monotonic()
    filled = form(email=address, name=f"Person Number{n}")
    status = site.ask("POST", "/sign/", filled, {"X-Forwarded-For": f"2a00:{n:x}::1"}, seconds=ENOUGH).status
    return address, status, time.monotonic() - began


def all_at_once(site: Site, many: int, width: int) -> list[tuple[str, int, float]]:
    """So many sign, so many of them at the same time."""
    with ThreadPoolExecutor(width) as people:
        return list(people.map(lambda n: post(site, n), range(many)))


def told_the_truth(said: list[tuple[str, int, float]]) -> None:
    """Who was told "received" is in the database, and everybody was told something sensible."""
    assert {status for _address, status, _seconds in said} <= {303, 503}
    received = sorted(f"Person Number{address[1:].partition('@')[0]}" for address, status, _ in said if status == 303)
    assert sorted(Signup.objects.values_list("name", flat=True)) == received


def soon(said: list[tuple[str, int, float]]) -> None:
    """Nobody waited long to be told to come back."""
    assert max((seconds for _address, status, seconds in said if status == 503), default=0) < SOON


def test_a_database_that_takes_few_connections(tmp_path: Path, few: str) -> None:
    text()
    with web(tmp_path / "web.log", threads=8, TRUSTED_PROXIES="1", DATABASE_URL=few) as site:
        said = all_at_once(site, AT_ONCE, AT_ONCE)
        told_the_truth(said)
        soon(said)
        assert Counter(status for _address, status, _ in said)[303] > 0
        wait_for(site.ready, SOON)
        with psycopg.connect(database_url(), autocommit=True) as server, ExitStack() as others:
            server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'test_few'")
            for _ in range(3):
                others.enter_context(psycopg.connect(few))
            none = all_at_once(site, 20, 20)
            assert {status for _address, status, _ in none} == {503}
            soon(none)
        wait_for(site.ready, SOON)
        assert post(site, 1000)[1] == 303


def test_a_pool_whose_connections_are_all_held(tmp_path: Path) -> None:
    """All wait for a lock. Who is told to come back has not signed, not even when the lock is given back."""
    text()
    with web(
        tmp_path / "web.log", threads=8, TRUSTED_PROXIES="1", DATABASE_POOL_SIZE="2", DATABASE_SECONDS="1.5"
    ) as site:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK signatories_signup IN SHARE MODE")
            said = all_at_once(site, 20, 20)
            assert site.ask("GET", "/healthz").status == 200
        assert {status for _address, status, _ in said} == {503}
        soon(said)
        wait_for(site.ready, SOON)
        assert not Signup.objects.exists()
        assert post(site, 1000)[1] == 303  # and it goes on


def test_a_lock_that_is_soon_given_back_is_waited_for(tmp_path: Path) -> None:
    text()
    longer = str(ENOUGH)  # than a busy machine takes until two people wait at the same time
    with (
        web(tmp_path / "web.log", TRUSTED_PROXIES="1", DATABASE_SECONDS=longer) as site,
        ThreadPoolExecutor(2) as people,
    ):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK signatories_signup IN SHARE MODE")
            waiting = [people.submit(post, site, n) for n in range(2)]
            wait_for(lambda: _waiting_for_locks() == 2, ENOUGH)
        assert [one.result()[1] for one in waiting] == [303, 303]


def test_a_busy_database_is_waited_for(tmp_path: Path) -> None:
    """All connections are in use for longer than a probe takes; it answers, so nobody is sent away."""
    text()
    log = tmp_path / "web.log"
    longer = {"DATABASE_SECONDS": str(ENOUGH), "DATABASE_BUSY_SECONDS": str(ENOUGH), "DATABASE_WAIT_SECONDS": "0.1"}
    with (
        web(log, threads=2, TRUSTED_PROXIES="1", PAGE_SECONDS="60", **longer) as site,
        ThreadPoolExecutor(10) as people,
    ):
        site.ask("GET", "/")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK signatories_signup IN SHARE MODE")
            waiting = [people.submit(post, site, n) for n in range(2)]
            wait_for(lambda: _waiting_for_locks() == 2, ENOUGH)  # before, the others find more who wait than may
            waiting += [people.submit(post, site, n) for n in range(2, 4)]
            time.sleep(2)
            assert [one.done() for one in waiting] == [False] * 4  # two on a lock, two for a connection
            refused = [people.submit(post, site, n) for n in range(4, 8)]  # no thread is left for them
            assert {one.result()[1] for one in refused} == {503}
            assert site.ask("GET", "/", seconds=2).status == 200
        assert [one.result()[1] for one in waiting] == [303] * 4
    assert "database away" not in log.read_text()


def _waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


def test_redis_accepts_and_says_nothing(tmp_path: Path) -> None:
    text()
    port = urlsplit(os.environ["REDIS_URL"]).port or 6379
    proxy = Proxy(port)
    url = f"redis://127.0.0.1:{proxy.port}"
    kept = redis.Redis(port=port, db=5)
    kept.flushdb()
    try:
        with web(
            tmp_path / "web.log", threads=8, TRUSTED_PROXIES="1", REDIS_URL=f"{url}/0", CACHE_URL=f"{url}/5"
        ) as site:
            assert post(site, 1000)[1] == 303
            assert site.ask("GET", "/").status == 200
            assert kept.dbsize()  # the page; counts follow about a second later
            proxy.become("hang")
            said = all_at_once(site, AT_ONCE, 8)
            assert {status for _address, status, _ in said} == {303}
            seconds = sorted(seconds for _address, _status, seconds in said)
            assert seconds[int(len(said) * 0.95)] < 2
            for path in ("/", "/signatories/?q=person", "/healthz", "/api/v1/count"):
                assert site.ask("GET", path, seconds=5).status == 200
            proxy.become("pass")
            assert post(site, 1001)[1] == 303
    finally:
        proxy.stop()
        kept.close()
    assert Signup.objects.count() == AT_ONCE + 2
