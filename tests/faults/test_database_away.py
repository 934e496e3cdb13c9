"""PostgreSQL freezes, hangs, refuses, restarts, is killed, takes no writes: the site stays calm (F9, F10, F26).

FAULTS_SECONDS is how long it is away (default a short form).
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from signatories.models import Signup
from tests import servers
from tests.faults.proxy import Proxy
from tests.house.serving import ROOT, Answer, Site, database_url, web
from tests.people import form, from_everywhere, text
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = min(30, float(os.environ.get("FAULTS_SECONDS", "2")))
KEPT = {"PAGE_SECONDS": "1", "PAGE_STALE_SECONDS": "600"}
CROWD = 20
AT_ONCE = 8  # connections of a web process
BACK = 15.0  # seconds after which everybody is taken again


class Visitors:
    """They sign, one after the other or at once, and remember what they were told."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.count = 0
        self.received: list[str] = []

    def sign(self, name: str) -> tuple[Answer, float]:
        """What `name` is told, status 0 where nobody answers, and after how many seconds."""
        filled = form(name=name, email=f"{name.replace(' ', '.')}@example.org".lower())
        began = time.monotonic()
        try:
            answer = self.site.ask("POST", "/sign/", filled)
        except (OSError, HTTPException):
            answer = Answer(0)
        if answer.status == 303:
            self.received.append(name)
        return answer, time.monotonic() - began

    def names(self, many: int) -> list[str]:
        """New people."""
        self.count += many
        return [f"Person Number{n}" for n in range(self.count - many, self.count)]

    def are_taken(self, many: int = 50) -> None:
        """So many, all of them."""
        with ThreadPoolExecutor(AT_ONCE) as people:
            said = Counter(answer.status for answer, _seconds in people.map(self.sign, self.names(many)))
        assert said == {303: many}

    def are_soon_taken(self) -> None:
        """Whoever comes a few seconds later, and everybody after."""
        wait_for(self.site.ready, BACK)
        self.are_taken()

    def are_told_the_truth(self) -> None:
        """Whoever was told "received" has one row, and nobody has two."""
        connection.close()  # the server may be another
        rows = Counter(Signup.objects.values_list("name", flat=True))
        assert set(self.received) <= set(rows)
        assert set(rows.values()) == {1}


@pytest.fixture
def visitors(tmp_path: Path) -> Iterator[Visitors]:
    """Before a web process in full swing."""
    text()
    from_everywhere()
    kept = f"{database_url()}?options=-c%20synchronous_commit%3Don"  # the server of the tests forgets when killed
    with web(tmp_path / "web.log", threads=AT_ONCE, DATABASE_URL=kept, **KEPT) as site:
        yield in_full_swing(site)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """Before PostgreSQL."""
    made = Proxy(f"{connection.settings_dict['HOST']}/.s.PGSQL.5432")
    yield made
    made.stop()


def reported(site: Site) -> dict[str, bool]:
    """What a process that shows pages says of its database."""
    ready = site.ask("GET", "/readyz")
    assert ready.status == 200
    found: dict[str, bool] = json.loads(ready.body)["database"]
    return found


def in_full_swing(site: Site) -> Visitors:
    """Its connections made, its pages kept."""
    made = Visitors(site)
    made.are_taken(2 * AT_ONCE)
    assert site.ask("GET", "/").status == 200
    return made


@contextmanager
def frozen() -> Iterator[None]:
    """PostgreSQL and all its processes are stopped as they stand."""
    assert servers.servers.postgres
    chief = servers.servers.postgres.pid
    os.kill(chief, signal.SIGSTOP)
    pids = [int(pid) for pid in Path(f"/proc/{chief}/task/{chief}/children").read_text().split()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in [*pids, chief]:
            os.kill(pid, signal.SIGCONT)


def stay_calm(visitors: Visitors) -> None:
    """While the database is away everybody is answered: the form is kept, pages are shown, health is told."""
    names, site = visitors.names(CROWD), visitors.site
    time.sleep(1.1)  # readiness is measured once a second
    with ThreadPoolExecutor(CROWD + 1) as people:
        first = people.submit(site.ask, "GET", "/readyz", seconds=5)
        waiting = [people.submit(visitors.sign, name) for name in names]
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline or not all(one.done() for one in waiting):
            for path in ("/", "/healthz"):
                assert site.ask("GET", path, seconds=3).status == 200
            time.sleep(0.1)
        for name, one in zip(names, waiting, strict=True):
            answer, seconds = one.result()
            assert answer.status == 503
            assert f'value="{name}"' in answer.body
            assert seconds < 8
    for ready in (first.result(), site.ask("GET", "/readyz", seconds=2)):
        parts = json.loads(ready.body)
        assert ready.status == 503
        assert [parts[part]["ok"] for part in ("database", "broker", "cache")] == [False, True, True]
    answer, seconds = visitors.sign(visitors.names(1)[0])
    assert answer.status == 503
    assert seconds < 2  # by now nobody waits for it


@pytest.mark.skipif(sys.platform != "linux", reason="how processes are found")
def test_frozen(visitors: Visitors) -> None:
    with frozen():
        stay_calm(visitors)
    visitors.are_soon_taken()
    visitors.are_told_the_truth()


def test_hangs_then_refuses(tmp_path: Path, proxy: Proxy) -> None:
    text()
    from_everywhere()
    url = f"postgresql://postgres@127.0.0.1:{proxy.port}/{connection.settings_dict['NAME']}?sslmode=disable"
    with web(tmp_path / "web.log", threads=AT_ONCE, DATABASE_URL=url, DATABASE_SECONDS="1.5", **KEPT) as site:
        visitors = in_full_swing(site)
        for mode in ("hang", "refuse"):
            proxy.become(mode)
            stay_calm(visitors)
            proxy.become("pass")
            visitors.are_soon_taken()
    visitors.are_told_the_truth()


def start_again() -> None:
    """The server on the same data; it refuses while processes of the one before still end."""
    wait_for(_started, 30)


def _started() -> bool:
    with suppress(RuntimeError):
        servers.servers.restart_ended()
        return True
    return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["restart", "killed"])
def test_ends_under_visitors(visitors: Visitors, how: signal.Signals) -> None:
    """SIGINT is what `pg_ctl restart -m fast` sends."""
    assert servers.servers.postgres
    connection.close()
    stop, said = threading.Event(), Counter[int]()

    def go_on(names: Iterator[str]) -> None:
        while not stop.is_set():
            said[visitors.sign(next(names))[0].status] += 1

    threads = [threading.Thread(target=go_on, args=(iter(visitors.names(5000)),)) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: said[303] > AT_ONCE, 10)
        servers.servers.postgres.send_signal(how)
        servers.servers.postgres.wait(20)
        wait_for(lambda: said[503] > AT_ONCE, 10)
        start_again()
        wait_for(visitors.site.ready, BACK)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert set(said) == {303, 503}
    visitors.are_taken()
    visitors.are_told_the_truth()


def test_takes_no_writes(visitors: Visitors) -> None:
    """The old primary after a failover: all its connections take no writes, until they are made anew."""
    database = connection.settings_dict["NAME"]
    with psycopg.connect(database_url(), autocommit=True) as server:
        server.execute(f"ALTER DATABASE {database} SET default_transaction_read_only TO on")
        try:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                [database],
            )
            for name in visitors.names(2 * AT_ONCE):
                answer, _seconds = visitors.sign(name)
                assert answer.status == 503
                assert f'value="{name}"' in answer.body
            assert visitors.site.ask("GET", "/signatories/").status == 200
            wait_for(lambda: not reported(visitors.site)["ok"], BACK)  # it is measured once a second
            assert reported(visitors.site) == {"ok": False, "reads": True}
        finally:
            connection.close()  # ours was ended with the others
            server.execute("SET default_transaction_read_only TO off")
            server.execute(f"ALTER DATABASE {database} RESET default_transaction_read_only")
    wait_for(lambda: visitors.sign("Late Comer")[0].status == 303, BACK)
    visitors.are_taken()
    visitors.are_told_the_truth()


def test_commands_in_the_container_of_the_web_take_as_long_as_they_need() -> None:
    slow = "from django.db import connection; connection.cursor().execute('SELECT pg_sleep(0.6)')"
    env = os.environ | {"DATABASE_POOL_SIZE": "8", "DATABASE_SECONDS": "0.1"}
    subprocess.run([sys.executable, "manage.py", "shell", f"--command={slow}"], cwd=ROOT, env=env, check=True)
