"""Export of the site as plain files, for the end of the campaign: every public page, no form, working links.

Django's own handler renders the pages; a key in the request marks them as exported, and templates read it as
`exported_at`. All pages show one moment: one REPEATABLE READ transaction, and the edition of the same list.
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

from declaration.web.context import EXPORTED_AT
from signatories.editions import checksums
from signatories.editions.difference import changed_since
from signatories.listing.pages import Query, page
from signatories.models import Edition, EditionPart, PressPicture, Signature, Update
from signatories.models import settings as site
from signatories.models.embargo import hidden_until
from signatories.press import closed
from signatories.tally import services as tally

SUMS = "SHA256SUMS"
# Our templates write every attribute in double quotes and escape quotes in values.
_LINK = re.compile(r'\b(href|src)="([^"]*)"')
_STYLE_LINK = re.compile(r"""url\(["']?([^"')]+)""")
_NOT_FOUND = "/404/"
_PAGES = ("home", "about", "privacy", "listing-corrections", "press-press", "press-editions")


class ExportRefused(Exception):
    """Nothing was written; the message says why and what to do."""


@dataclass
class Export:
    """Result of an export: the number of files, its edition, and links to addresses it does not contain."""

    edition: Edition
    files: int = 0
    dead_links: set[str] = field(default_factory=set)


def export(*, folder: Path, now: datetime, progress: Callable[[int], None] = lambda files: None) -> Export:
    """Write the archive to `folder`, which must not exist: written to a temporary folder and renamed at the end.

    Raises ExportRefused.
    """
    if folder.exists():
        raise ExportRefused(f"{folder} exists already: name a folder that does not.")
    if hidden_until(now):
        raise ExportRefused("The embargo still holds: an archive would show what is hidden. Release it first.")
    if not closed.everything_is_shown(site.current(now)):
        raise ExportRefused(
            "The list, its files or the statistics are closed at the desk: an archive would lack them for "
            "ever. Open them first, at Settings."
        )
    tally.fold()
    temporary = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with _one_snapshot():
            archive = _Archive(temporary, now, _edition(), progress)
            archive.write()
        temporary.chmod(0o755)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return archive.result


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Hold one transaction around many requests, whose end must not close its connection."""
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
        raise ExportRefused(
            "There is no edition of the list as it stands. When signing has ended, wait a minute, "
            "run `manage.py edition`, then freeze again."
        )
    return edition


class _Archive:
    """Writes the files of the archive into a folder."""

    def __init__(self, folder: Path, now: datetime, edition: Edition, progress: Callable[[int], None]) -> None:
        self.folder, self.now, self.progress = folder, now, progress
        self.result = Export(edition)
        self.handler = WSGIHandler()
        self.list_paths = dict(_list_paths())
        self.lists = {_in(code, "listing-list") for code, _name in settings.LANGUAGES}
        self.written: dict[str, str] = {}
        self.linked: set[str] = set()

    def write(self) -> None:
        """Write the pages, then the static files they name, then the checksums of all."""
        for address in _addresses(self.list_paths):
            self._keep(self._archive_path(address), self._relinked(address, self._ask(address)))
        self._keep("/404.html", self._relinked(_NOT_FOUND, self._ask(_NOT_FOUND, status="404")))
        while waiting := [path for path in self.linked - set(self.written) if path.startswith(settings.STATIC_URL)]:
            for path in sorted(waiting):
                content = self._ask(path)
                if path.endswith(".css"):
                    self.linked |= {urljoin(path, link) for link in _STYLE_LINK.findall(content.decode())}
                self._keep(path, content)
        self.result.dead_links = self.linked - set(self.written)
        sums = [f"{digest}  {_file(path)}\n" for path, digest in sorted(self.written.items())]
        (self.folder / SUMS).write_text("".join(sums))

    def _keep(self, path: str, content: bytes) -> None:
        file = self.folder / _file(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        self.written[path] = hashlib.sha256(content).hexdigest()
        self.result.files = len(self.written)
        self.progress(self.result.files)

    def _relinked(self, address: str, content: bytes) -> bytes:
        """Return the page at `address` with links that work in plain files; other content unchanged."""
        if not content.startswith(b"<!doctype html>"):
            return content
        return _LINK.sub(lambda link: self._link(address, link), content.decode()).encode()

    def _link(self, address: str, link: re.Match[str]) -> str:
        """Rewrite one link: pages of the list have paths of their own instead of query strings."""
        attribute, value = link.groups()
        whole = urlsplit(urljoin(f"{settings.SITE_URL}{address}", html.unescape(value)))
        if f"{whole.scheme}://{whole.netloc}" != settings.SITE_URL:
            return link[0]
        path = self._archive_path(whole._replace(scheme="", netloc="", fragment="").geturl())
        if path == _NOT_FOUND:  # the 404 page links to itself in other languages
            path = reverse("home")
        self.linked.add(path)
        return link[0] if path == whole.path and not value.startswith("?") else f'{attribute}="{html.escape(path)}"'

    def _archive_path(self, address: str) -> str:
        """Return the path in the archive for an address of the site."""
        path, _mark, query = address.partition("?")
        below = self.list_paths.get(frozenset(parse_qsl(query))) if path in self.lists else None
        return f"{path}{below}" if below is not None else address

    def _ask(self, address: str, status: str = "200") -> bytes:
        """Return the site's answer. Raises RuntimeError for another status."""
        site, (path, _mark, query) = urlsplit(settings.SITE_URL), address.partition("?")
        environ: dict[str, Any] = {
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "HTTP_HOST": site.netloc,
            "HTTP_X_FORWARDED_PROTO": site.scheme,
            "wsgi.url_scheme": site.scheme,
            EXPORTED_AT: self.now,
        }
        setup_testing_defaults(environ)
        answered: list[str] = []

        def start(line: str, *_rest: object) -> Callable[[bytes], object]:
            answered.append(line)
            return len  # is never called

        response = self.handler(environ, start)
        try:
            content = b"".join(response)
        finally:
            response.close()
        if not answered[0].startswith(status):
            raise RuntimeError(f"{address} answered {answered[0]}")
        return content


def _addresses(list_paths: dict[frozenset[tuple[str, str]], str]) -> Iterator[str]:
    """Yield every public address, in every language."""
    yield from (reverse("robots"), reverse("tdmrep"), reverse("api-v1:count"), reverse("api-v1:corrections"))
    if keys := checksums.public_keys():
        yield reverse("declaration-key")
        yield from (reverse("declaration-key-one", args=[checksums.fingerprint_of(key)]) for key in keys)
    for picture in PressPicture.objects.in_order():
        yield from (picture.small_url, picture.get_absolute_url())
    asked = sorted({path: dict(query) for query, path in list_paths.items() if "before" not in dict(query)}.items())
    for code, _name in settings.LANGUAGES:
        for name in _PAGES:
            yield _in(code, name)
        for number in Edition.objects.published().values_list("number", flat=True):
            yield _in(code, "press-edition", number)
            yield from _sums(code, number)
        if latest := Edition.objects.latest_ready():
            yield from (_in(code, "press-latest", file.format) for file in latest.full_files)
            lists = {*latest.ready_parts(code), *EditionPart.objects.newest(code)}
            yield from (file.get_absolute_url() for part in lists for file in part.shown_files)
        for _path, query in asked:
            params = QueryDict(mutable=True)
            params.update(query)
            yield _in(code, "listing-list") + (f"?{params.urlencode()}" if query else "")
        yield from _news(code)
        for number in Signature.objects.public().in_filing_order().values_list("number", flat=True).iterator():
            yield _in(code, "listing-signature", number)


def _news(language: str) -> Iterator[str]:
    """Yield the addresses of the updates, and of the page that lists them, if there are any."""
    numbers = list(Update.objects.public().order_by("pk").values_list("pk", flat=True))
    if numbers:
        yield _in(language, "news-updates")
    yield from (_in(language, "news-update", number) for number in numbers)


def _sums(language: str, number: int | None) -> Iterator[str]:
    """Yield the addresses with which the files of an edition are checked."""
    edition = Edition.objects.published().get(number=number)
    if edition.sums:
        yield _in(language, "press-edition-sums", number)
    if edition.sums_signature:
        yield _in(language, "press-edition-signature", number)


def _in(language: str, name: str, *arguments: object) -> str:
    with translation.override(language):
        return reverse(name, args=arguments)


def _list_paths() -> Iterator[tuple[frozenset[tuple[str, str]], str]]:
    """Yield for every page of the list, whole and by letter, its query and its path below that of the list.

    The query for the names before a page leads to the page before it.
    """
    for letter in ["", *tally.by_prefix("letter")]:
        place = (
            f"letter-{letter if letter.isascii() and letter.isalnum() else letter.encode().hex()}/" if letter else ""
        )
        query, number, before = Query(letter=letter), 1, place
        while True:
            path = f"{place}page-{number}/" if number > 1 else place
            shown = page(query)
            yield frozenset(parse_qsl(query.link(after=query.after)[1:])), path
            if shown.previous:
                yield frozenset(parse_qsl(shown.previous[1:])), before
            if not shown.next:
                break
            query, number, before = Query.read(QueryDict(shown.next[1:]).dict()), number + 1, path


def _file(path: str) -> str:
    """Return the file that a plain web server serves for a path."""
    return f"{path}index.html".lstrip("/") if path.endswith("/") else path.lstrip("/")
