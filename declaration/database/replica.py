"""Public pages may be read from a replica of the database; everything else, and every write, goes to the primary.

A replica is a little behind. So nobody's own act is read from it, only the pages that are the same for everyone and
say as of when their number is (see signatories/tally/services.py).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.conf import settings
from django.db import connections
from django.db.models import Model

AWAY_SECONDS = 10.0  # the primary is read for so long after the replica failed
# A replica that has just started has replayed nothing, and is as old as the checkpoint it started from.
_REPLAYED = "SELECT coalesce(pg_last_xact_replay_timestamp(), checkpoint_time) FROM pg_control_checkpoint()"
_reading: ContextVar[bool] = ContextVar("reading", default=False)


class _State:
    away_until = 0.0


@contextmanager
def reading() -> Iterator[bool]:
    """Read from the replica; yields whether one is used."""
    use = "replica" in settings.DATABASES and time.monotonic() >= _State.away_until
    token = _reading.set(use)
    try:
        yield use
    finally:
        _reading.reset(token)


def failed() -> None:
    """Note that the database did not answer: if it was the replica, read the primary for AWAY_SECONDS."""
    if _reading.get():
        _State.away_until = time.monotonic() + AWAY_SECONDS


def away() -> bool:
    """Whether the replica failed within AWAY_SECONDS."""
    return time.monotonic() < _State.away_until


def as_of(now: datetime) -> datetime:
    """Return the moment up to which reads are complete now."""
    return min(_replayed(), now) if _reading.get() else now


def age(now: datetime) -> float:
    """Return by how many seconds the replica is behind. Raises django.db.Error while it does not answer."""
    return (now - _replayed()).total_seconds()


def _replayed() -> datetime:
    with connections["replica"].cursor() as cursor:
        cursor.execute(_REPLAYED)
        replayed: datetime = cursor.fetchone()[0]
    return replayed


class Router:
    """Django's database router."""

    def db_for_read(self, _model: type[Model], **_hints: object) -> str:
        """Read from the replica inside `reading()`."""
        return "replica" if _reading.get() else "default"

    def db_for_write(self, _model: type[Model], **_hints: object) -> str:
        """Write to the primary."""
        return "default"

    def allow_relation(self, _one: Model, _other: Model, **_hints: object) -> bool:
        """Allow all: both hold the same rows."""
        return True

    def allow_migrate(self, db: str, _app_label: str, **_hints: object) -> bool:
        """Migrate the primary only; it changes the replica."""
        return db == "default"
