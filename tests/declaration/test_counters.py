"""Counters of visitors: in memory, shared through Redis, and going on without it."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import checks
from django.core.cache import cache, caches
from django.core.cache.backends.base import BaseCache
from django.test import RequestFactory
from django_ratelimit.core import get_usage
from redis import Redis

from declaration.web import counters
from declaration.web.counters import Counters, CountersCache
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


@pytest.fixture
def one() -> CountersCache:
    """The counters of a process."""
    return process("one")


@pytest.fixture
def other() -> CountersCache:
    """The counters of another process."""
    return process("other")


def process(name: str) -> CountersCache:
    """The counters of a process that has just started."""
    started = CountersCache(name, {})
    started.clear()
    return started


def count(process: BaseCache, key: str, life: int = 60) -> int:
    """Count one more, with the calls that django-ratelimit makes."""
    return 1 if process.add(key, 1, life) else process.incr(key)


def kept(key: str) -> int:
    return int(cache.get(CountersCache("", {}).make_key(key), 0))


def ends_in(redis: Redis, key: str) -> int:
    """The seconds until Redis forgets the count."""
    return int(redis.ttl(cache.make_key(CountersCache("", {}).make_key(key))))


def test_a_process_counts_by_itself_between_two_exchanges(one: CountersCache) -> None:
    assert [[count(one, "a"), count(one, "b")] for _ in range(3)] == [[1, 1], [2, 2], [3, 3]]
    assert kept("a") == 0


@pytest.mark.usefixtures("_at_once")
def test_processes_learn_of_each_other(one: CountersCache, other: CountersCache) -> None:
    for _ in range(5):
        count(one, "a")
    count(other, "a")
    assert count(other, "a") == 7
    assert kept("a") == 7


def test_all_counts_of_a_second_are_exchanged_in_one_command(
    one: CountersCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, tuple[int, int]]] = []

    def add_all(_cache: FallbackCache, more: dict[str, tuple[int, int]]) -> list[int]:
        told.append(more)
        return []

    monkeypatch.setattr(FallbackCache, "add_all", add_all)
    for _ in range(3):
        count(one, "a")
        count(one, "b")
    assert told == []
    monkeypatch.setattr(counters, "EXCHANGE_SECONDS", 0)
    count(one, "a")
    assert [{key: more for key, (more, _life) in each.items()} for each in told] == [{":1:a": 4, ":1:b": 3}]


@pytest.mark.usefixtures("_at_once")
def test_a_count_ends_so_long_after_its_first(one: CountersCache, redis: Redis) -> None:
    count(one, "short", 60)
    count(one, "long", 1800)
    count(one, "short")
    assert 0 < ends_in(redis, "short") <= 60
    assert 60 < ends_in(redis, "long") <= 1800


def test_a_count_that_ended_begins_anew(one: CountersCache) -> None:
    assert one.add("a", 1, -1)
    assert one.get("a") is None
    with pytest.raises(ValueError, match="no count"):
        one.incr("a")
    assert count(one, "a") == 1
    assert not one.add("a", 1, 60)
    assert one.get("a") == 1


@pytest.mark.usefixtures("_at_once")
def test_what_ended_before_it_was_told_is_not_told(one: CountersCache) -> None:
    one.add("a", 1, -1)
    assert kept("a") == 0


def test_a_count_without_an_end_is_refused(one: CountersCache) -> None:
    with pytest.raises(ValueError, match="must end"):
        one.add("a", 1, None)


@pytest.mark.usefixtures("_at_once")
def test_threads_lose_no_count(one: CountersCache, other: CountersCache) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: count(one if n % 2 else other, "a"), range(400)))
    count(one, "a")
    count(other, "a")
    assert kept("a") == 402
    count(one, "a")
    assert count(one, "a") == 404


def test_threads_of_a_process_share_its_counts() -> None:
    """Django makes a cache object for each thread."""
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: count(caches["counters"], "a")).result() == 1
    assert count(caches["counters"], "a") == 2


@pytest.mark.usefixtures("_at_once")
def test_counting_goes_on_without_redis(
    one: CountersCache, away: FallbackCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(one, "a")
    with monkeypatch.context() as patched:
        patched.setattr(counters, "cache", away)
        assert [count(one, "a") for _ in range(3)] == [2, 3, 4]
    assert count(one, "a") == 5  # Redis is back, emptied or not: what is known here stays


def test_memory_is_bounded_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MOST", 100)
    one = Counters()
    for n in range(1000):
        one.add(f"key-{n}", 1, 60)
    assert len(one) <= 202
    assert one.increase("key-999", 1) == 2


def test_a_cache_without_redis_is_the_memory_of_the_process(away: FallbackCache) -> None:
    assert away.add("a", 1, 60)
    assert not away.add("a", 1, 60)
    assert away.get_many(["a", "b"]) == {"a": 1}
    away.set("b", "x", 60)
    assert away.get("b") == "x"
    assert away.add_all({"c": (1, 60)}) == []


def test_django_ratelimit_counts_here() -> None:
    request = RequestFactory().get("/")

    def used(*, increment: bool) -> int:
        usage = get_usage(request, group="test", key="ip", rate="1000/10m", increment=increment)
        return int(usage["count"])

    assert [used(increment=True) for _ in range(3)] == [1, 2, 3]
    assert used(increment=False) == 3
    caches["counters"].clear()
    assert used(increment=False) == 0
    assert used(increment=True) == 1


def test_only_its_warning_of_a_cache_it_does_not_know_is_silenced() -> None:
    said = checks.run_checks(tags=[checks.Tags.caches])
    assert {message.id for message in said if message.is_silenced()} == {"django_ratelimit.W001"}
    assert [message.id for message in said if not message.is_silenced()] == []
