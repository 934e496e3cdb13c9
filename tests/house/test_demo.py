"""`manage.py demo`, from outside: the whole product by HTTP alone, then a clean stop and a second start."""

import hashlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil

from declaration.demo import embedded

ROOT = Path(__file__).parents[2]
NAME = "Þórdís O'Dunmore-星野"


class Site:
    """The site as a program without a browser sees it; it follows no redirects."""

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes, str]:
        """Status, body, Location."""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        connection.request(method, path, urlencode(form or {}), headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body, answer.getheader("Location", "")

    def get(self, path: str) -> bytes:
        """The body of a page that must be there."""
        status, body, _location = self.ask("GET", path)
        assert status == 200, path
        return body

    def count(self) -> int:
        """The public number."""
        return int(json.loads(self.get("/api/v1/count"))["count"])


@contextmanager
def demo(folder: Path) -> Iterator[tuple[Site, dict[str, str]]]:
    """A running demo; yields the site and its environment for commands typed beside it."""
    parts = (
        "DATABASE_URL",
        "REDIS_URL",
        "MAIL_URL",
        "SITE_URL",
        "STORAGE_URL",
        "SECRET_KEY",
        "MAILBOX_KEYS",
        "DIGEST_KEY",
    )
    env = {name: value for name, value in os.environ.items() if name not in parts} | {"DEMO_DIR": str(folder)}
    port = embedded.free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=env | {"DEMO_PORT": str(port), "DEMO_SIGNATURES": "40"},
    )  # fmt: skip
    assert process.stdout
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Ctrl-C"):
                break
        assert "ready: " in "".join(said), "".join(said)
        yield Site(f"http://127.0.0.1:{port}"), env
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()


def left_over(folder: Path) -> list[str]:
    """What still runs on the demo's folder."""
    lines = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if str(folder) in line]


def test_the_whole_product_by_http_alone(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with demo(folder) as (site, env):
        before = site.count()
        assert before == 40
        form = {"name": NAME, "profession": "poet", "email": "new@example.org", "appearance": "named"}
        status, _body, location = site.ask("POST", "/sign/", form)
        assert status == 303
        assert b"new@example.org" in site.get(location)
        path = _wait_for_link(site)
        for _ in range(2):
            site.get(path)
        assert NAME.split()[0].encode() not in site.get("/signatories/?q=thordis+odunmore").split(b"<main", 1)[1]
        assert [site.ask("POST", path)[0] for _ in range(2)] == [303, 303]
        assert b"dunmore" in site.get("/signatories/?q=thordis+odunmore").split(b"<main", 1)[1].lower()
        deadline = time.monotonic() + 10
        while site.count() == before and time.monotonic() < deadline:
            time.sleep(0.2)
        assert site.count() == before + 1
        _what_there_is_to_try(site)
        _edition(site, env, tmp_path)
    assert left_over(folder) == []
    with demo(folder) as (site, _env):
        assert site.count() == before + 1
    assert left_over(folder) == []


def _wait_for_link(site: Site) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        mails = json.loads(site.get("/mailbox/messages.json"))
        if mails:
            assert mails[0]["to"] == "new@example.org"
            assert set(mails[0]) >= {"to", "subject", "text", "html"}
            found = re.search(r"https?://[^/]+(/confirm/[\w.-]+/)", mails[0]["text"])
            assert found
            return found[1]
        time.sleep(0.2)
    raise AssertionError("no mail arrived")


def _what_there_is_to_try(site: Site) -> None:
    """Three partners with their pages, and two bands."""
    listed = site.get("/partners/").decode()
    for name, slug in (
        ("Union of Stage Hands", "stage-hands"), ("Paper Lantern Records", "paper-lantern"),
        ("House of Open Letters", "open-letters"),
    ):  # fmt: skip
        assert name in listed
        assert name in site.get(f"/with/{slug}/").decode()
    assert "hands over names and addresses" in site.get("/with/stage-hands/").decode()
    for band in ("Paper+Lanterns", "Hollow+Reed"):
        assert band.replace("+", " ") in site.get(f"/signatories/?q={band}").decode().split("<main", 1)[1]


def _edition(site: Site, env: dict[str, str], folder: Path) -> None:
    """The command, typed beside the demo, joins it; the PDF holds the new name."""
    done = subprocess.run(
        [sys.executable, "manage.py", "edition"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pdf = site.get("/press/latest.pdf")
    assert hashlib.sha256(pdf).hexdigest() in done.stdout
    (folder / "latest.pdf").write_bytes(pdf)
    subprocess.run(["qpdf", "--check", str(folder / "latest.pdf")], check=True, capture_output=True)
    text = subprocess.run(
        ["pdftotext", str(folder / "latest.pdf"), "-"], check=True, capture_output=True
    ).stdout.decode()
    assert NAME in re.sub(r"\s+", " ", text)
    assert site.get("/press/latest.csv").startswith(b"\xef\xbb\xbf")
