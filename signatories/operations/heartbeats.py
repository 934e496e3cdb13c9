"""Heartbeats of beat and of the worker of each queue: each part writes its own, monitoring reads them."""

from datetime import datetime

from django.db import connection

from signatories.models import Heartbeat

QUEUES = ("mail", "housekeeping", "editions")
# How old a heartbeat may be, in seconds. A worker writes none while it builds an edition.
OLDEST = {"beat": 30, "mail": 60, "housekeeping": 60, "editions": 900}


def record(*, part: str, now: datetime) -> None:
    """Store that `part` works now."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(part=part, at=now)], update_conflicts=True, unique_fields=["part"], update_fields=["at"]
    )


def ages(now: datetime) -> dict[str, float | None]:
    """Seconds since the last heartbeat of each part; None if it never had one."""
    seen = dict(Heartbeat.objects.values_list("part", "at"))
    return {part: (now - seen[part]).total_seconds() if part in seen else None for part in OLDEST}


def missed(now: datetime) -> list[str]:
    """The parts whose heartbeat is too old. Only beat if it is one of them: the heartbeats of workers are its tasks."""
    late = [part for part, age in ages(now).items() if not alive(part, age)]
    return ["beat"] if "beat" in late else late


def alive(part: str, age: float | None) -> bool:
    """Whether a heartbeat of that age, in seconds, is young enough."""
    return age is not None and age <= OLDEST[part]


def database_writes() -> bool:
    """Whether the database takes writes. A standby takes none. libpq asks the same for target_session_attrs=read-write.

    https://www.postgresql.org/docs/current/libpq-connect.html
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        (read_only,) = cursor.fetchone()
    return bool(read_only == "off")
