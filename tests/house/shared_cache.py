"""A small shared HTTP cache as RFC 9111 lets one be, and no kinder: it knows nothing of cookies.

It keeps whatever it may: also what says nothing of how long (as heuristics allow), and errors.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.house.serving import Answer, Site

HEURISTIC = 60.0  # seconds
# Statuses that may be kept without a word about it (RFC 9110, 15.1).
KEPT_SILENTLY = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}
_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Shared:
    """What is kept, by path with its query; hits are counted."""

    behind: Site
    kept: dict[str, list[tuple[dict[str, str], float, Answer]]] = field(default_factory=dict)
    hits: int = 0

    def find(self, path: str, asked: dict[str, str]) -> Answer | None:
        """A fresh answer to the same request, by the headers that it varies by."""
        for varied, until, answer in self.kept.get(path, []):
            if until > time.monotonic() and all(asked.get(name, "") == value for name, value in varied.items()):
                self.hits += 1
                return answer
        return None

    def keep(self, path: str, asked: dict[str, str], answer: Answer) -> None:
        """Keep it, if a shared cache may."""
        said = answer.headers.get("cache-control", "").lower()
        vary = [name.strip().lower() for name in answer.headers.get("vary", "").split(",") if name.strip()]
        if re.search(r"no-store|private|no-cache", said) or "*" in vary or "authorization" in asked:
            return
        age = re.search(r"s-maxage=(\d+)", said) or re.search(r"max-age=(\d+)", said)
        if age is None and answer.status not in KEPT_SILENTLY and "public" not in said:
            return
        until = time.monotonic() + (float(age[1]) if age else HEURISTIC)
        varied = {name: asked.get(name, "") for name in vary}
        self.kept.setdefault(path, []).insert(0, (varied, until, answer))


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shared: Shared

    def do_GET(self) -> None:
        """From what is kept, or from behind."""
        asked = {name.lower(): value for name, value in self.headers.items()}
        answer = self.shared.find(self.path, asked)
        if answer is None:
            answer = self.shared.behind.ask("GET", self.path, headers=dict(self.headers.items()))
            self.shared.keep(self.path, asked, answer)
        self._answer(answer)

    def do_POST(self) -> None:
        """Always from behind."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._answer(self.shared.behind.ask("POST", self.path, body=body, headers=dict(self.headers.items())))

    def _answer(self, answer: Answer) -> None:
        content = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def shared_cache(behind: Site) -> Iterator[tuple[Site, Shared]]:
    """The cache at a port of its own, and what it keeps."""
    shared = Shared(behind)
    door = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"shared": shared}))
    threading.Thread(target=door.serve_forever, daemon=True).start()
    try:
        yield Site(door.server_address[1]), shared
    finally:
        door.shutdown()
        door.server_close()
