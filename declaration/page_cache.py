"""The page cache in front of everything: public pages from memory, else from Redis, else rendered once.

Only the pages of `settings.PUBLIC_PAGES` are kept, each the same for everyone: known by its path and the query names
listed there. Whatever else is answered without a Cache-Control of its own is never stored by anybody, nor indexed.
"""

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.http import urlencode

from declaration import replica
from declaration.context import FROZEN_AT
from declaration.monitoring import FROM_MEMORY, FROM_REDIS, RENDERED, STALE

type Handler = Callable[[HttpRequest], HttpResponse]
type Render = Callable[[], HttpResponse]

# While one request renders anew, the others are given what is kept, if it is at most this many times PAGE_SECONDS old.
REVALIDATE = 5
RETRY_SECONDS = 1.0  # after a failed rendering
WAIT_SECONDS = 1.0  # for another request that renders the very page
MOST_BYTES = 16 * 2**20  # in the memory of one process
SERVER_ERROR = 500
_OURS = {"Cache-Control", "Content-Length", "ETag", "Vary", "Content-Encoding"}


class Page(NamedTuple):
    """A page as it is kept; `made_at` in seconds since the epoch."""

    body: bytes
    packed: bytes
    headers: dict[str, str]
    etag: str
    made_at: float

    @classmethod
    def of(cls, response: HttpResponse) -> "Page":
        """The page in a rendered response."""
        body = response.content
        headers = {name: value for name, value in response.items() if name not in _OURS}
        fresh, stale = settings.PAGE_SECONDS, settings.PAGE_STALE_SECONDS
        revalidate = (REVALIDATE - 1) * fresh
        headers["Cache-Control"] = (
            f"public, max-age={fresh:.0f}, stale-while-revalidate={revalidate:.0f}, stale-if-error={stale:.0f}"
        )
        headers["Vary"] = "Accept-Encoding"
        headers["ETag"] = etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
        return cls(body, gzip.compress(body, 6, mtime=0), headers, etag, time.time())

    @property
    def age(self) -> float:
        """Seconds since it was rendered."""
        return time.time() - self.made_at

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What this request is told: the page, packed where that is understood, or that nothing changed."""
        meta = request.META
        if self.etag in meta.get("HTTP_IF_NONE_MATCH", ""):
            return HttpResponse(status=304, headers=self.headers)
        if "gzip" in meta.get("HTTP_ACCEPT_ENCODING", ""):
            body, headers = self.packed, self.headers | {"Content-Encoding": "gzip"}
        else:
            body, headers = self.body, self.headers
        headers = headers | {"Content-Length": str(len(body))}
        return HttpResponse(b"" if request.method == "HEAD" else body, headers=headers)


class Shelf:
    """The pages in the memory of this process; those used least recently go first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> Page | None:
        """The page kept under `key`, however old."""
        return self._pages.get(key)

    def put(self, key: str, page: Page) -> None:
        """Keep a page; make room for it."""
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            self._bytes += len(page.body) + len(page.packed)
            while self._bytes > MOST_BYTES:
                self._drop(next(iter(self._pages)))

    def _drop(self, key: str) -> None:
        if gone := self._pages.pop(key, None):
            self._bytes -= len(gone.body) + len(gone.packed)


class PageCache:
    """The first middleware."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.shelf = Shelf()
        self.failed_at = 0.0
        self.locks = [threading.Lock() for _ in range(64)]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A kept page, or whatever is behind."""
        if request.method not in ("GET", "HEAD") or not _may_be_kept(request):
            return _unstored(self.get_response(request))
        if not request.META.get("QUERY_STRING") and (page := self.shelf.get(request.path_info)) and _fresh(page):
            FROM_MEMORY.inc()
            return page.answer(request)
        key = _key(request)
        if key is None:
            return _unstored(self.get_response(request))
        found = self.find(key, lambda: self.render(request))
        return found.answer(request) if isinstance(found, Page) else _unstored(found)

    def render(self, request: HttpRequest) -> HttpResponse:
        """What is behind says, read from the replica of the database if there is one and it answers."""
        with replica.reading() as used:
            response = self.get_response(request)
        if used and replica.away():
            response = self.get_response(request)
        return response

    def find(self, key: str, render: Render) -> Page | HttpResponse:
        """The page of `key`: fresh, or a little old while another request renders it, or old because it fails."""
        page = self.shelf.get(key)
        if page and (_fresh(page) or time.time() - self.failed_at < RETRY_SECONDS):
            return page
        lock = self.locks[hash(key) % len(self.locks)]
        recent = page is not None and page.age < REVALIDATE * settings.PAGE_SECONDS
        if not lock.acquire(timeout=0 if recent else WAIT_SECONDS):
            return page or render()
        try:
            return self._refill(key, render)
        finally:
            lock.release()

    def _refill(self, key: str, render: Render) -> Page | HttpResponse:
        page = self.shelf.get(key)
        if page and _fresh(page):
            return page
        shared = _shared(key)
        if shared and (page is None or shared.made_at > page.made_at):
            page = shared
            self.shelf.put(key, page)
            if _fresh(page):
                FROM_REDIS.inc()
                return page
        response = render()
        if response.status_code >= SERVER_ERROR and page and page.age < settings.PAGE_STALE_SECONDS:
            self.failed_at = time.time()
            STALE.inc()
            return page
        if response.status_code != 200 or response.streaming or response.cookies:
            return response
        page = Page.of(response)
        self.shelf.put(key, page)
        RENDERED.inc()
        _share(key, page)
        return page


def _shared(key: str) -> Page | None:
    """What another process has rendered."""
    packed: Page | None = cache.get(_shared_key(key))
    return packed and packed._replace(body=gzip.decompress(packed.packed))


def _share(key: str, page: Page) -> None:
    """Searches are many, and kept for a few seconds only."""
    seconds = REVALIDATE * settings.PAGE_SECONDS if "?" in key else settings.PAGE_STALE_SECONDS
    cache.set(_shared_key(key), page._replace(body=b""), max(seconds, 1))


def _shared_key(key: str) -> str:
    """A digest: what was searched for is nobody's business, and of any length."""
    return f"page:{hashlib.sha256(key.encode(errors='replace')).hexdigest()}"


def _fresh(page: Page) -> bool:
    return page.age < settings.PAGE_SECONDS


def _may_be_kept(request: HttpRequest) -> bool:
    """Not what the middleware behind would refuse or redirect, nor a page of an archive."""
    if FROZEN_AT in request.META or (settings.SECURE_SSL_REDIRECT and not request.is_secure()):
        return False
    try:
        return bool(request.get_host())
    except DisallowedHost:
        return False


def _key(request: HttpRequest) -> str | None:
    """Path and known query names of a public page; None for any other. The page is rendered from just these."""
    with translation.override(translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE):
        try:
            names = settings.PUBLIC_PAGES.get(resolve(request.path_info).view_name)
        except Resolver404:
            return None
    if names is None:
        return None
    asked = QueryDict(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))  # WSGI hands bytes over so
    query = urlencode([(name, asked[name]) for name in names if asked.get(name)])
    request.META["QUERY_STRING"] = query
    return f"{request.path_info}?{query}" if query else request.path_info


def _unstored(response: HttpResponse) -> HttpResponse:
    """Nobody keeps what is not said to be kept, and no search engine shows it."""
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if "no-store" in response.headers["Cache-Control"]:
        response.headers.setdefault("X-Robots-Tag", "noindex")
    return response
