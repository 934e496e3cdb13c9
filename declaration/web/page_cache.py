"""The page cache, the first middleware: public pages from memory, else from Redis, else rendered once.

It holds only the pages of `settings.PUBLIC_PAGES`, each the same for everyone: known by its path and the query names
listed there. Redis holds only those pages whose address has no parameter: a few dozen. The others, one for each number,
filter and search, stay in memory, which is bounded: otherwise strangers could fill Redis, which also counts for the
limits. Any other answer without a Cache-Control of its own is marked as never to be stored nor indexed.
"""

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.http import urlencode

from declaration.database import replica
from declaration.ops.monitoring import FROM_MEMORY, FROM_REDIS, PAGE_SECONDS, RENDERED, STALE
from declaration.web.context import EXPORTED_AT

type Handler = Callable[[HttpRequest], HttpResponse]
type Render = Callable[[], HttpResponse]

# While one request renders a page again, the others get the stored one, up to this many times PAGE_SECONDS old.
REVALIDATE = 5
RETRY_SECONDS = 1.0  # after a failed rendering
WAIT_SECONDS = 1.0  # for another request that renders the same page
MOST_BYTES = 16 * 2**20  # in the memory of one process
MOST_PATHS, LONGEST_PATH = 4096, 200  # whose view is remembered, and characters of such a path
TOO_MANY, SERVER_ERROR = 429, 500
_OURS = {"Cache-Control", "Content-Length", "ETag", "Vary", "Content-Encoding"}


class Page(NamedTuple):
    """A stored page; `made_at` in seconds since the epoch."""

    body: bytes
    packed: bytes
    headers: dict[str, str]
    etag: str
    made_at: float
    failed_at: float = 0.0  # when rendering it again last failed

    @classmethod
    def of(cls, response: HttpResponse) -> "Page":
        """Make a page of a rendered response."""
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

    def within(self, seconds: float) -> bool:
        """Whether it is younger. A page from the future is not: a clock was wrong, then or now."""
        return 0 <= time.time() - self.made_at < seconds

    @property
    def fresh(self) -> bool:
        """Whether it is fresh: younger than PAGE_SECONDS."""
        return self.within(settings.PAGE_SECONDS)

    @property
    def failing(self) -> bool:
        """Whether rendering it failed a moment ago."""
        return 0 <= time.time() - self.failed_at < RETRY_SECONDS

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The response: the page, compressed if the browser accepts that, or 304 if it has this version."""
        meta = request.META
        if self.etag in meta.get("HTTP_IF_NONE_MATCH", ""):
            return HttpResponse(status=304, headers=self.headers)
        if "gzip" in meta.get("HTTP_ACCEPT_ENCODING", ""):
            body, headers = self.packed, self.headers | {"Content-Encoding": "gzip"}
        else:
            body, headers = self.body, self.headers
        headers = headers | {"Content-Length": str(len(body))}
        return HttpResponse(b"" if request.method == "HEAD" else body, headers=headers)


class Address(NamedTuple):
    """The key of a public page, and whether Redis shares it between processes."""

    key: str
    shared: bool


class MemoryStore:
    """Pages in the memory of this process. The least recently used are dropped first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> Page | None:
        """The page stored under `key`, of any age. Takes no lock: each step is atomic in the dictionary."""
        try:
            self._pages.move_to_end(key)
        except KeyError:
            return None
        return self._pages.get(key)

    def put(self, key: str, page: Page) -> None:
        """Store a page; drop others if there is no room."""
        with self._lock:
            self._subtract_size(self._pages.pop(key, None))
            self._pages[key] = page
            self._bytes += len(page.body) + len(page.packed)
            while self._bytes > MOST_BYTES:
                self._subtract_size(self._pages.popitem(last=False)[1])

    def drop(self, key: str) -> None:
        """Remove a page."""
        with self._lock:
            self._subtract_size(self._pages.pop(key, None))

    def _subtract_size(self, gone: Page | None) -> None:
        if gone:
            self._bytes -= len(gone.body) + len(gone.packed)


class PageCache:
    """The first middleware."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.store = MemoryStore()
        self.locks = [threading.Lock() for _ in range(64)]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with a stored page, or with the answer of the middleware behind."""
        if request.method not in ("GET", "HEAD") or not _may_be_kept(request):
            return _unstored(self.get_response(request))
        if not request.META.get("QUERY_STRING") and (page := self.store.get(request.path_info)) and page.fresh:
            FROM_MEMORY.inc()
            return page.answer(request)
        address = _address(request)
        if address is None:
            return _unstored(self.get_response(request))
        with PAGE_SECONDS.time():
            found = self.find(address, lambda: self.render(request))
        return found.answer(request) if isinstance(found, Page) else _unstored(found)

    def render(self, request: HttpRequest) -> HttpResponse:
        """The answer of the middleware behind; it reads the replica of the database, if there is one and it answers."""
        with replica.reading() as used:
            response = self.get_response(request)
        if used and replica.away():
            response = self.get_response(request)
        return response

    def find(self, address: Address, render: Render) -> Page | HttpResponse:
        """The page: fresh; or a little old while another request renders it; or old because rendering fails or is slow.

        None is shown that is older than PAGE_STALE_SECONDS.
        """
        page = self.store.get(address.key)
        if page and page.fresh:
            FROM_MEMORY.inc()
            return page
        if page and not page.within(settings.PAGE_STALE_SECONDS):
            page = None
        if page and page.failing:
            STALE.inc()
            return page
        lock = self.locks[hash(address.key) % len(self.locks)]
        recent = page is not None and page.within(REVALIDATE * settings.PAGE_SECONDS)
        if not lock.acquire(timeout=0 if recent else WAIT_SECONDS):
            return page or render()
        try:
            return self._refill(address, render)
        finally:
            lock.release()

    def _refill(self, address: Address, render: Render) -> Page | HttpResponse:
        page = self.store.get(address.key)
        if page and page.fresh:
            return page
        shared = _shared(address)
        if shared and (page is None or shared.made_at > page.made_at):
            page = shared
            self.store.put(address.key, page)
            if page.fresh:
                FROM_REDIS.inc()
                return page
        response = render()
        if response.status_code >= SERVER_ERROR:
            return self._instead(address, page, response)
        if response.status_code == TOO_MANY:  # says nothing of the page
            return response
        own = "no-store" in response.headers.get("Cache-Control", "")  # for this visitor alone
        if response.status_code != 200 or response.streaming or response.cookies or own:
            self._forget(address, page)
            return response
        page = Page.of(response)
        self.store.put(address.key, page)
        RENDERED.inc()
        _share(address, page)
        return page

    def _instead(self, address: Address, page: Page | None, failure: HttpResponse) -> Page | HttpResponse:
        """The stored page instead of one that cannot be rendered; the failure if there is none."""
        if page is None or not page.within(settings.PAGE_STALE_SECONDS):
            return failure
        self.store.put(address.key, page._replace(failed_at=time.time()))
        STALE.inc()
        return page

    def _forget(self, address: Address, page: Page | None) -> None:
        """Forget a page that is gone, so that no error brings it back: somebody may have withdrawn."""
        if page:
            self.store.drop(address.key)
            if address.shared:
                cache.delete(_shared_key(address))


def _shared(address: Address) -> Page | None:
    """The page another process has rendered; none that seems to be from the future."""
    packed: Page | None = cache.get(_shared_key(address)) if address.shared else None
    if packed is None or packed.made_at > time.time():
        return None
    return packed._replace(body=gzip.decompress(packed.packed))


def _share(address: Address, page: Page) -> None:
    if address.shared:
        cache.set(_shared_key(address), page._replace(body=b""), max(settings.PAGE_STALE_SECONDS, 1))


def shape(kind: type[NamedTuple]) -> str:
    """Where pickle looks for the class, and which fields it has, in 12 digits."""
    said = (kind.__module__, kind.__qualname__, kind.__annotations__)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


# In the key of every pickled page: a release whose pages are of another shape never reads those of the one before.
# Raise the number when a field keeps its type and changes its meaning.
VERSION = f"1-{shape(Page)}"


def _shared_key(address: Address) -> str:
    return f"page:{VERSION}:{address.key}"


def _may_be_kept(request: HttpRequest) -> bool:
    """Whether it may be stored: not a request that is refused or redirected behind us, nor a page of an export."""
    if EXPORTED_AT in request.META or (settings.SECURE_SSL_REDIRECT and not request.is_secure()):
        return False
    try:
        return bool(request.get_host())
    except DisallowedHost:
        return False


def _address(request: HttpRequest) -> Address | None:
    """Path and known query names of a public page; None for others. The page is rendered from these alone."""
    find = _view_of if len(request.path_info) <= LONGEST_PATH else _view_of.__wrapped__
    view, has_arguments = find(request.path_info)
    names = settings.PUBLIC_PAGES.get(view)
    if names is None:
        return None
    asked = QueryDict(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))  # WSGI hands bytes over so
    query = urlencode([(name, asked[name]) for name in names if asked.get(name)])
    request.META["QUERY_STRING"] = query
    key = f"{request.path_info}?{query}" if query else request.path_info
    return Address(key, shared=not (query or has_arguments))


@lru_cache(maxsize=MOST_PATHS)
def _view_of(path: str) -> tuple[str, bool]:
    """The name of the URL of a path, and whether the path names something; an empty one for a path that is none."""
    with translation.override(translation.get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            match = resolve(path)
        except Resolver404:
            return "", False
    return match.view_name, bool(match.args or match.kwargs)


def _unstored(response: HttpResponse) -> HttpResponse:
    """Mark an answer as not to be stored nor indexed, unless it says otherwise."""
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if "no-store" in response.headers["Cache-Control"]:
        response.headers.setdefault("X-Robots-Tag", "noindex")
    return response
