"""Connections are used up, or Redis accepts and hangs: the visitor is told soon, and told the truth (F2, F10)."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 100
ENOUGH = 30  # seconds: whoever waits longer hangs


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


def test_a_database_that_takes_few_connections(tmp_path: Path, few: str) -> None:
    text()
    with web(tmp_path / "web.log", threads=8, TRUSTED_PROXIES="1", DATABASE_URL=few) as site:
        said = all_at_once(site, AT_ONCE, AT_ONCE)
        told_the_truth(said)
        assert Counter(status for _address, status, _ in said)[303] > 0
        assert post(site, 1000)[1] == 303  # and it goes on


def test_a_pool_whose_connections_are_all_held(tmp_path: Path) -> None:
    """Two connections wait for a lock; the others are told to come back, and the two are told the truth later."""
    text()
    with web(tmp_path / "web.log", threads=8, TRUSTED_PROXIES="1", DATABASE_POOL_SIZE="2") as site:
        with ThreadPoolExecutor(AT_ONCE) as people:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK signatories_signup IN SHARE MODE")
                waiting = [people.submit(post, site, n) for n in range(20)]
                deadline = time.monotonic() + ENOUGH
                while sum(one.done() for one in waiting) < 10 and time.monotonic() < deadline:
                    time.sleep(0.1)
                early = [one.result() for one in waiting if one.done()]
                assert len(early) >= 10
                assert {status for _address, status, _ in early} == {503}
            said = [one.result() for one in waiting]
        told_the_truth(said)
        assert Counter(status for _address, status, _ in said)[303] >= 2
        assert post(site, 1000)[1] == 303


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
            assert kept.dbsize()
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
