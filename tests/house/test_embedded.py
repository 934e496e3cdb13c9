"""The embedded servers: clean start, clean stop, and a second start on the same data."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from declaration.demo import embedded
from declaration.demo.supervisor import SupervisedProcess

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the ones of the session."""
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")


def processes_on(folder: Path) -> list[str]:
    """What runs with this folder in its command line."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(folder) in line and process.pid != os.getpid():
            found.append(line)
    return found


def test_start_use_stop_and_start_again(tmp_path: Path) -> None:
    with embedded.servers(tmp_path) as started:
        with psycopg.connect(started.database_url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
            connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
        assert redis.Redis.from_url(started.redis_url).ping()
        assert processes_on(tmp_path)
    assert processes_on(tmp_path) == []
    with embedded.servers(tmp_path) as again, psycopg.connect(again.database_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)


def test_data_survive_a_kill(tmp_path: Path) -> None:
    started = embedded.Servers(tmp_path)
    started.start()
    with psycopg.connect(started.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    assert started.postgres
    started.postgres.kill()
    started.stop()
    with embedded.servers(tmp_path) as again, psycopg.connect(again.database_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_process(tmp_path: Path, how: signal.Signals) -> None:
    script = (
        "import signal, sys, time\n"
        "from pathlib import Path\n"
        "from declaration.demo import embedded\n"
        "def stop(*_): raise KeyboardInterrupt\n"
        "for how in (signal.SIGINT, signal.SIGTERM):\n"  # a shell's background job ignores the first
        "    signal.signal(how, stop)\n"
        "with embedded.servers(Path(sys.argv[1]), durable=False):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert child.stdout
    assert child.stdout.readline() == b"ready\n"
    assert processes_on(tmp_path)
    child.send_signal(how)
    child.wait(30)
    child.stdout.close()
    assert processes_on(tmp_path) == []


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(RuntimeError, match="PostgreSQL did not start"):
        embedded.Servers(tmp_path).start_postgres()


def test_a_part_that_ends_is_started_again_and_stopped_for_good(tmp_path: Path) -> None:
    part = SupervisedProcess(
        [sys.executable, "-c", "import time; time.sleep(60)"], env=os.environ, log=tmp_path / "log", folder=tmp_path
    )
    first = part.process.pid
    part.restart_ended()
    assert part.process.pid == first
    part.kill()
    part.restart_ended()
    assert part.process.pid != first
    assert part.restarts == 1
    part.stop()
    assert part.process.poll() is not None


def test_a_server_that_was_killed_is_started_again_where_it_was(tmp_path: Path) -> None:
    with embedded.servers(tmp_path, durable=False) as started:
        database_url, redis_url = started.database_url, started.redis_url
        for server in (started.postgres, started.redis):
            assert server
            server.kill()
            server.wait()
        started.restart_ended()
        assert (started.database_url, started.redis_url) == (database_url, redis_url)
        assert redis.Redis.from_url(redis_url).ping()
        with psycopg.connect(database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_part_that_was_killed_leaves_no_child_behind(tmp_path: Path) -> None:
    """A web server's child would hold the port beside the new one."""
    child = f"import time; time.sleep(600)  # {tmp_path}"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    kept = SupervisedProcess([sys.executable, "-c", parent], env=os.environ, log=tmp_path / "log", folder=tmp_path)
    try:
        (orphan,) = wait_for_children(kept.process.pid)
        os.kill(kept.process.pid, signal.SIGKILL)
        kept.process.wait()
        kept.restart_ended()
        _gone, alive = psutil.wait_procs([orphan], timeout=10)
        assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
        assert kept.restarts == 1
    finally:
        kept.kill()


def wait_for_children(pid: int) -> list[psutil.Process]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if children := psutil.Process(pid).children():
            return children
        time.sleep(0.05)
    raise AssertionError("no child was started")
