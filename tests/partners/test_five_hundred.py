"""Five hundred partners in every language stay within the page cache, whatever stands behind `?by=` (T25)."""

from collections.abc import Iterator

import pytest
from django.conf import settings as site
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings
from redis import Redis

from declaration.web import page_cache
from signatories.models import Channel, Partner
from tests.people import text

pytestmark = pytest.mark.django_db
PARTNERS = 500
ask = RequestFactory().get


class Site:
    """The site behind its page cache; counts the pages that it renders.

    Every fortieth page of a partner is the real one. The others, which differ by a name alone, are made of the one
    before them, as to render a thousand takes minutes.
    """

    def __init__(self, settings: Settings) -> None:
        first, *rest = settings.MIDDLEWARE
        assert first == "declaration.web.page_cache.PageCache"
        settings.MIDDLEWARE = rest
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.rendered: list[str] = []
        self.real: dict[str, bytes] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.rendered.append(request.path_info)
        start, _with, number = request.path_info.rstrip("/").rpartition("/u")
        if number and int(number) % 40:
            return HttpResponse(self.real[start].replace(b"Union 0", f"Union {number}".encode()))
        answer = self.answer(request)
        if number:
            assert not self.real.get(start) or abs(len(answer.content) - len(self.real[start])) < 200
            self.real.setdefault(start, answer.content)
        return answer

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer of all other middleware and of the view."""
        response = self.handler.get_response(request)
        assert isinstance(response, HttpResponse)
        return response


@pytest.fixture
def behind(settings: Settings) -> Site:
    """A site with so many partners, each with a channel, whose pages stay fresh for the whole test."""
    settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS = 3600.0, 3600.0
    text()
    told = {
        code: f"{'Our hands set the stage, and we stand by these words. ' * 8}({code})" for code, _ in site.LANGUAGES
    }
    made = Partner.objects.bulk_create(
        Partner(name=f"Union {n}", slug=f"u{n}", skeleton=f"u{n}", stance="supports", sentence=told, duties=told)
        for n in range(PARTNERS)
    )
    Channel.objects.bulk_create(
        Channel(partner=one, slug=slug, name=slug) for one in made for slug in ("", "newsletter")
    )
    return Site(settings)


def paths() -> Iterator[str]:
    """The pages of all partners, in each language that is on."""
    for n in range(PARTNERS):
        for code, _name in site.LANGUAGES:
            with translation.override(code):
                yield reverse("partners-page", args=[f"u{n}"])


def held(served: page_cache.PageCache, keys: list[str]) -> dict[str, int]:
    """The bytes of those of these pages that the process has in memory."""
    found = {key: served.store.get(key) for key in keys}
    return {key: len(page.body) + len(page.packed) for key, page in found.items() if page}


def test_the_pages_of_five_hundred_partners(behind: Site, redis: Redis) -> None:
    served = page_cache.PageCache(behind)
    home = served(ask("/")).content
    shared = set(redis.keys("*page:*"))
    assert shared
    asked = list(paths())
    assert len(asked) == PARTNERS * len(site.LANGUAGES) == len(set(asked))
    queries = ["?by=newsletter", "?by=unknown", "?by=%00", f"?by={'x' * 3000}", "?other=1&by=" + "%D5%B8"]
    for n, path in enumerate(asked):
        before = len(behind.rendered)
        first = served(ask(path))
        assert first.status_code == 200
        # A channel, known or not, is no page of its own: nothing is rendered for it, and nothing is kept.
        query = queries[n % len(queries)]
        assert served(ask(f"{path}{query}")).content == first.content
        assert len(behind.rendered) == before + 1
        if n % 20 == 0:  # people keep coming to the landing page
            assert served(ask("/")).content == home

    kept = held(served, [*asked, "/", *(f"{path}{query}" for path in asked[:50] for query in queries)])
    assert sum(kept.values()) <= page_cache.MOST_BYTES
    assert not [key for key in kept if "?" in key]
    assert asked[-1] in kept and "/" in kept  # what was used last is there
    assert behind.rendered.count("/") == 1
    # Redis, which all processes share and which counts the visitors, holds none of them.
    assert set(redis.keys("*page:*")) == shared

    # A page that had to go is rendered once more, then kept.
    gone = next((path for path in asked if path not in kept), None)
    assert gone, "the pages of all partners fit: the test no longer tries the bound"
    for _ in range(3):
        assert served(ask(gone)).status_code == 200
    assert behind.rendered.count(gone) == 2


def test_the_landing_page_that_had_to_go_comes_from_redis(
    behind: Site, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody came to it while so many partners were read: it is still rendered by nobody."""
    monkeypatch.setattr(page_cache, "MOST_BYTES", 2**20)
    served = page_cache.PageCache(behind)
    home = served(ask("/")).content
    asked = list(paths())[:200]
    for path in asked:
        served(ask(path))
    kept = held(served, [*asked, "/"])
    assert "/" not in kept and sum(kept.values()) <= 2**20
    assert served(ask("/")).content == home
    assert behind.rendered.count("/") == 1
