"""The ticks of beat on real parts: mail leaves room for the rest, no clock stops it, and one tick is never two."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration import embedded
from declaration.management.commands import demo
from declaration.supervisor import Kept
from signatories.health import pulses
from signatories.models import Alarm, Pulse, Signup
from signatories.models.alarm import AlarmKind
from tests.house.compose import services
from tests.house.serving import ROOT, database_url
from tests.house.test_workers import wait_for
from tests.people import sign_up
from tests.signing.test_gates import at, sign_all
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
BEAT = ["beat", "--loglevel=WARNING"]
SHIPPED = services()["worker-mail"]["command"][2:]  # behind `celery --app=declaration`


@contextmanager
def celery(redis: embedded.Servers, folder: Path, *commands: Sequence[str], **more: str) -> Iterator[list[Kept]]:
    """Workers and beats on the database of the test."""
    env = os.environ | {"REDIS_URL": redis.redis_url, "DATABASE_URL": database_url(), "OUTBOX_TICK": "0.2"} | more
    parts = []
    for n, command in enumerate(commands):
        words = [*command, f"--schedule={folder / f'schedule-{n}'}"] if command[0] == "beat" else command
        started = [sys.executable, "-m", "celery", "-A", "declaration", *words]
        parts.append(Kept(started, env=env, log=folder / f"celery-{n}.log", folder=ROOT))
    try:
        yield parts
    finally:
        for part in parts:
            part.kill()


def test_mail_that_takes_long_leaves_room_for_counting_and_for_alarms(
    client: Client, mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path
) -> None:
    link = sign_up(client, mailbox).path("confirm")
    sign_all(at("slow.example", 300))
    Signup.objects.update(mail_due_at=timezone.now() - timedelta(minutes=10))
    mailbox.mode, mailbox.delay = "slow", 1
    more = {"OUTBOX_BATCH": "20"}  # more waits than all threads claim at once
    with (
        celery(redis_server, tmp_path, SHIPPED, BEAT, **more),
        Celery(broker=redis_server.redis_url) as ticks,
    ):
        wait_for(lambda: len(mailbox.mails) >= 9, 30)  # one, and then every thread of mail has sent one
        assert client.post(link).status_code == 303
        wait_for(lambda: client.get("/api/v1/count").json()["count"] == 1, 5)
        ticks.send_task("signatories.tasks.watch", queue="housekeeping")
        for queue in ("mail", "housekeeping"):
            ticks.send_task("signatories.health.tasks.pulse", [queue], queue=queue)
        wait_for(lambda: Alarm.objects.filter(kind=AlarmKind.MAIL).exists(), 5)
        wait_for(lambda: Pulse.objects.filter(part__in=pulses.QUEUES).count() == 2, 5)
    assert Signup.objects.filter(mail_state="waiting").count() > 140  # no thread of mail had come to its end


def test_every_worker_of_both_queues_has_threads_that_never_mail(settings: Settings) -> None:
    demo_line = " ".join(word for command in demo._commands(8000, Path("/nowhere")) for word in command)
    operations = (ROOT / "docs" / "operations.md").read_text().replace("queues mail", "queues=mail")
    for line in (" ".join(SHIPPED), demo_line, operations):
        threads = re.search(r"--queues=mail,housekeeping --pool.threads --concurrency.(\d+)", line)
        assert threads and int(threads[1]) >= settings.MAIL_CONNECTIONS + 4
