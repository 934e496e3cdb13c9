"""The whole product as several machines would run it: web processes, workers by queue, one beat, on durable servers.

Every part is a process that can be killed; a supervisor starts it again, as systemd or a container would.
"""

import fcntl
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from declaration.demo import embedded
from declaration.demo.supervisor import SupervisedProcess
from tests.faults.proxy import Proxy
from tests.servers import COMMON
from tests.smtp import Catcher

ROOT = Path(__file__).parents[2]
FAST = {
    "OUTBOX_LEASE": "3",
    "OUTBOX_TICK": "0.3",
    "OUTBOX_FIRST_GAP": "0.5",
    "OUTBOX_LONGEST_GAP": "2",
    "PAGE_SECONDS": "1",
}
QUEUES = ("mail", "housekeeping", "editions")
PATIENCE = 10  # seconds


@dataclass
class Answer:
    """What a visitor was told; status 0 when nobody answered: refused or cut off, or not within PATIENCE."""

    status: int
    location: str = ""
    body: str = ""
    hung: bool = False

    @property
    def json(self) -> dict[str, int]:
        """The body, read."""
        found: dict[str, int] = json.loads(self.body)
        return found


@dataclass
class House:
    """The processes and the doors to them."""

    folder: Path
    servers: embedded.Servers
    mailbox: Catcher
    env: dict[str, str]
    webs: dict[int, SupervisedProcess] = field(default_factory=dict)
    behind: dict[str, SupervisedProcess] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    proxy: Proxy | None = None
    root: Path = ROOT  # the code that is run

    def start(self, webs: int) -> None:
        """Migrate and publish a text, unless that is done; start everything."""
        if self.root != ROOT:
            self.prepare()
        for _ in range(webs):
            port = embedded.free_port()
            command = ["-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}", "--log-level=error"]
            command += ["--workers=1", "declaration.wsgi:application"]
            threads = {"DATABASE_POOL_SIZE": "4", "GRANIAN_BLOCKING_THREADS": "12"}
            self.webs[port] = self._part(f"web-{port}", command, threads)
        worker = ["-m", "celery", "-A", "declaration", "worker", "--loglevel=WARNING", "--without-gossip"]
        for queue in QUEUES:
            hands = ["--pool=threads", "--concurrency=4"] if queue == "mail" else ["--concurrency=1"]
            self.start_behind(queue, [*worker, f"--queues={queue}", *hands, f"--hostname={queue}@%h"])
        self.start_beat("beat")

    def prepare(self) -> None:
        """Make the tables, with a published text."""
        self.manage("migrate", "--verbosity=0")
        self.manage("shell", f"--command=from {self._text_module()} import publish; publish()")

    def start_beat(self, name: str) -> None:
        """A clock; one is enough, two do no harm."""
        schedule = f"--schedule={self.folder / name}"
        self.start_behind(name, ["-m", "celery", "-A", "declaration", "beat", "--loglevel=WARNING", schedule])

    def start_behind(self, name: str, command: list[str]) -> None:
        """A part that nobody asks."""
        self.behind[name] = self._part(name, command, {})

    def _part(self, name: str, command: list[str], more: dict[str, str]) -> SupervisedProcess:
        return SupervisedProcess(
            [sys.executable, *command], env=self.env | more, log=self.folder / f"{name}.log", folder=self.root
        )

    def _text_module(self) -> str:
        new = (self.root / "declaration" / "demo" / "text.py").exists()
        return "declaration.demo.text" if new else "declaration.demo_text"

    def manage(self, *arguments: str) -> None:
        """A management command, as an operator types it."""
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=self.root, env=self.env, check=True, capture_output=True)

    def restart_ended(self) -> None:
        """Start again what has ended."""
        with self.lock:
            for _ in range(5):
                with suppress(RuntimeError):  # children of a killed PostgreSQL still hold its memory
                    self.servers.restart_ended()
                    break
                time.sleep(0.5)
            for part in [*self.webs.values(), *self.behind.values()]:
                part.restart_ended()

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, port: int = 0) -> Answer:
        """One request to one of the webs, from a network of its own; nothing is tried twice."""
        connection = http.client.HTTPConnection("127.0.0.1", port or random.choice(list(self.webs)), timeout=PATIENCE)
        network = f"2a00:{random.randrange(2**16):x}:{random.randrange(2**16):x}::1"
        headers = {"X-Forwarded-For": network} | (
            {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        )
        try:
            connection.request(method, path, urlencode(form) if form is not None else None, headers)
            response = connection.getresponse()
            return Answer(response.status, response.getheader("Location", ""), response.read().decode())
        except TimeoutError:
            return Answer(0, hung=True)
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            connection.close()

    def ready(self) -> bool:
        """Every web answers and nothing behind is missing."""
        said = [self.ask("GET", "/readyz", port=port) for port in self.webs]
        return all(answer.status == 200 and '"status": "ready"' in answer.body for answer in said)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        with psycopg.connect(self.servers.database_url) as connection:
            return connection.execute(statement.encode()).fetchall()

    def stop(self) -> None:
        """Everything, at once."""
        for part in [*self.webs.values(), *self.behind.values()]:
            part.kill()
        if self.proxy:
            self.proxy.stop()
        self.servers.stop()
        self.mailbox.stop()


def prepared() -> Path:
    """A folder of PostgreSQL with our tables and a published text, made once for all processes of this run."""
    made = COMMON / "prepared"
    with (COMMON / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            servers = embedded.Servers(COMMON / "preparing", durable=False)
            servers.start_postgres()
            try:
                env = dict(os.environ) | {"DATABASE_URL": servers.database_url}
                House(COMMON, servers, Catcher(embedded.free_port()), env).prepare()
            finally:
                servers.stop()
            servers.folder.rename(made)
    return made


@contextmanager
def house(folder: Path, *, webs: int = 2, proxied: bool = False, root: Path = ROOT) -> Iterator[House]:
    """A house of its own: servers, mail, database; Redis behind a proxy if wished."""
    servers = embedded.Servers(folder / "servers", durable=True)
    if root == ROOT:
        subprocess.run(["cp", "-a", prepared(), servers.folder], check=True)
    servers.start_postgres()
    servers.redis_url = f"redis://127.0.0.1:{servers.redis_port}/0"
    servers.start_redis()
    mailbox = Catcher(embedded.free_port())
    mailbox.start()
    env = dict(os.environ) | FAST | {
        "DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url, "SITE_URL": "http://localhost",
        "MAIL_URL": f"smtp://127.0.0.1:{mailbox.port}", "STORAGE_URL": (folder / "files").as_uri(), "TRUSTED_PROXIES": "1",
    }  # fmt: skip
    made = House(folder, servers, mailbox, env, root=root)
    if proxied:
        made.proxy = Proxy(servers.redis_port)
        env["REDIS_URL"] = f"redis://127.0.0.1:{made.proxy.port}/0"
    try:
        made.start(webs)
        wait_for(made.ready, 90)
        yield made
    finally:
        made.stop()


def wait_for(promise: Callable[[], bool], seconds: float, look: Callable[[], None] = lambda: None) -> None:
    """Poll until it holds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if promise():
            return
        look()
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")
