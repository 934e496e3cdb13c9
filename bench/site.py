"""Servers of the product and of the reference, on durable PostgreSQL and Redis, on free ports."""

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from cryptography.fernet import Fernet

from declaration.demo import embedded

ROOT = Path(__file__).resolve().parent.parent
THREADS = 8  # with database connections, and two more threads, as in the demo
CONNECTIONS = 16


type Lines = Callable[[], Path]


class Urls(NamedTuple):
    """Addresses of the two servers."""

    site: str
    reference: str


@contextmanager
def parts() -> Iterator[int]:
    """Start PostgreSQL (durable) and Redis, and name them in the environment; yields the port for the site."""
    folder = Path(tempfile.mkdtemp(prefix="declaration-bench-"))
    port = embedded.free_port()
    try:
        with embedded.servers(folder / "servers", durable=True) as servers:
            os.environ |= {
                "DATABASE_URL": servers.database_url,
                "REDIS_URL": servers.redis_url,
                "SITE_URL": f"http://127.0.0.1:{port}",
                "STORAGE_URL": (folder / "files").as_uri(),
                "DJANGO_SETTINGS_MODULE": "declaration.settings",
                "TRUSTED_PROXIES": "1",
                "LANGUAGES": "all",
                "SECRET_KEY": secrets.token_urlsafe(50),
                "DIGEST_KEY": secrets.token_urlsafe(50),
                "MAILBOX_KEYS": Fernet.generate_key().decode(),
            }
            yield port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(port: int) -> Iterator[Urls]:
    """Start both web servers, one process each, with the same number of threads and database connections."""
    other = embedded.free_port()
    with _granian(port, "declaration.") as site, _granian(other, "bench.reference_") as reference:
        _wait(f"{site}/healthz")
        _wait(f"{reference}/empty")
        yield Urls(site, reference)


@contextmanager
def _granian(port: int, name: str) -> Iterator[str]:
    threads = {"DATABASE_POOL_SIZE": str(THREADS), "GRANIAN_BLOCKING_THREADS": str(3 * THREADS)}
    env = os.environ | {"DJANGO_SETTINGS_MODULE": f"{name}settings"} | threads
    command = [sys.executable, "-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}"]
    command += ["--workers=1", "--log-level=error", f"{name}wsgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)


def _wait(url: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{url} does not answer.")


class Round(NamedTuple):
    """Result of wrk for one page: requests per second, and the longest answer in milliseconds."""

    rate: float
    longest: float


class Comparison(NamedTuple):
    """Medians of the rounds: requests per second, and their ratio to the reference; longest answers in ms."""

    rate: float
    ratio: float
    longest: float
    reference_longest: float


class LoadPlan(NamedTuple):
    """Number and seconds of the rounds, for the page and equally for its reference."""

    rounds: int
    seconds: int


def compare(url: str, reference: str, plan: LoadPlan, *, script: str = "", lines: Lines | None = None) -> Comparison:
    """Load a page and its reference in turns, so that other load affects both. Raises SystemExit on errors.

    `lines` makes a file for each round of a script that needs one: solved puzzles, links to confirm.
    """
    for warm in (url, reference):
        load_page(warm, 1, script if warm == url else "", lines)
    taken = [
        (load_page(url, plan.seconds, script, lines), load_page(reference, plan.seconds, ""))
        for _ in range(plan.rounds)
    ]
    return Comparison(
        rate=median(page.rate for page, _ in taken),
        ratio=median(page.rate / base.rate for page, base in taken),
        longest=max(page.longest for page, _ in taken),
        reference_longest=max(base.longest for _, base in taken),
    )


def load_page(url: str, seconds: int, script: str, lines: Lines | None = None) -> Round:
    """Ask for a page as fast as it comes. Raises SystemExit if anything but a good answer came."""
    # Longer than wrk's default of two seconds, so that slow answers are measured and are no errors.
    command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={seconds}s", "--timeout=10s"]
    command += ["--header=Accept-Encoding: gzip"]  # as browsers send it
    if script:
        command += [f"--script={ROOT / 'bench' / script}"]
    url_and_words = [url, "--", secrets.token_hex(4), *([str(lines())] if lines else [])]
    said = subprocess.run([*command, *url_and_words], check=True, capture_output=True, text=True).stdout
    if wrong := re.search(r"Non-2xx.*|Socket errors.*", said):
        raise SystemExit(f"{url}: {wrong[0]}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    longest = re.search(r"Latency\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)\b", said)  # average, deviation, most
    assert rate, said
    assert longest, said
    return Round(float(rate[1]), float(longest[1]) * {"us": 0.001, "ms": 1, "s": 1000}[longest[2]])
