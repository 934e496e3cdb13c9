"""Starts a real Celery worker and beat on the database of the test."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from declaration.demo import embedded
from declaration.demo.supervisor import SupervisedProcess

ROOT = Path(__file__).parents[1]
FAST = {"OUTBOX_LEASE": "2", "OUTBOX_TICK": "0.2", "OUTBOX_FIRST_GAP": "0.5", "EDITION_EVERY": "3600"}


@contextmanager
def celery(redis_server: embedded.Servers, tmp_path: Path) -> Iterator[list[SupervisedProcess]]:
    """A worker (with four threads) and beat, on the test database."""
    database = settings.DATABASES["default"]
    env = os.environ | FAST | {
        "REDIS_URL": redis_server.redis_url,
        "DATABASE_URL": f"postgresql://postgres@{database['HOST'].replace('/', '%2F')}/{connection.settings_dict['NAME']}",
    }  # fmt: skip
    commands = [
        ["worker", "--pool=threads", "--concurrency=4", "--queues=mail,housekeeping", "--loglevel=WARNING"],
        ["beat", "--loglevel=WARNING", f"--schedule={tmp_path / 'beat'}"],
    ]
    parts = [
        SupervisedProcess(
            [sys.executable, "-m", "celery", "-A", "declaration", *command],
            env=env, log=tmp_path / f"{command[0]}.log", folder=ROOT,
        )
        for command in commands
    ]  # fmt: skip
    try:
        yield parts
    finally:
        for part in parts:
            part.kill()
