"""`manage.py demo`: the whole product on this machine, with real parts, until Ctrl-C."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import AsyncMessage
from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError

from declaration import languages
from declaration.demo import embedded
from declaration.demo import environment as demo_environment
from declaration.demo.supervisor import SupervisedProcess
from declaration.settings import BASE_DIR

READY_SECONDS = 60
FIRST_ADMINISTRATOR = "you@rehearsal.example"  # of an empty site
MOST_RESTARTS = 20


class Keep(AsyncMessage):
    """Keeps each mail as a file that the demo's mailbox shows; the name sorts by time."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    async def handle_message(self, message: Any) -> None:
        """Write aside, then rename: a half-written mail is never shown."""
        name = f"{time.time_ns()}-{secrets.token_hex(3)}"
        part = self.folder / f"{name}.part"
        part.write_bytes(message.as_bytes())
        part.rename(self.folder / f"{name}.eml")


class Command(BaseCommand):
    """Start servers, migrate, seed, run web, workers and beat; stop them all at the end."""

    help = "Runs the whole product on this machine."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C or SIGTERM."""
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGINT, _interrupt)  # a shell that starts us with & has told us to ignore it
        folder = demo_environment.folder()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with ExitStack() as stack:
                self._run(stack, folder)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")

    def _run(self, stack: ExitStack, folder: Path) -> None:
        port = int(os.environ.get("DEMO_PORT", "8000"))
        env = os.environ | _secrets(folder) | {"SITE_URL": f"http://localhost:{port}", "PYTHONUNBUFFERED": "1"}
        env.setdefault("LANGUAGES", languages.ALL)
        env["STORAGE_URL"] = (folder / "files").as_uri()
        self.stdout.write("Starting PostgreSQL and a Redis-protocol server …")
        servers = stack.enter_context(embedded.servers(folder / "servers"))
        env |= {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
        if "MAIL_URL" not in os.environ:
            env |= stack.enter_context(_mail_catcher(folder / "mail"))
        rehearsal = demo_environment.is_rehearsal()
        if rehearsal:
            env.setdefault("END_DAYS", "0")  # the end is settled within a minute, so that it can be rehearsed, too
        self.stdout.write("Migrating …" if rehearsal else "Migrating and seeding …")
        _manage(env, "migrate", "--verbosity=0")
        if not rehearsal:
            _manage(env, "seed", f"--signatures={os.environ.get('DEMO_SIGNATURES', '500')}")
        parts = [_part(stack, env, folder, command) for command in commands(port, folder)]
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", parts)
        stack.enter_context(demo_environment.shared(env))
        if rehearsal:
            self._say_rehearsal(env, folder)
        else:
            self._say_ready(env, folder)
        while all(part.restarts < MOST_RESTARTS for part in parts):
            time.sleep(0.5)
            servers.restart_ended()
            for part in parts:
                part.restart_ended()
        raise CommandError(f"A part of the demo ends again and again; see the logs in {folder / 'logs'}.")

    def _say_ready(self, env: dict[str, str], folder: Path) -> None:
        site = env["SITE_URL"]
        mail = f"{site}/mailbox/" if "DEMO_MAIL_FOLDER" in env else env["MAIL_URL"].rpartition("@")[2]
        app = f"             its authenticator app: {mail}\n" if "DEMO_MAIL_FOLDER" in env else ""
        self.stdout.write(
            f"\nready: {site}/\n"
            f"  mail:      {mail}\n"
            f"  desk:      {site}/desk/  organizer@declaration.example  {env['DEMO_PASSWORD']}\n"
            f"{app}"
            f"  partner:   {site}/partner/  officer@stage-hands.example  (the same password)\n"
            f"  logs:      {folder / 'logs'}\n"
            "  commands:  .venv/bin/python manage.py edition (and others) join this demo while it runs\n"
            "Ctrl-C stops everything.\n"
        )
        self.stdout.flush()

    def _say_rehearsal(self, env: dict[str, str], folder: Path) -> None:
        """Name the way in: the invitation of the first administrator, or at a second start the account."""
        site = env["SITE_URL"]
        mail = f"{site}/mailbox/" if "DEMO_MAIL_FOLDER" in env else env["MAIL_URL"].rpartition("@")[2]
        command = [sys.executable, "manage.py", "invite", FIRST_ADMINISTRATOR]
        invited = subprocess.run(command, cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        way_in = invited.stdout.strip() if invited.returncode == 0 else f"{site}/desk/ with your account of before"
        self.stdout.write(
            f"\nready: {site}/ for a rehearsal from the first hour: docs/organizers.md tells it step by step\n"
            f"  first administrator: {way_in}\n"
            f"  mail and codes of authenticator apps: {mail}\n"
            f"  logs: {folder / 'logs'}\n"
            "  commands: DEMO_REHEARSAL=1 .venv/bin/python manage.py freeze /tmp/archive (and others) join it\n"
            f"  to begin anew: stop it, and delete {folder}\n"
            "Ctrl-C stops everything.\n"
        )
        self.stdout.flush()


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _secrets(folder: Path) -> dict[str, str]:
    """The demo's random secrets, kept so that mailed links outlive a restart."""
    file = folder / "secrets.json"
    if not file.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "MAILBOX_KEYS": Fernet.generate_key().decode(),
            "SIGNING_KEY": Fernet.generate_key().decode(),  # 32 bytes in base64, too
            "DIGEST_KEY": secrets.token_urlsafe(50),
            "DEMO_PASSWORD": secrets.token_urlsafe(9),
        }
        file.touch(mode=0o600)
        file.write_text(json.dumps(made))
    kept: dict[str, str] = json.loads(file.read_text())
    return {name: os.environ.get(name, value) for name, value in kept.items()}


@contextmanager
def _mail_catcher(folder: Path) -> Iterator[dict[str, str]]:
    """A real SMTP server on loopback that keeps what it is sent."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(Keep(folder), hostname="127.0.0.1", port=embedded.free_port())
    controller.start()
    try:
        yield {"MAIL_URL": f"smtp://127.0.0.1:{controller.port}", "DEMO_MAIL_FOLDER": str(folder)}
    finally:
        controller.stop()


def _manage(env: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=BASE_DIR, env=env, check=True)  # noqa: S603 - ours


def commands(port: int, folder: Path) -> list[list[str]]:
    """Web, the workers of the queues, and the clock that ticks."""
    worker = ["-m", "celery", "-A", "declaration", "worker", "--loglevel=WARNING", "--without-gossip"]
    return [
        ["-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}", "--workers=1",
         "--log-level=warning", "declaration.wsgi:application"],
        [*worker, "--queues=mail,housekeeping", "--pool=threads", "--concurrency=12", "--hostname=mail@%h"],
        [*worker, "--queues=editions", "--concurrency=1", "--hostname=editions@%h"],
        ["-m", "celery", "-A", "declaration", "beat", "--loglevel=WARNING", f"--schedule={folder / 'beat'}"],
    ]  # fmt: skip


def _part(stack: ExitStack, env: dict[str, str], folder: Path, command: list[str]) -> SupervisedProcess:
    """One part, its output in a log, stopped when the stack unwinds."""
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    name = "web" if "granian" in command else command[4] if command[4] == "beat" else command[-1].split("@")[0][11:]
    web = {"DATABASE_POOL_SIZE": "8", "GRANIAN_BLOCKING_THREADS": "24"} if name == "web" else {}
    log = logs / f"{name}.log"
    log.unlink(missing_ok=True)
    part = SupervisedProcess([sys.executable, *command], env=env | web, log=log, folder=BASE_DIR)
    stack.callback(part.stop)
    return part


def _wait_until_ready(url: str, parts: list[SupervisedProcess]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if any(part.process.poll() is not None for part in parts):
            break
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.2)
    raise CommandError(f"The web server does not answer at {url}; is the port taken? Set DEMO_PORT to another.")
