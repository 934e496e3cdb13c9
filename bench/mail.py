"""Mail on the busiest day: delay of mails, rate of a backlog, memory of the worker.

It runs a real worker and beat, and a real mail server in a separate process; the reference is `smtplib` sending the
same mails, built before, over one connection.
"""

import email.policy
import os
import smtplib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.site import ROOT
from declaration.demo import embedded

A_MINUTE = 2000
REFERENCE = 300  # mails sent before and after
DEADLINE = 300


class MailResult(NamedTuple):
    """Seconds from signup to mail server, mails per second of the backlog and the reference, MB of the worker."""

    mails: int
    median: float
    p95: float
    backlog: int
    rate: float
    reference: float
    memory: float


def measure(*, seconds: int, backlog: int, away: float = 0) -> MailResult:
    """Measure a backlog, then signups at A_MINUTE for `seconds`. Django is set up, the database ready.

    The mail server answers after `away` seconds, as over a long distance.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with sink(folder / "reference", away) as port:
            _sign(f"backlog-{away}-", backlog, 0)
            before = _push(port, REFERENCE)
        with sink(folder / "arrived", away) as port, _worker(folder, port) as worker:
            arrived = _arrivals(folder / "arrived", backlog)
            rate = (len(arrived) - 1) / (max(arrived.values()) - min(arrived.values()))
            count = seconds * A_MINUTE // 60
            _sign(f"constant-{away}-", count, 60 / A_MINUTE)
            lags = sorted(_lags(_arrivals(folder / "arrived", backlog + count), count))
            memory = _memory(worker)
        with sink(folder / "again", away) as port:
            after = _push(port, REFERENCE)
    return MailResult(
        count, statistics.median(lags), lags[len(lags) * 95 // 100], backlog, rate, (before + after) / 2, memory
    )


def _sign(name: str, count: int, gap: float) -> None:
    """Let `count` people sign, one every `gap` seconds."""
    from django.db import connection
    from django.utils import timezone

    from declaration.models import Text
    from signatories.models.signer_fields import SignerInput
    from signatories.signing import services

    text = Text.objects.current("en")
    assert text

    def sign() -> None:
        start = time.monotonic()
        for n in range(count):
            time.sleep(max(0.0, start + n * gap - time.monotonic()))
            services.sign(
                signer=SignerInput(name=f"Person {n}", profession="singer", named=True, affiliation="Band"),
                address=f"{name}{n}@example{n % 40}.org", news=False, language="en", text=text, now=timezone.now(),
            )  # fmt: skip
        connection.close()

    thread = threading.Thread(target=sign)
    thread.start()
    thread.join()


def _push(port: int, count: int) -> float:
    """Return the mails per second of `count` mails, built before and sent over one connection."""
    from signatories.identity.mailbox import MailboxCache
    from signatories.mail import messages
    from signatories.models import Signup

    mailboxes = MailboxCache()
    rows = Signup.objects.select_related("text").order_by("-pk")[:count]
    made = [messages.message(row, mailboxes) for row in rows]
    built = [(m.to, m.message(policy=email.policy.SMTP).as_bytes()) for m in made]
    with smtplib.SMTP("127.0.0.1", port) as server:
        began = time.perf_counter()
        for to, content in built:
            server.sendmail("hello@declaration.example", to, content)
        return count / (time.perf_counter() - began)


def _arrivals(file: Path, count: int) -> dict[str, float]:
    """Wait for `count` mails; returns moments by Message-ID. Raises SystemExit after DEADLINE."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        lines = file.read_text().splitlines() if file.exists() else []
        found = {line.split()[0]: float(line.split()[1]) for line in lines}
        if len(found) >= count:
            return found
        time.sleep(0.5)
    raise SystemExit(f"{len(found)} of {count} mails arrived.")


def _lags(arrived: dict[str, float], count: int) -> Iterator[float]:
    """Yield the seconds from each of the last `count` signups to the arrival of its mail."""
    from signatories.mail import messages
    from signatories.models import Signup

    for row in Signup.objects.order_by("-pk")[:count]:
        yield arrived[messages.message_id(row)] - row.created_at.timestamp()


@contextmanager
def sink(file: Path, away: float) -> Iterator[int]:
    """Start a mail server that stores nothing; yields its port."""
    port = embedded.free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port), str(file), str(away)], cwd=ROOT)
    try:
        _wait(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The mail server does not answer.")


@contextmanager
def _worker(folder: Path, port: int) -> Iterator[psutil.Process]:
    """Start a worker as docker-compose.yml does, and beat."""
    env = os.environ | {"MAIL_URL": f"smtp://127.0.0.1:{port}", "LOG_LEVEL": "WARNING"}
    celery = [sys.executable, "-m", "celery", "-A", "declaration"]
    commands = [
        [*celery, "worker", "--queues=mail,housekeeping", "--pool=threads", "--concurrency=12", "--loglevel=WARNING"],
        [*celery, "beat", "--loglevel=WARNING", f"--schedule={folder / 'beat'}"],
    ]
    with (folder / "celery.log").open("ab") as log:
        processes = [subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log) for command in commands]
    try:
        yield psutil.Process(processes[0].pid)
    finally:
        for process in processes:
            process.terminate()
            process.wait(20)


def _memory(worker: psutil.Process) -> float:
    """Return the memory of the worker and its children in MB; shared pages count once."""
    every = [worker, *worker.children(recursive=True)]
    return sum(process.memory_full_info().pss for process in every) / 1e6
