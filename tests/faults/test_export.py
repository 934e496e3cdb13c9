"""Editions built by processes that are killed half way (F13), and by several at once (F14): the old one or the new one."""

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.demo.supervisor import SupervisedProcess
from signatories.demo import invented_people
from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition
from signatories.models.edition import EditionState
from signatories.models.signature import IN_FLIGHT
from tests.editions.building import body, build
from tests.faults.length import LONG, SEED
from tests.house.serving import ROOT, database_url
from tests.people import signed, text
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
NAMES, KILLS = (11_500, 10) if LONG else (250, 3)
MOST_MEMORY = 784  # MB: what docker-compose.yml gives the worker of editions


@pytest.fixture
def env(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """What another process needs to build editions of the test's list."""
    settings.MEDIA_ROOT = tmp_path / "files"
    text()
    invented_people.signatures(NAMES, until=timezone.now(), seed=1)
    return dict(os.environ) | {"DATABASE_URL": database_url(), "STORAGE_URL": (tmp_path / "files").as_uri()}


def command(env: dict[str, str], log: Path) -> SupervisedProcess:
    """`manage.py edition`, in a process group of its own."""
    return SupervisedProcess([sys.executable, "manage.py", "edition"], env=env, log=log, folder=ROOT)


def whole(path: str) -> bool:
    """Whether a stored PDF can be read to its end."""
    check = subprocess.run(["qpdf", "--check", default_storage.path(path)], capture_output=True, check=False)
    return check.returncode == 0


def test_killed_at_any_moment_the_file_is_the_old_one_or_the_new_one(
    client: Client, env: dict[str, str], tmp_path: Path
) -> None:
    began = time.monotonic()
    first = build()
    takes = time.monotonic() - began + 2  # a process has to start, too
    chosen = random.Random(SEED)
    for _ in range(KILLS):
        builder = command(env, tmp_path / "builder.log")
        time.sleep(chosen.uniform(0.1, takes))
        builder.kill()
        latest = Edition.objects.latest_ready()
        assert latest
        served = body(client.get("/press/latest.pdf"))
        assert hashlib.sha256(served).hexdigest() == latest.pdf_sha256
        assert whole(latest.pdf), SEED
    editions.ask()
    after = editions.build_waiting()
    assert after
    assert after.state == EditionState.READY
    assert not Edition.objects.filter(state=EditionState.BUILDING).exists()
    numbers = Edition.objects.published().order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(first.number or 0, len(numbers) + 1))
    assert not list((tmp_path / "files").rglob(".*"))


@pytest.mark.skipif(not LONG, reason="a long form; the soak kills this worker, too")
def test_the_worker_of_editions_killed_while_it_builds_builds_when_it_is_back(
    client: Client, env: dict[str, str], tmp_path: Path
) -> None:
    """F13: the worker with the command line of docker-compose.yml, and all its children, at once."""
    celery = [sys.executable, "-m", "celery", "-A", "declaration"]
    env |= {"REDIS_URL": os.environ["REDIS_URL"].replace("/0", "/6"), "EDITION_EVERY": "3600"}
    worker = [*celery, "worker", "--queues=editions", "--concurrency=1", "--without-gossip", "--loglevel=WARNING"]
    beat = [*celery, "beat", "--loglevel=WARNING", f"--schedule={tmp_path / 'beat'}"]
    parts = [SupervisedProcess(words, env=env, log=tmp_path / "editions.log", folder=ROOT) for words in (worker, beat)]
    chosen = random.Random(SEED)
    try:
        asked = editions.ask()
        for _ in range(3):
            wait_for(Edition.objects.filter(pk=asked.pk, state=EditionState.BUILDING).exists, 60, parts)
            time.sleep(chosen.uniform(0, 5))
            parts[0].kill()
            latest = Edition.objects.latest_ready()
            assert latest is None or whole(latest.pdf), SEED
        wait_for(lambda: not Edition.objects.exclude(state=EditionState.READY).exists(), 240, parts)
    finally:
        for part in parts:
            part.kill()
    latest = Edition.objects.latest_ready()
    assert latest
    assert hashlib.sha256(body(client.get("/press/latest.pdf"))).hexdigest() == latest.pdf_sha256
    assert whole(latest.pdf)


# Names the file whose last step, taking its name, is not lived to see.
KILLED = """
import os, signal, sys
from pathlib import Path
from signatories.editions import services
replace = Path.replace
def killed(path, target):
    if target.parent.name == "editions" and target.suffix == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(path, target)
Path.replace = killed
services.build_waiting()
"""


@pytest.mark.parametrize("half", [".csv", ".pdf"] if LONG else [".pdf"])
def test_killed_while_it_stores_no_file_stays_that_no_edition_knows(
    settings: Settings, tmp_path: Path, half: str
) -> None:
    """F11, F13: the names in a file that was whole, or half written, go with the next edition."""
    settings.MEDIA_ROOT = tmp_path / "files"
    folder = settings.MEDIA_ROOT / "editions"
    goes = signed(now=timezone.now() - 2 * IN_FLIGHT)
    signed(name="Bram Bellweather", address="bram@example.org")
    editions.ask()
    setup = "import django; django.setup()"
    env = dict(os.environ) | {"DATABASE_URL": database_url(), "STORAGE_URL": (tmp_path / "files").as_uri()}
    env |= {"DJANGO_SETTINGS_MODULE": "declaration.settings"}
    done = subprocess.run([sys.executable, "-c", setup + KILLED, half], cwd=ROOT, env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    left = {path.suffix for path in folder.iterdir() if not path.name.startswith(".")}
    assert left == ({".csv", ".xlsx", ".json"} if half == ".pdf" else set())
    assert len([path for path in folder.iterdir() if path.name.startswith(".")]) == 1

    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    edition = editions.build_waiting()
    assert edition
    assert edition.named == 1
    kept = {file.path for file in edition.full_files}
    assert {f"editions/{path.name}" for path in folder.iterdir()} == kept
    assert len(kept) == 4


def test_of_several_at_once_one_builds(env: dict[str, str], tmp_path: Path) -> None:
    builders = [command(env, tmp_path / f"builder-{n}.log") for n in range(5)]
    most_memory, most_building = 0.0, 0
    while any(builder.process.poll() is None for builder in builders):
        families = [_family(builder.process.pid) for builder in builders]
        most_memory = max(most_memory, *(sum(family) for family in families))
        most_building = max(most_building, Edition.objects.filter(state=EditionState.BUILDING).count())
        time.sleep(0.05)
    assert [builder.process.returncode for builder in builders] == [0] * 5
    logs = [(tmp_path / f"builder-{n}.log").read_text() for n in range(5)]
    told = [re.findall(r"^Edition (\d+):", log, re.MULTILINE) for log in logs]  # below what the log itself says
    assert all(len(numbers) == 1 for numbers in told), logs  # each tells the edition that it asked for
    assert {int(number) for (number,) in told} == {edition.number for edition in Edition.objects.published()}
    assert most_building == 1
    assert most_memory < MOST_MEMORY


def _family(pid: int) -> list[float]:
    """The memory of a process and of each of its children, MB; shared pages counted in each."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return [one.memory_info().rss / 2**20 for one in family]
    except psutil.Error:
        return []
