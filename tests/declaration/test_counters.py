"""Counters of visitors: in memory, shared through Redis, and going on without it."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from redis import Redis

from declaration.web import counters
from declaration.web.counters import Counters
from declaration.web.fallback_cache import FallbackCache


@pytest.fixture
def away() -> Iterator[FallbackCache]:
    """A cache whose Redis is not there."""
    with socket.socket() as taken:  # a port where nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{taken.getsockname()[1]}/0"
        yield FallbackCache(address, {"OPTIONS": {"socket_timeout": 0.2, "retry": None}})


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "EXCHANGE_SECONDS", 0)


def kept(key: str) -> int:
    return int(cache.get(key, 0))


def test_a_process_counts_by_itself_between_two_exchanges() -> None:
    one = Counters()
    assert [one.count({"a": 60, "b": 60}) for _ in range(3)] == [[1, 1], [2, 2], [3, 3]]
    assert kept("a") == 0


@pytest.mark.usefixtures("_at_once")
def test_processes_learn_of_each_other() -> None:
    one, other = Counters(), Counters()
    for _ in range(5):
        one.count({"a": 60})
    other.count({"a": 60})
    assert other.count({"a": 60}) == [7]
    assert kept("a") == 7


@pytest.mark.usefixtures("_at_once")
def test_a_count_ends_so_long_after_its_first(redis: Redis) -> None:
    one = Counters()
    one.count({"short": 60, "long": 1800})
    one.count({"short": 60})
    assert 0 < redis.ttl(cache.make_key("short")) <= 60
    assert 60 < redis.ttl(cache.make_key("long")) <= 1800


@pytest.mark.usefixtures("_at_once")
def test_threads_lose_no_count() -> None:
    one, other = Counters(), Counters()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: (one if n % 2 else other).count({"a": 60}), range(400)))
    one.count({"a": 60})
    other.count({"a": 60})
    assert kept("a") == 402
    one.count({"a": 60})
    assert one.count({"a": 60}) == [404]


@pytest.mark.usefixtures("_at_once")
def test_counting_goes_on_without_redis(away: FallbackCache, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Counters()
    one.count({"a": 60})
    with monkeypatch.context() as patched:
        patched.setattr(counters, "cache", away)
        assert [one.count({"a": 60}) for _ in range(3)] == [[2], [3], [4]]
    assert one.count({"a": 60}) == [5]  # Redis is back, emptied or not: what is known here stays


def test_memory_is_bounded_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MOST", 10)
    monkeypatch.setattr(counters, "EXCHANGE_SECONDS", 3600)
    known = []
    for asked in range(100):
        one = Counters()
        for n in range(100):
            one.count({f"key-{n}": 60})
        known.append(one.count({f"key-{asked}": 60}) == [2])
    assert sum(known) <= 22
    assert all(known[-10:])


def test_a_cache_without_redis_is_the_memory_of_the_process(away: FallbackCache) -> None:
    assert away.add("a", 1, 60)
    assert not away.add("a", 1, 60)
    assert away.get_many(["a", "b"]) == {"a": 1}
    away.set("b", "x", 60)
    assert away.get("b") == "x"
    assert away.add_all({"c": (1, 60)}) == []
