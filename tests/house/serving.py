"""The real web server (granian, as in production) on the database of a test, and the real proxy in front of it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode

from django.db import connection

from declaration.demo import embedded
from declaration.demo.supervisor import SupervisedProcess
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
FORM = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    """What came back; names of headers in small letters."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass
class Site:
    """A server that speaks HTTP at a port of this machine; its process, where we started it as one."""

    port: int
    part: SupervisedProcess | None = None

    def ask(
        self,
        method: str,
        path: str,
        filled: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = 20,
        body: str = "",
        source: str = "",
    ) -> Answer:
        """One request on a connection of its own. Raises OSError when nobody answers in time."""
        web = HTTPConnection("127.0.0.1", self.port, timeout=seconds, source_address=(source, 0) if source else None)
        try:
            kind = {"Host": "testserver"} | ({"Content-Type": FORM} if filled is not None else {})
            web.request(method, path, body or urlencode(filled or {}), kind | dict(headers or {}))
            got = web.getresponse()
            found = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, found, got.read().decode())
        finally:
            web.close()

    def begin(self, path: str, length: int, *sent: bytes, kind: str = FORM) -> socket.socket:
        """A POST of so many bytes of which only `sent` is sent yet."""
        head = f"POST {path} HTTP/1.1\r\nHost: testserver\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        return self.send(head.encode() + b"".join(sent))

    def send(self, sent: bytes) -> socket.socket:
        """Connect and send so much, which may be less than a request."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        line.sendall(sent)
        return line

    def ready(self, path: str = "/readyz") -> bool:
        """Whether it answers."""
        try:
            return self.ask("GET", path).status == 200
        except OSError:
            return False


def database_url(user: str = "postgres") -> str:
    """Where another process finds the database of the test."""
    database = connection.settings_dict
    return f"postgresql://{user}@{quote(str(database['HOST']), safe='')}/{database['NAME']}"


@contextmanager
def web(log: Path, *options: str, threads: int = 4, ready: str = "/readyz", **env: str) -> Iterator[Site]:
    """granian with the command line of docker-compose.yml, but for host, port and threads, and `options` behind it.

    `threads` may use the database; as there, twice as many may wait for it, but for two that answer whoever needs none.
    """
    port = embedded.free_port()
    command = ["-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}", "--workers=1"]
    command += ["--log-level=warning", *options, "declaration.wsgi:application"]
    own = {"DATABASE_URL": database_url(), "DATABASE_POOL_SIZE": str(threads)}
    own["GRANIAN_BLOCKING_THREADS"] = str(3 * threads)
    with _kept(
        SupervisedProcess([sys.executable, *command], env=os.environ | own | env, log=log, folder=ROOT), port, ready
    ) as site:
        yield site


@contextmanager
def proxy(folder: Path, *behind: Site) -> Iterator[Site]:
    """Caddy with our file, but without TLS and at a port of this machine."""
    port, caddy = embedded.free_port(), str(Path(sys.executable).parent / "caddy")
    env = {
        "SITE_URL": "http://testserver", "OPERATOR_EMAIL": "office@declaration.example",
        "WEB": " ".join(f"127.0.0.1:{site.port}" for site in behind), "PATH": "/usr/bin:/bin", "HOME": str(folder),
        "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
    }  # fmt: skip
    adapt = [caddy, "adapt", "--config", str(ROOT / "Caddyfile")]
    read = json.loads(subprocess.run(adapt, env=env, capture_output=True, check=True).stdout)
    read["admin"] = {"disabled": True}
    read["apps"]["http"]["servers"]["srv0"] |= {"listen": [f"127.0.0.1:{port}"], "automatic_https": {"disable": True}}
    (folder / "caddy.json").write_text(json.dumps(read))
    command = [caddy, "run", "--config", str(folder / "caddy.json")]
    with _kept(SupervisedProcess(command, env=env, log=folder / "caddy.log", folder=folder), port) as site:
        yield site


@contextmanager
def _kept(part: SupervisedProcess, port: int, ready: str = "/readyz") -> Iterator[Site]:
    """A server from when it is ready until the end."""
    site = Site(port, part)
    try:
        wait_for(lambda: site.ready(ready), 30)
        yield site
    finally:
        part.kill()
