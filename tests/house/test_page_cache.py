"""Public pages come from a cache in front of everything, and nothing personal ever does (design §5; threat T25)."""

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import Settings

from declaration.web import page_cache
from signatories.models import Signature
from tests.people import form, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(settings: Settings) -> Iterator[None]:
    """Pages are kept for a minute; memory and Redis begin empty."""
    settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS = 60.0, 600.0
    yield
    cache.clear()


class Counted:
    """How often the pages behind were asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.renders = 0
        render = page_cache.PageCache.render

        def counting(own: page_cache.PageCache, request: HttpRequest) -> HttpResponse:
            self.renders += 1
            return render(own, request)

        monkeypatch.setattr(page_cache.PageCache, "render", counting)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("path", ["/", "/fr/", "/signatories/", "/press/", "/about/", "/privacy/", "/api/v1/count"])
def test_a_public_page_is_rendered_once(path: str, counted: Counted) -> None:
    signed()
    client = Client()
    first = client.get(path)
    assert first.status_code == 200
    assert "public, max-age=60" in first["Cache-Control"]
    assert "stale-while-revalidate" in first["Cache-Control"]
    assert "stale-if-error=600" in first["Cache-Control"]
    assert first["Vary"] == "Accept-Encoding"
    assert "X-Robots-Tag" not in first
    with connection.execute_wrapper(_refuse):
        assert client.get(path).content == first.content
    assert counted.renders == 1
    assert not first.cookies


def _refuse(*_args: object) -> object:
    raise AssertionError("no query is asked for a kept page")


@pytest.mark.usefixtures("kept")
def test_another_process_takes_the_page_from_redis(counted: Counted) -> None:
    signed()
    first = Client().get("/")
    assert Client().get("/").content == first.content  # each test client has a middleware, and so a memory, of its own
    assert counted.renders == 1


@pytest.mark.usefixtures("kept")
def test_what_did_not_change_is_not_sent_again() -> None:
    text()
    client = Client()
    etag = client.get("/")["ETag"]
    again = client.get("/", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.content == b""
    assert client.get("/", headers={"If-None-Match": 'W/"other"'}).status_code == 200


@pytest.mark.usefixtures("kept")
def test_it_is_packed_for_who_understands() -> None:
    text()
    client = Client()
    packed = client.get("/", headers={"Accept-Encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == client.get("/").content
    head = client.head("/")
    assert head.content == b""
    assert int(head["Content-Length"]) == len(client.get("/").content)


@pytest.mark.usefixtures("kept")
def test_unknown_query_names_make_no_entries_and_do_not_reach_the_page(counted: Counted) -> None:
    signed()
    client = Client()
    for path in ("/", "/signatories/", "/signatories/?q=ash"):
        glue = "&" if "?" in path else "?"
        page = client.get(path)
        for junk in ("utm_source=x", "a=1&b=2", "next=//evil.example", "q" * 300):
            again = client.get(f"{path}{glue}{junk}")
            assert again.content == page.content
            assert b"evil" not in again.content
    assert counted.renders == 3
    assert client.get("/signatories/?q=ash").content == client.get("/signatories/?letter=&q=ash&utm=1").content


@pytest.mark.usefixtures("kept")
def test_an_unkeyed_header_changes_nothing() -> None:
    signed()
    poisoned = Client().get("/", headers={"X-Forwarded-Host": "evil.example", "Cookie": "session=stolen"})
    assert b"evil" not in poisoned.content
    assert Client().get("/").content == poisoned.content
    assert Client().get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.usefixtures("kept")
def test_an_error_is_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    path = f"/signatories/{(signed().number or 0) + 1}/"
    assert client.get(path).status_code == 404
    signed(name="Bram Bellweather", address="bram@example.org")
    assert client.get(path).status_code == 200


@pytest.mark.usefixtures("kept")
def test_a_page_stays_while_the_database_is_away(settings: Settings) -> None:
    signed()
    client = Client()
    first = client.get("/")
    settings.PAGE_SECONDS = 0.0
    with connection.execute_wrapper(_away):
        for _ in range(3):
            assert client.get("/").content == first.content
        fresh = Client()
        cache.clear()
        assert fresh.get("/signatories/").status_code == 503


def _away(*_args: object) -> object:
    raise OperationalError from psycopg.OperationalError("away")


@pytest.mark.usefixtures("kept")
def test_while_one_renders_the_others_get_what_is_kept(settings: Settings) -> None:
    rendering, go = threading.Event(), threading.Event()
    pages = iter([b"old", b"new"])

    def behind(request: object) -> object:
        from django.http import HttpResponse

        body = next(pages)
        if body == b"new":
            rendering.set()
            go.wait(10)
        return HttpResponse(body)

    from django.test import RequestFactory

    served = page_cache.PageCache(behind)  # type: ignore[arg-type]
    ask = RequestFactory().get
    assert served(ask("/about/")).content == b"old"
    settings.PAGE_SECONDS = 0.000_001
    shelf = served.store.get("/about/")
    assert shelf
    settings.PAGE_SECONDS = 60
    served.store.put("/about/", shelf._replace(made_at=shelf.made_at - 100))
    cache.clear()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(served, ask("/about/"))
        assert rendering.wait(10)
        assert served(ask("/about/")).content == b"old"
        go.set()
        assert first.result().content == b"new"
    assert served(ask("/about/")).content == b"new"


def test_the_memory_of_a_process_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "MOST_BYTES", 1000)
    shelf = page_cache.MemoryStore()
    for n in range(20):
        shelf.put(str(n), page_cache.Page(b"x" * 100, b"y" * 50, {}, "", 0.0))
    assert [n for n in range(20) if shelf.get(str(n))] == list(range(14, 20))


@pytest.mark.usefixtures("kept")
def test_a_cache_that_ignores_cookies_finds_nothing_personal_to_keep(client: Client, mailbox: Catcher) -> None:
    """T25: every page of one person says that nobody may store it, whatever is asked before or after."""
    mail = sign_up(client, mailbox)
    confirm = mail.path("confirm")
    client.post(confirm)
    mine = client.get(confirm).content.decode()
    own = mine[mine.index("/mine/") :].split('"')[0]
    personal = [
        confirm,
        mail.path("stop"),
        own,
        own + "data/",
        own + "data.json",
        own + "withdraw/",
        "/sign/sent/",
        "/mine/",
        "/desk/",
        "/accounts/login/",
    ]
    for path in personal:
        answer = client.get(path)
        assert "no-store" in answer["Cache-Control"], path
        assert "public" not in answer["Cache-Control"], path
        assert answer["X-Robots-Tag"] == "noindex", path
    assert client.get(confirm + "x.css").status_code == 404
    wrong = client.post("/sign/", form(email="nonsense"))
    assert wrong.status_code == 422
    assert "no-store" in wrong["Cache-Control"]
    assert Signature.objects.count() == 1
