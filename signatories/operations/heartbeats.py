"""Signs of life of beat and of each queue's worker: who works writes, who watches reads."""

from datetime import datetime

from django.db import connection

from signatories.models import Heartbeat

QUEUES = ("mail", "housekeeping", "editions")
# How old a sign of life may be, in seconds. A worker that builds an edition has no time for signs.
OLDEST = {"beat": 30, "mail": 60, "housekeeping": 60, "editions": 900}


def beat(*, part: str, now: datetime) -> None:
    """Part works."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(part=part, at=now)], update_conflicts=True, unique_fields=["part"], update_fields=["at"]
    )


def ages(now: datetime) -> dict[str, float | None]:
    """Seconds since each part gave its last sign of life; None if it never has."""
    seen = dict(Heartbeat.objects.values_list("part", "at"))
    return {part: (now - seen[part]).total_seconds() if part in seen else None for part in OLDEST}


def missed(now: datetime) -> list[str]:
    """The parts that give no sign of life. Beat alone where it is dead: the others' signs are its ticks."""
    silent = [part for part, age in ages(now).items() if not alive(part, age)]
    return ["beat"] if "beat" in silent else silent


def alive(part: str, age: float | None) -> bool:
    """Whether a sign of life of that age (seconds) is young enough."""
    return age is not None and age <= OLDEST[part]


def database_writes() -> bool:
    """Whether the database takes writes. A standby does not; asked as libpq does for target_session_attrs=read-write.

    https://www.postgresql.org/docs/current/libpq-connect.html
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        (only_reads,) = cursor.fetchone()
    return bool(only_reads == "off")
