"""Editions built by processes that are killed half way (F13), and by several at once (F14): the old one or the new one."""

import hashlib
import os
import random
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

from declaration.supervisor import Kept
from signatories import invented
from signatories.models import Edition
from signatories.models.edition import EditionState
from signatories.press import services
from tests.house.serving import ROOT, database_url
from tests.people import text
from tests.press.test_edition import body, build

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "FAULTS_SECONDS" in os.environ
NAMES, KILLS = (11_500, 10) if LONG else (250, 3)
MOST_MEMORY = 784  # MB: what docker-compose.yml gives the worker of editions


@pytest.fixture
def env(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """What another process needs to build editions of the test's list."""
    settings.MEDIA_ROOT = tmp_path / "files"
    text()
    invented.signatures(NAMES, until=timezone.now(), seed=1)
    return dict(os.environ) | {"DATABASE_URL": database_url(), "STORAGE_URL": (tmp_path / "files").as_uri()}


def command(env: dict[str, str], log: Path) -> Kept:
    """`manage.py edition`, in a process group of its own."""
    return Kept([sys.executable, "manage.py", "edition"], env=env, log=log, folder=ROOT)


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
    chosen = random.Random(int(os.environ.get("FAULTS_SEED", "1")))
    for _ in range(KILLS):
        builder = command(env, tmp_path / "builder.log")
        time.sleep(chosen.uniform(0.1, takes))
        builder.kill()
        latest = Edition.objects.latest_ready()
        assert latest
        served = body(client.get("/press/latest.pdf"))
        assert hashlib.sha256(served).hexdigest() == latest.pdf_sha256
        assert whole(latest.pdf)
    services.ask()
    after = services.build_waiting()
    assert after
    assert after.state == EditionState.READY
    assert not Edition.objects.filter(state=EditionState.BUILDING).exists()
    numbers = Edition.objects.published().order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(first.number or 0, len(numbers) + 1))
    assert not list((tmp_path / "files").rglob(".*"))


def test_of_several_at_once_one_builds(env: dict[str, str], tmp_path: Path) -> None:
    builders = [command(env, tmp_path / f"builder-{n}.log") for n in range(5)]
    most_memory, most_building = 0.0, 0
    while any(builder.process.poll() is None for builder in builders):
        families = [_family(builder.process.pid) for builder in builders]
        most_memory = max(most_memory, *(sum(family) for family in families))
        most_building = max(most_building, Edition.objects.filter(state=EditionState.BUILDING).count())
        time.sleep(0.05)
    codes = [builder.process.returncode for builder in builders]
    assert codes.count(0) >= 1
    logs = [(tmp_path / f"builder-{n}.log").read_text() for n, code in enumerate(codes) if code]
    assert all("An edition is being built right now" in log for log in logs)
    assert Edition.objects.published().count() == codes.count(0)
    assert most_building == 1
    assert most_memory < MOST_MEMORY


def _family(pid: int) -> list[float]:
    """The memory of a process and of each of its children, MB; shared pages counted in each."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return [one.memory_info().rss / 2**20 for one in family]
    except psutil.Error:
        return []
