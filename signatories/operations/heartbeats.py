"""Heartbeats of beat and of each queue's worker: written by themselves, read by the checks."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from signatories.models import Heartbeat

QUEUES = ("mail", "housekeeping", "editions")
# Largest age of a heartbeat in seconds. A worker that builds an edition sends none meanwhile.
OLDEST = {"beat": 30, "mail": 60, "housekeeping": 60, "editions": 900}
STARTED = timezone.now()  # of this process; the other parts of the site may have been started with it
STARTING = timedelta(seconds=60)


def beat(*, part: str, now: datetime) -> None:
    """Record that `part` works."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(part=part, at=now)], update_conflicts=True, unique_fields=["part"], update_fields=["at"]
    )


def ages(now: datetime) -> dict[str, float | None]:
    """Return the seconds since the last heartbeat of each part; None if there was none."""
    seen = dict(Heartbeat.objects.values_list("part", "at"))
    return {part: (now - seen[part]).total_seconds() if part in seen else None for part in OLDEST}


def missed(now: datetime) -> list[str]:
    """Return the parts without a recent heartbeat; only beat if it is one: it triggers those of the others.

    A part that has sent none since this process started is given time: after an installation or an update the web
    server answers before workers are ready.
    """
    since = (now - STARTED).total_seconds()
    waited = now - STARTED > STARTING
    silent = [
        part
        for part, age in ages(now).items()
        if not alive(part, age) and (waited or (age is not None and age < since))
    ]
    return ["beat"] if "beat" in silent else silent


def alive(part: str, age: float | None) -> bool:
    """Whether a heartbeat of that age (seconds) is recent enough."""
    return age is not None and age <= OLDEST[part]


def database_writes() -> bool:
    """Whether the database takes writes (a standby does not); the test of libpq for target_session_attrs=read-write.

    https://www.postgresql.org/docs/current/libpq-connect.html
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        (only_reads,) = cursor.fetchone()
    return bool(only_reads == "off")
