"""The site as plain files, for the day the campaign ends: every public page as it stands, no form, links that work.

The pages come out of Django's own handler, told by a key in the request that they are for the archive; templates find
it as `frozen`. Everything is of one moment: one REPEATABLE READ transaction, and the edition made for the same list.
"""

import hashlib
import html
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urljoin, urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from declaration.web.context import FROZEN_AT
from signatories.editions.services import changed_since
from signatories.listing.pages import Query, page
from signatories.models import Edition, Signature
from signatories.tally import services as tally

SUMS = "SHA256SUMS"
# Our own templates write every attribute in double quotes and escape them in every value.
_LINK = re.compile(r'\b(href|src)="([^"]*)"')
_STYLE_LINK = re.compile(r"""url\(["']?([^"')]+)""")
_NOWHERE = "/404/"
_PAGES = ("home", "about", "privacy", "press-press", "press-latest-pdf", "press-latest-csv", "press-editions")


class Refused(Exception):
    """Nothing was written; the words say why and what to do."""


@dataclass
class Frozen:
    """What was written: the number of files, the edition in it, and links that lead to nothing in it."""

    edition: Edition
    files: int = 0
    dead_links: set[str] = field(default_factory=set)


def freeze(*, folder: Path, now: datetime, progress: Callable[[int], None] = lambda files: None) -> Frozen:
    """Write the archive to `folder`, which must not exist: written beside it and renamed at the end.

    Raises Refused.
    """
    if folder.exists():
        raise Refused(f"{folder} exists already: name a folder that does not.")
    tally.fold()
    temporary = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with _one_moment():
            archive = _Archive(temporary, now, _edition(), progress)
            archive.write()
        temporary.chmod(0o755)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return archive.frozen


@contextmanager
def _one_moment() -> Iterator[None]:
    """One transaction around many requests, which must not close its connection as requests do."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def _edition() -> Edition:
    edition = Edition.objects.latest_ready()
    if edition is None or changed_since(edition):
        raise Refused(
            "There is no edition of the list as it stands. When signing has ended, wait a minute, "
            "run `manage.py edition`, then freeze again."
        )
    return edition


class _Archive:
    """The folder while it is written."""

    def __init__(self, folder: Path, now: datetime, edition: Edition, progress: Callable[[int], None]) -> None:
        self.folder, self.now, self.progress = folder, now, progress
        self.frozen = Frozen(edition)
        self.handler = WSGIHandler()
        self.shelves = dict(_shelves())
        self.lists = {_in(code, "listing-list") for code, _name in settings.LANGUAGES}
        self.written: dict[str, str] = {}
        self.linked: set[str] = set()

    def write(self) -> None:
        """Pages first, then the static files they name, then the sums of all."""
        for address in _addresses(self.shelves):
            self._keep(self._shelved(address), self._relinked(address, self._ask(address)))
        self._keep("/404.html", self._relinked(_NOWHERE, self._ask(_NOWHERE, status="404")))
        while waiting := [path for path in self.linked - set(self.written) if path.startswith(settings.STATIC_URL)]:
            for path in sorted(waiting):
                content = self._ask(path)
                if path.endswith(".css"):
                    self.linked |= {urljoin(path, link) for link in _STYLE_LINK.findall(content.decode())}
                self._keep(path, content)
        self.frozen.dead_links = self.linked - set(self.written)
        sums = [f"{digest}  {_file(path)}\n" for path, digest in sorted(self.written.items())]
        (self.folder / SUMS).write_text("".join(sums))

    def _keep(self, path: str, content: bytes) -> None:
        file = self.folder / _file(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        self.written[path] = hashlib.sha256(content).hexdigest()
        self.frozen.files = len(self.written)
        self.progress(self.frozen.files)

    def _relinked(self, address: str, content: bytes) -> bytes:
        """The page at `address` with links that work without the program. What is no page stays as it is."""
        if not content.startswith(b"<!doctype html>"):
            return content
        return _LINK.sub(lambda link: self._link(address, link), content.decode()).encode()

    def _link(self, address: str, link: re.Match[str]) -> str:
        """One link: pages of the list have paths of their own instead of questions behind one."""
        attribute, value = link.groups()
        whole = urlsplit(urljoin(f"{settings.SITE_URL}{address}", html.unescape(value)))
        if f"{whole.scheme}://{whole.netloc}" != settings.SITE_URL:
            return link[0]
        path = self._shelved(whole._replace(scheme="", netloc="", fragment="").geturl())
        if path == _NOWHERE:  # the page for what is missing names itself in other languages
            path = reverse("home")
        self.linked.add(path)
        return link[0] if path == whole.path and not value.startswith("?") else f'{attribute}="{html.escape(path)}"'

    def _shelved(self, address: str) -> str:
        """The path in the archive of an address of the site."""
        path, _mark, query = address.partition("?")
        shelf = self.shelves.get(frozenset(parse_qsl(query))) if path in self.lists else None
        return f"{path}{shelf}" if shelf is not None else address

    def _ask(self, address: str, status: str = "200") -> bytes:
        """What the site answers. Raises RuntimeError if that is not what was expected."""
        site, (path, _mark, query) = urlsplit(settings.SITE_URL), address.partition("?")
        environ: dict[str, Any] = {
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "HTTP_HOST": site.netloc,
            "HTTP_X_FORWARDED_PROTO": site.scheme,
            "wsgi.url_scheme": site.scheme,
            FROZEN_AT: self.now,
        }
        setup_testing_defaults(environ)
        answered: list[str] = []

        def start(line: str, *_rest: object) -> Callable[[bytes], object]:
            answered.append(line)
            return len  # nobody calls it

        response = self.handler(environ, start)
        try:
            content = b"".join(response)
        finally:
            response.close()
        if not answered[0].startswith(status):
            raise RuntimeError(f"{address} answered {answered[0]}")
        return content


def _addresses(shelves: dict[frozenset[tuple[str, str]], str]) -> Iterator[str]:
    """Every public address, in every language."""
    yield from (reverse("robots"), reverse("tdmrep"), reverse("api-v1:count"))
    asked = sorted({shelf: dict(query) for query, shelf in shelves.items() if "before" not in dict(query)}.items())
    for code, _name in settings.LANGUAGES:
        for name in _PAGES:
            yield _in(code, name)
        for number in Edition.objects.published().values_list("number", flat=True):
            yield _in(code, "press-edition", number)
        if latest := Edition.objects.latest_ready():
            yield from (_in(code, f"press-edition-{kind}", latest.number) for kind in ("pdf", "csv"))
        for _shelf, query in asked:
            params = QueryDict(mutable=True)
            params.update(query)
            yield _in(code, "listing-list") + (f"?{params.urlencode()}" if query else "")
        for number in Signature.objects.public().in_filing_order().values_list("number", flat=True).iterator():
            yield _in(code, "listing-signature", number)


def _in(language: str, name: str, *arguments: object) -> str:
    with translation.override(language):
        return reverse(name, args=arguments)


def _shelves() -> Iterator[tuple[frozenset[tuple[str, str]], str]]:
    """For every page of the list, whole and by letter: what is asked for it, and its place below the list's path.

    The question for the names before a page is the page before it.
    """
    for letter in ["", *tally.by_prefix("letter")]:
        place = (
            f"letter-{letter if letter.isascii() and letter.isalnum() else letter.encode().hex()}/" if letter else ""
        )
        query, number, before = Query(letter=letter), 1, place
        while True:
            shelf = f"{place}page-{number}/" if number > 1 else place
            shown = page(query)
            yield frozenset(parse_qsl(query.link(after=query.after)[1:])), shelf
            if shown.previous:
                yield frozenset(parse_qsl(shown.previous[1:])), before
            if not shown.next:
                break
            query, number, before = Query.read(QueryDict(shown.next[1:]).dict()), number + 1, shelf


def _file(path: str) -> str:
    """The file that a plain server gives for a path."""
    return f"{path}index.html".lstrip("/") if path.endswith("/") else path.lstrip("/")
