"""`manage.py freeze`: the archive of the last day, walked link by link as a plain file server would give it."""

import hashlib
import html
import re
import subprocess
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from signatories.desk.queue import services as queue
from signatories.editions import services as editions
from signatories.listing import pages
from signatories.models import Edition, Signature, WatchedName
from signatories.tally import services as tally
from tests.people import organizer, post_form, signed, text

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = ["Aveline Ashgrove", "Zoë Zürn", "Яна Берегиня", "花音", "-Q-", "R&B <Ember>"]
HIDDEN = {"Umbra Unnamed": "unnamed", "Helga Heldback": "held", "Rita Rejected": "rejected", "Pia Pending": "pending"}


@pytest.fixture
def yesterday() -> datetime:
    """When everyone of these tests signed."""
    return timezone.now() - timedelta(days=1)


@pytest.fixture
def people(client: Client, monkeypatch: pytest.MonkeyPatch, yesterday: datetime) -> None:
    """A list of several pages, and four whom nobody may see."""
    monkeypatch.setattr(pages, "PAGE", 3)
    names = [*SHOWN[:-1], *(f"Aster Number{letter}" for letter in "abcdefgh"), "R&B"]
    for n, name in enumerate(names):
        signed(name=name, address=f"p{n}@example.org", now=yesterday)
    WatchedName.objects.create(name="Helga Heldback")
    signed(name="Helga Heldback", address="held@example.org", now=yesterday)
    signed(name="Umbra Unnamed", address="unnamed@example.org", named=False, now=yesterday)
    rejected = signed(name="Rita Rejected", address="gone@example.org", now=yesterday)
    assert queue.reject(signature_id=rejected.pk, organizer=organizer(), reason="invented", now=yesterday)
    text()
    assert post_form(client, name="Pia Pending", email="pending@example.org").status_code == 303
    tally.fold()
    editions.ask()
    built = editions.build_waiting()
    assert built
    assert built.state == "ready", built.error


def served(folder: Path, path: str) -> Path | None:
    """The file that a plain server gives for a path, or None."""
    assert not urlsplit(path).query, path
    file = folder / unquote(urlsplit(path).path).lstrip("/")
    file = file / "index.html" if path.endswith("/") or path == "" else file
    return file if file.is_file() else None


def links(page: str) -> list[str]:
    """Every address a page names, in whatever attribute."""
    found = re.findall(r'\b(?:href|src|action|content)="([^"]*)"', page)
    return [html.unescape(link) for link in found if not link.startswith("mailto:")]


def walk(folder: Path, start: str = "/") -> dict[str, str]:
    """Every page that can be reached, by path; fails at a link that leads nowhere."""
    waiting, seen = [start], {}
    while waiting:
        path = waiting.pop()
        file = served(folder, path)
        assert file, path
        page = seen[path] = file.read_text() if path.endswith("/") else ""
        for link in links(page):
            whole = urlsplit(urljoin(f"http://testserver{path}", link))
            if whole.scheme in {"http", "https"} and ("/" in link or "?" in link):
                assert whole.netloc == "testserver", (path, link)
                target = whole._replace(scheme="", netloc="", fragment="").geturl()
                if target not in seen and target not in waiting:
                    waiting.append(target)
    return seen


def test_the_archive(people: None, tmp_path: Path, client: Client) -> None:
    folder, out, err = tmp_path / "archive", StringIO(), StringIO()
    call_command("freeze", str(folder), stdout=out, stderr=err)
    assert err.getvalue() == ""
    assert "(15 signed as of" in out.getvalue()
    _is_whole_and_holds_nobody_hidden(folder)
    _has_files_beside_the_pages(folder, client)
    _follows_filing_order(folder)
    _leaves_the_live_site_its_form(client)


def _is_whole_and_holds_nobody_hidden(folder: Path) -> None:
    found = walk(folder)
    public = list(Signature.objects.public())
    for code in ("", "/fr"):
        for path in ("/", "/about/", "/privacy/", "/corrections/", "/press/", "/signatories/", "/signatories/page-2/"):
            assert f"{code}{path}" in found
        assert {f"{code}/signatories/{person.number}/" for person in public} <= set(found)
        listed = "".join(page for path, page in found.items() if path.startswith(f"{code}/signatories/page-"))
        listed += found[f"{code}/signatories/"]
        assert all(listed.count(f">{html.escape(person.name)}</") == 1 for person in public)
    for path, page in found.items():
        assert not re.search(r"<form|<button|<input|<script", page), path
    assert "Signing has ended" in found["/"]
    assert "La signature est close" in found["/fr/"]
    assert "This is an archive" in found["/signatories/"]
    everything = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.suffix != ".pdf")
    for secret in (*HIDDEN, "unnamed@example.org", "p0@example.org", "held@example.org"):
        assert secret.encode() not in everything, secret
    assert not list(folder.parent.glob(".*"))


def _has_files_beside_the_pages(folder: Path, client: Client) -> None:
    for kind in ("pdf", "csv", "xlsx"):
        response = client.get(f"/press/latest.{kind}")
        assert (folder / f"press/latest.{kind}").read_bytes() == b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert (folder / "robots.txt").read_text() == client.get("/robots.txt").content.decode()
    assert '"tdm-reservation": 1' in (folder / ".well-known" / "tdmrep.json").read_text()
    assert (folder / "404.html").read_text().startswith("<!doctype html>")
    assert list(folder.glob("static/fonts/*.woff2"))
    done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    files = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} - {"SHA256SUMS"}
    assert set(sums) == files
    assert sums["index.html"] == hashlib.sha256((folder / "index.html").read_bytes()).hexdigest()
    assert folder.stat().st_mode & 0o777 == 0o755


def _follows_filing_order(folder: Path) -> None:
    path, order, back = "/signatories/", [], []
    while path:
        file = served(folder, path)
        assert file
        page = file.read_text()
        order += re.findall(r'href="/signatories/(\d+)/"', page)
        back += re.findall(r'<link rel="prev" href="([^"]*)"', page)
        path = next(iter(re.findall(r'<link rel="next" href="([^"]*)"', page)), "")
    assert order == [
        str(number) for number in Signature.objects.public().in_filing_order().values_list("number", flat=True)
    ]
    assert back[:2] == ["/signatories/", "/signatories/page-2/"]
    letter = served(folder, "/signatories/letter-N/page-2/")
    assert letter
    assert 'href="/signatories/letter-N/"' in letter.read_text()


def _leaves_the_live_site_its_form(client: Client) -> None:
    page = client.get(
        "/", headers={"declaration.exported_at": "now", "Declaration-Exported-At": "now"}
    ).content.decode()
    assert "<form" in page
    assert "Signing has ended" not in page


def test_refused_without_an_edition_of_the_list_as_it_stands(tmp_path: Path) -> None:
    now = timezone.now()
    signed(name="Late Latecomer", address="late@example.org", now=now)
    Edition.objects.create(number=1, state="ready", as_of=now)
    with pytest.raises(CommandError, match=r"manage\.py edition"):
        call_command("freeze", str(tmp_path / "archive"))
    assert list(tmp_path.iterdir()) == []


def test_refused_where_something_stands_already(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "kept").write_text("mine")
    with pytest.raises(CommandError, match="exists already"):
        call_command("freeze", str(tmp_path / "archive"))
    assert (tmp_path / "archive" / "kept").read_text() == "mine"
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("freeze", str(tmp_path / "nowhere" / "archive"))


def test_a_failure_leaves_nothing_behind(people: None, tmp_path: Path) -> None:
    default_storage.delete(Edition.objects.get().csv)  # the pages in front of it are written by then
    with pytest.raises(RuntimeError, match="answered 404"):
        call_command("freeze", str(tmp_path / "archive"))
    assert list(tmp_path.iterdir()) == []
