"""Heartbeats of beat and of each queue's worker: written by themselves, read by the checks."""

from datetime import datetime

from django.db import connection

from signatories.models import Heartbeat

QUEUES = ("mail", "housekeeping", "editions")
# Largest age of a heartbeat in seconds. A worker that builds an edition sends none meanwhile.
OLDEST = {"beat": 30, "mail": 60, "housekeeping": 60, "editions": 900}


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
    """Return the parts without a recent heartbeat; only beat if it is one: it triggers those of the others."""
    silent = [part for part, age in ages(now).items() if not alive(part, age)]
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
