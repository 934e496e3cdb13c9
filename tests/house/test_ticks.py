"""The ticks of beat on real parts: mail leaves room for the rest, no clock stops it, and one tick is never two."""

import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from celery import Celery
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from redis import Redis

from declaration.demo import embedded
from declaration.demo.supervisor import SupervisedProcess
from declaration.management.commands import demo
from signatories import tasks
from signatories.editions.tasks import ask_if_changed
from signatories.mail import outbox
from signatories.models import Alarm, Edition, Heartbeat, Signup
from signatories.models.alarm import AlarmKind
from signatories.operations import heartbeats
from signatories.operations.tasks import heartbeat
from signatories.screening import alerts
from signatories.tally import services as tally
from tests.house.compose import services
from tests.house.serving import ROOT, database_url
from tests.mail.crowds import at, sign_all
from tests.people import enter, organizer, post_form, sign_up, signed, text
from tests.races import at_once
from tests.smtp import Catcher
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
BEAT = ["beat", "--loglevel=WARNING"]
SHIPPED = services()["worker-mail"]["command"][2:]  # behind `celery --app=declaration`


@contextmanager
def celery(
    redis: embedded.Servers, folder: Path, *commands: Sequence[str], ahead: int = 0, **more: str
) -> Iterator[list[SupervisedProcess]]:
    """Workers and beats on the database of the test; the clock of the first is so many seconds ahead."""
    env = os.environ | {"REDIS_URL": redis.redis_url, "DATABASE_URL": database_url(), "OUTBOX_TICK": "0.2"} | more
    parts = []
    for n, command in enumerate(commands):
        words = [*command, f"--schedule={folder / f'schedule-{n}'}"] if command[0] == "beat" else command
        started = [sys.executable, "-m", "tests.house.wrong_clock", str(0 if n else ahead), "-A", "declaration", *words]
        parts.append(SupervisedProcess(started, env=env, log=folder / f"celery-{n}.log", folder=ROOT))
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
    with (
        celery(redis_server, tmp_path, SHIPPED, BEAT, OUTBOX_BATCH="20"),  # more waits than all threads claim at once
        Celery(broker=redis_server.redis_url) as ticks,
    ):
        wait_for(lambda: len(mailbox.mails) >= 9, 30)  # one, and then every thread of mail has sent one
        assert client.post(link).status_code == 303
        wait_for(lambda: client.get("/api/v1/count").json()["count"] == 1)
        ticks.send_task(tasks.watch.name, queue="housekeeping")
        for queue in ("mail", "housekeeping"):
            ticks.send_task(heartbeat.name, [queue], queue=queue)
        wait_for(lambda: Alarm.objects.filter(kind=AlarmKind.MAIL).exists())
        wait_for(lambda: Heartbeat.objects.filter(part__in=heartbeats.QUEUES).count() == 2)
    assert Signup.objects.filter(mail_state="waiting").count() > 140  # no thread of mail had come to its end


def test_every_worker_of_both_queues_has_threads_that_never_mail(settings: Settings) -> None:
    demo_line = " ".join(word for command in demo.commands(8000, Path("/nowhere")) for word in command)
    operations = (ROOT / "docs" / "operations.md").read_text().replace("queues mail", "queues=mail")
    for line in (" ".join(SHIPPED), demo_line, operations):
        threads = re.search(r"--queues=mail,housekeeping --pool.threads --concurrency.(\d+)", line)
        assert threads and int(threads[1]) >= settings.MAIL_CONNECTIONS + 4


def test_a_wrong_clock_delays_neither_mail_nor_number(
    client: Client, mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path
) -> None:
    """F22: the worker's is an hour ahead of beat's; then beat's is set back by an hour while it runs."""
    text()
    with celery(redis_server, tmp_path, SHIPPED, BEAT, ahead=3600) as (_worker, beat):
        for n in (1, 2):
            address = f"p{n}@example.org"
            assert post_form(client, name=f"Person {n}", email=address).status_code == 303
            wait_for(lambda address=address: bool(mailbox.of(address)), 40)  # type: ignore[misc]
            assert client.post(mailbox.of(address)[0].path("confirm")).status_code == 303
            wait_for(lambda n=n: client.get("/api/v1/count").json()["count"] == n, 5)  # type: ignore[misc]
            beat.process.send_signal(signal.SIGUSR1)


def test_a_worker_that_was_away_finds_one_tick_of_each(
    redis_server: embedded.Servers, tmp_path: Path, mailbox: Catcher
) -> None:
    alive = tmp_path / "alive"
    with (
        celery(redis_server, tmp_path, BEAT, BEAT, OUTBOX_TICK="0.05", ALIVE_FILE=str(alive)),
        Redis.from_url(redis_server.redis_url) as redis,
    ):
        wait_for(lambda: redis.llen("mail") and redis.llen("housekeeping"), 15)
        first = alive.stat().st_mtime
        wait_for(lambda: alive.stat().st_mtime > first + 1, 15)  # twenty ticks later beat is alive still
        assert redis.llen("mail") <= 2  # of two beats
        assert redis.llen("housekeeping") <= 4  # two tasks tick within these seconds


def test_beat_that_is_dead_is_seen_by_machines_and_by_organizers(
    client: Client, redis_server: embedded.Servers, tmp_path: Path
) -> None:
    """F23: its alarms would have been its own ticks."""
    enter(client, organizer())
    stopped = "has stopped"
    with celery(redis_server, tmp_path, BEAT) as (beat,):
        wait_for(Heartbeat.objects.filter(part="beat").exists, 15)
        for queue in heartbeats.QUEUES:
            heartbeats.beat(part=queue, now=timezone.now())
        assert client.get("/readyz").json()["beat"]["ok"]
        assert stopped not in client.get("/desk/numbers/").content.decode()
        beat.kill()
    with time_machine.travel(timezone.now() + timedelta(seconds=heartbeats.OLDEST["beat"] + 5)):
        parts = client.get("/readyz").json()
        assert parts.pop("status") == "degraded"
        assert [name for name, part in parts.items() if not part["ok"]] == ["beat"]
        for page in ("/desk/numbers/", "/desk/reports/", "/desk/settings/"):
            assert stopped in client.get(page).content.decode()


def test_a_worker_that_is_dead_is_named_at_the_desk(client: Client) -> None:
    enter(client, organizer())
    with time_machine.travel(max(timezone.now(), heartbeats.STARTED + heartbeats.STARTING) + timedelta(seconds=1)):
        for part in heartbeats.OLDEST:
            heartbeats.beat(part=part, now=timezone.now())
        Heartbeat.objects.filter(part="editions").update(at=timezone.now() - timedelta(hours=1))
        page = client.get("/desk/numbers/").content.decode()
    assert "Nobody works at editions" in page
    assert "has stopped" not in page


@pytest.mark.parametrize("stopped_before", [False, True], ids=["first start", "start after a night"])
def test_parts_that_are_just_starting_are_not_called_dead(client: Client, stopped_before: bool) -> None:
    """The web server answers seconds before beat and workers have sent their first heartbeat."""
    enter(client, organizer())
    started = heartbeats.STARTED
    if stopped_before:
        for part in heartbeats.OLDEST:
            heartbeats.beat(part=part, now=started - timedelta(hours=9))

    def notice(seconds: int) -> bool:
        with time_machine.travel(started + timedelta(seconds=seconds)):
            return b'role="alert"' in client.get("/desk/numbers/").content

    assert not notice(5)
    heartbeats.beat(part="beat", now=started + timedelta(seconds=6))
    assert not notice(10)
    assert notice(50)  # beat has been here, and is silent for longer than it should be
    heartbeats.beat(part="beat", now=started + timedelta(seconds=60))
    assert not notice(59)
    assert notice(70)
    with time_machine.travel(started + timedelta(seconds=70)):
        assert "Nobody works at mail, housekeeping, editions" in client.get("/desk/numbers/").content.decode()
        for queue in heartbeats.QUEUES:
            heartbeats.beat(part=queue, now=timezone.now())
    assert not notice(71)


def test_what_ticks_twice_at_once_is_done_once(client: Client, mailbox: Catcher) -> None:
    """F23: two beats. What each job does is seen from outside: a letter, a mail, an edition, the number."""
    organizer()
    waits = sign_up(client, mailbox, email="waits@example.org")
    Signup.objects.update(sent_at=timezone.now() - timedelta(days=3))
    signed(address="signed@example.org", name="Sal Signed")
    alerts.raise_alarm(alerts.Finding(AlarmKind.REPORTS, "", "many", 1), timezone.now())
    Signup.objects.filter(sent_at=None).update(mail_state="sent")
    mailbox.mode = "slow"
    for job in (tasks.watch, tasks.remind, tasks.fold, ask_if_changed):
        start = threading.Barrier(4)
        at_once(4, lambda job=job, start=start: start.wait(10) * 0 + bool(job()))  # type: ignore[misc]
    mailbox.mode = "ok"
    assert [mail.message["Subject"] for mail in mailbox.of("olga@declaration.example")] == [
        "Alarm: many reports that entries are wrong"
    ]
    outbox.drain()
    assert len(mailbox.of(*waits.to)) == 2  # the mail to confirm, and one reminder
    assert Edition.objects.count() == 1
    assert client.get("/api/v1/count").json()["count"] == 1
    assert tally.repair() == {}
