"""What is kept is shown no longer than it may be, and what strangers invent takes no room (threats T25, F22)."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings
from redis import Redis

from declaration.web import page_cache
from signatories.mine import services
from tests.people import signed

pytestmark = pytest.mark.django_db
ask = RequestFactory().get


class Behind:
    """What stands behind the cache: says which rendering this is, or fails as told."""

    def __init__(self) -> None:
        self.renders = 0
        self.fails: dict[str, int] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.renders += 1
        return HttpResponse(str(self.renders), status=self.fails.get(request.path_info, 200))


@pytest.fixture
def behind(settings: Settings) -> Behind:
    settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS = 2.0, 600.0
    return Behind()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that is moved."""
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


def test_a_page_that_fails_makes_no_other_page_old(behind: Behind, clock: time_machine.Traveller) -> None:
    served = page_cache.PageCache(behind)
    assert served(ask("/about/")).content == b"1"
    clock.shift(500)
    assert served(ask("/privacy/")).content == b"2"
    clock.shift(200)
    behind.fails["/privacy/"] = 503
    assert served(ask("/privacy/")).content == b"2"
    assert served(ask("/about/")).content == b"4"  # it can be rendered, so it is
    behind.fails["/about/"] = 503
    clock.shift(601)
    assert served(ask("/about/")).status_code == 503
    assert served(ask("/privacy/")).status_code == 503


def test_while_it_fails_it_is_asked_for_once_a_second(behind: Behind, clock: time_machine.Traveller) -> None:
    served = page_cache.PageCache(behind)
    served(ask("/about/"))
    behind.fails["/about/"] = 503
    clock.shift(10)
    assert {served(ask("/about/")).content for _ in range(9)} == {b"1"}
    assert behind.renders == 2
    clock.shift(1)
    assert served(ask("/about/")).content == b"1"
    assert behind.renders == 3


def test_who_waited_in_vain_is_given_nothing_too_old(
    behind: Behind, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "WAIT_SECONDS", 0.01)
    served = page_cache.PageCache(behind)
    served(ask("/about/"))
    served.locks = [threading.Lock()]
    with served.locks[0]:
        clock.shift(599)
        assert served(ask("/about/")).content == b"1"
        clock.shift(2)
        assert served(ask("/about/")).content == b"2"


@pytest.mark.parametrize("path", ["/signatories/7/", "/press/"])
@pytest.mark.parametrize("gone", [404, 410])
def test_what_is_gone_does_not_come_back_with_an_error(
    behind: Behind, clock: time_machine.Traveller, path: str, gone: int
) -> None:
    served, elsewhere = page_cache.PageCache(behind), page_cache.PageCache(behind)
    assert served(ask(path)).status_code == 200
    clock.shift(3)
    behind.fails[path] = gone
    assert served(ask(path)).status_code == gone
    behind.fails[path] = 503
    assert served(ask(path)).status_code == 503
    assert elsewhere(ask(path)).status_code == 503


def test_who_withdrew_is_not_shown_while_the_database_is_away(
    settings: Settings, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS = 2.0, 600.0
    signature = signed(name="Quillon Featherstonehaugh")
    pages = ["/", "/signatories/", "/signatories/?q=quillon", f"/signatories/{signature.number}/"]
    client = Client()
    assert all("Quillon" in client.get(path).content.decode() for path in pages)
    services.withdraw(signature_id=signature.pk, now=timezone.now())
    clock.shift(3)
    assert [client.get(path).status_code for path in pages] == [200, 200, 200, 404]
    clock.shift(3)
    monkeypatch.setattr(page_cache.PageCache, "render", lambda *_args: HttpResponse(status=503))
    told = [client.get(path) for path in pages]
    assert [answer.status_code for answer in told] == [200, 200, 200, 503]
    assert not any("Featherstonehaugh" in answer.content.decode() for answer in told)


@pytest.mark.parametrize("wrong", [timedelta(hours=1), timedelta(seconds=1)])
def test_a_clock_set_back_freezes_no_page(behind: Behind, clock: time_machine.Traveller, wrong: timedelta) -> None:
    """F22."""
    served = page_cache.PageCache(behind)
    assert served(ask("/about/")).content == b"1"
    clock.shift(-wrong)
    assert served(ask("/about/")).content == b"2"
    assert served(ask("/about/")).content == b"2"


def test_a_machine_whose_clock_is_ahead_freezes_no_page(behind: Behind, clock: time_machine.Traveller) -> None:
    """F22: what it put into Redis seems to be from the future."""
    page_cache.PageCache(behind)(ask("/about/"))
    clock.shift(-3600)
    served = page_cache.PageCache(behind)
    assert served(ask("/about/")).content == b"2"
    assert page_cache.PageCache(behind)(ask("/about/")).content == b"2"
    behind.fails["/about/"] = 503
    clock.shift(3)
    assert served(ask("/about/")).content == b"2"


def test_a_pickle_of_another_release_is_not_read(behind: Behind, redis: Redis) -> None:
    """Redis keeps them for minutes, also while a new release takes the place of the old one."""
    page_cache.PageCache(behind)(ask("/about/"))
    ours = next(key for key in kept(redis) if isinstance(key, bytes) and key.endswith(b":/about/"))
    version = page_cache.VERSION.encode()
    assert version in ours
    for theirs in (ours.replace(version + b":", b""), ours.replace(version, b"another")):
        redis.set(theirs, b"no pickle that can be read")
    redis.delete(ours)
    assert page_cache.PageCache(behind)(ask("/about/")).content == b"2"
    assert page_cache.PageCache(behind)(ask("/about/")).content == b"2"  # as the one before has put it there


def test_pages_of_another_shape_have_another_version() -> None:
    class Page(NamedTuple):
        body: bytes

    class Other(NamedTuple):
        body: bytes

    alike = page_cache.shape(Page)
    assert alike == page_cache.shape(Page)
    assert alike != page_cache.shape(Other)
    Page.__annotations__ = {"body": str}
    assert alike != page_cache.shape(Page)


def test_a_page_has_one_address(client: Client, settings: Settings) -> None:
    settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS = 2.0, 600.0
    number = signed().number
    assert client.get(f"/signatories/{number}/").status_code == 200
    for other in (f"0{number}", f"000{number}", "0", f"+{number}", f"{number}.0", "9" * 30):
        assert client.get(f"/signatories/{other}/").status_code == 404
        assert client.get(f"/press/editions/{other}/").status_code == 404


def test_what_strangers_ask_for_takes_no_room_in_redis(client: Client, settings: Settings, redis: Redis) -> None:
    """It also counts the visitors, and forgets what was used least recently."""
    settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS = 2.0, 600.0
    number = signed().number
    client.get("/signatories/")
    before = kept(redis)
    assert before
    for n in range(20):
        invented = ("q=who", "profession=no", "country=Q", "letter=no", "after=no", "before=no")
        for query in invented:
            assert client.get(f"/signatories/?{query}{n}").status_code == 200
    assert client.get(f"/signatories/{number}/").status_code == 200
    assert kept(redis) == before


def kept(redis: Redis) -> set[bytes | str]:
    return set(redis.keys("*page:*"))


def test_what_was_used_least_recently_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "MOST_BYTES", 300)
    shelf = page_cache.MemoryStore()
    page = page_cache.Page(b"x" * 60, b"y" * 40, {}, "", 0.0)
    for key in "abc":
        shelf.put(key, page)
    assert shelf.get("a")
    shelf.put("d", page)
    assert [key for key in "abcd" if shelf.get(key)] == ["a", "c", "d"]
