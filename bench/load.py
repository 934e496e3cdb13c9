"""Ten minutes of the hardest day on the demo: readers and signers (k6), confirmations, and a count of losses.

The demo's own processes on the demo's own parts; k6 and they share the machine.
"""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from declaration.demo import embedded

HERE = Path(__file__).parent
K6 = Path(sys.executable).with_name("k6")
SIGNS = 3.4  # per second; ten times as many in spikes: 2,000 a minute, the known record
NAMES = 11_500
START_SECONDS = 180
CONFIRMING = 0.5  # share of recipients who confirm; the others read the mail later
_LINK = re.compile(rb"(/confirm/[^/\s]+/)")


@dataclass
class LoadResult:
    """Result of a run: times in ms by kind of request, and totals."""

    times: dict[str, dict[str, float]] = field(default_factory=dict)
    taken: int = 0
    refused: int = 0
    rows: float = 0
    mails: float = 0
    confirmed: int = 0
    signatures: float = 0  # published
    held: str = ""  # number of waiting signatures by reason
    number: float = 0  # increase of the public number
    lag: float = 0.0  # s, from the form to the mail server, 95th percentile
    memory: dict[str, float] = field(default_factory=dict)  # largest MB by process


def report(day: LoadResult) -> str:
    """Format the result of a run."""
    lines = [f"{'ms':10}{'asked':>9}{'median':>9}{'95 %':>9}{'99 %':>9}{'most':>9}"]
    for kind, times in day.times.items():
        shown = "".join(f"{times[name]:>9,.1f}" for name in ("med", "p(95)", "p(99)", "max"))
        lines.append(f"{kind:10}{times['count']:>9,.0f}{shown}")
    lines += [
        f"answered otherwise than expected, or not at all: {day.refused}",
        f"told that they are received: {day.taken}; rows: {day.rows:.0f}; mails sent: {day.mails:.0f}",
        f"confirmed: {day.confirmed}; signatures published: {day.signatures:.0f}; the number rose by {day.number:.0f}",
        f"signatures that wait for a person: {day.held or 'none'}",
        f"from the form to the mail server: 95 of 100 within {day.lag:.1f} s",
        "memory at most, MB: " + ", ".join(f"{name} {used}" for name, used in sorted(day.memory.items())),
    ]
    return "\n".join(lines)


def measure(seconds: int) -> LoadResult:
    """Run the demo for `seconds` under load. Raises SystemExit if it does not start."""
    if not K6.exists():
        raise SystemExit("k6 is missing: use `make bench`, which installs it.")
    folder = Path(tempfile.mkdtemp(prefix="declaration-load-"))
    try:
        with _demo(folder) as (site, process):
            return _day(site, folder, process, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _demo(folder: Path) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    port = embedded.free_port()
    site = f"http://localhost:{port}"
    # Behind one proxy, so that each visitor has a different network.
    env = os.environ | {"DEMO_PORT": str(port), "DEMO_DIR": str(folder), "DEMO_SIGNATURES": str(NAMES)}
    env |= {"TRUSTED_PROXIES": "1"}
    command = [sys.executable, "manage.py", "demo"]
    process = subprocess.Popen(command, cwd=HERE.parent, env=env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(START_SECONDS):
            if (folder / "environment.json").exists():  # written when all parts answer
                break
            time.sleep(1)
        else:
            raise SystemExit("The demo does not start.")
        yield site, process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _day(site: str, folder: Path, demo: "subprocess.Popen[bytes]", seconds: int) -> LoadResult:
    day, over = LoadResult(), threading.Event()
    before, number = _totals(folder), _number(site)
    helpers = [threading.Thread(target=_watch_memory, args=(demo.pid, day, over))]
    helpers += [threading.Thread(target=_confirm, args=(site, folder / "mail", day, over))]
    for helper in helpers:
        helper.start()
    try:
        _load(site, seconds, day)
        _wait_for_mail(folder, before, day)
    finally:
        over.set()
        for helper in helpers:
            helper.join()
    after = _totals(folder)
    day.number = _number(site) - number
    day.rows, day.mails = after["signups"] - before["signups"], after["sent"] - before["sent"]
    day.signatures, day.lag = after["signatures"] - before["signatures"], after["lag"]
    day.held = _held(folder)
    return day


def _load(site: str, seconds: int, day: LoadResult) -> None:
    summary = HERE / "load-summary.json"
    env = os.environ | {"SITE": site, "SECONDS": str(seconds), "SIGNS": str(SIGNS), "RUN": secrets.token_hex(2)}
    command = [str(K6), "run", "--quiet", "--summary-mode=legacy", f"--summary-export={summary}", str(HERE / "load.js")]
    try:
        subprocess.run(command, env=env | {"K6_NO_USAGE_REPORT": "true"}, check=False, stdout=subprocess.DEVNULL)
        metrics: dict[str, Any] = json.loads(summary.read_text())["metrics"]
    finally:
        summary.unlink(missing_ok=True)
    day.taken = int(metrics.get("taken", {}).get("count", 0))
    day.refused = int(metrics.get("refused", {}).get("count", 0))
    for kind in ("landing", "count", "list", "sign"):
        day.times[kind] = metrics[f"http_req_duration{{kind:{kind}}}"]


def _confirm(site: str, mail: Path, day: LoadResult, over: threading.Event) -> None:
    """Confirm for half of the recipients at once: open the page of the link, then post."""
    seen = {path.name for path in mail.glob("*.eml")}
    while not over.is_set():
        for path in sorted(mail.glob("*.eml")):
            if path.name in seen:
                continue
            seen.add(path.name)
            link = _LINK.search(path.read_bytes())
            if link and hash(path.name) % 100 < 100 * CONFIRMING:
                day.confirmed += _press(f"{site}{link[1].decode()}")
        time.sleep(0.2)


def _press(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=20).close()
        with urllib.request.urlopen(urllib.request.Request(url, data=b"", method="POST"), timeout=20) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        sys.stderr.write(f"{error.code} when confirming\n")
        return False


def _wait_for_mail(folder: Path, before: dict[str, float], day: LoadResult) -> None:
    for _ in range(120):
        if _totals(folder)["sent"] - before["sent"] >= day.taken:
            time.sleep(2)  # for the last confirmations
            return
        time.sleep(0.5)


def _totals(folder: Path) -> dict[str, float]:
    """Return numbers of rows, mails and published signatures, and the delay of mails."""
    asked = """
        SELECT (SELECT count(*) FROM signatories_signup) AS signups,
               (SELECT count(*) FROM signatories_signup WHERE mail_state = 'sent') AS sent,
               (SELECT count(*) FROM signatories_signature WHERE state = 'published') AS signatures,
               (SELECT extract(epoch FROM percentile_cont(0.95) WITHIN GROUP (ORDER BY sent_at - created_at))
                FROM signatories_signup WHERE sent_at IS NOT NULL AND domain = 'gmail.com') AS lag
    """
    with psycopg.connect(_database(folder), row_factory=psycopg.rows.dict_row) as connection:
        row = connection.execute(asked).fetchone()
    assert row
    return {name: float(value or 0) for name, value in row.items()}


def _held(folder: Path) -> str:
    asked = """
        SELECT state, array_to_string(held_for, ' and ') AS reasons, count(*) FROM signatories_signature
        WHERE name LIKE 'Aveline Ashgrove %' AND state <> 'published'
        GROUP BY 1, 2 ORDER BY 3 DESC
    """
    with psycopg.connect(_database(folder)) as connection:
        return "; ".join(f"{count} {state} {reasons}" for state, reasons, count in connection.execute(asked))


def _database(folder: Path) -> str:
    return str(json.loads((folder / "environment.json").read_text())["DATABASE_URL"])


def _number(site: str) -> int:
    """Return the public number, after a pause for folding and for cached pages to expire."""
    time.sleep(5)
    with urllib.request.urlopen(f"{site}/api/v1/count", timeout=20) as answer:
        return int(json.load(answer)["count"])


def _watch_memory(pid: int, day: LoadResult, over: threading.Event) -> None:
    """Record the largest resident memory of each kind of process of the demo; shared pages count in each."""
    while not over.wait(2):
        for process in psutil.Process(pid).children(recursive=True):
            try:
                name, used = _kind(process.cmdline()), process.memory_info().rss / 2**20
            except psutil.Error:
                continue
            day.memory[name] = max(day.memory.get(name, 0), round(used, 1))


def _kind(command: list[str]) -> str:
    words = " ".join(command)
    for kind in ("granian", "queues=mail", "queues=editions", "beat", "valkey", "postgres", "resource_tracker"):
        if kind in words:
            return kind.removeprefix("queues=")
    return "other"
