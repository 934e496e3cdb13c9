"""Reading public pages from a replica of the database. Everything else, and every write, goes to the primary.

A replica is a little behind, so a person might not find there what they have just done. Only pages that are the same
for everyone are read from it; their number says as of when it is (see signatories/tally/services.py).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.conf import settings
from django.db import connections
from django.db.models import Model

AWAY_SECONDS = 10.0  # after a failure the primary is asked for so long
# A replica that has just started has replayed nothing yet: it is as old as the checkpoint it started from.
_REPLAYED = "SELECT coalesce(pg_last_xact_replay_timestamp(), checkpoint_time) FROM pg_control_checkpoint()"
_reading: ContextVar[bool] = ContextVar("reading", default=False)


class _Known:
    away_until = 0.0


@contextmanager
def reading() -> Iterator[bool]:
    """Read from the replica; yields whether there is one to read from."""
    use = "replica" in settings.DATABASES and time.monotonic() >= _Known.away_until
    token = _reading.set(use)
    try:
        yield use
    finally:
        _reading.reset(token)


def failed() -> None:
    """Note that the database did not answer: if it was the replica, the primary is asked for a while."""
    if _reading.get():
        _Known.away_until = time.monotonic() + AWAY_SECONDS


def away() -> bool:
    """Whether the replica failed a moment ago."""
    return time.monotonic() < _Known.away_until


def as_of(now: datetime) -> datetime:
    """The moment up to which the data read now are complete."""
    return min(_replayed(), now) if _reading.get() else now


def age(now: datetime) -> float:
    """How many seconds the replica is behind. Raises django.db.Error while it does not answer."""
    return (now - _replayed()).total_seconds()


def _replayed() -> datetime:
    with connections["replica"].cursor() as cursor:
        cursor.execute(_REPLAYED)
        replayed: datetime = cursor.fetchone()[0]
    return replayed


class Router:
    """Django's router of databases."""

    def db_for_read(self, _model: type[Model], **_hints: object) -> str:
        return "replica" if _reading.get() else "default"

    def db_for_write(self, _model: type[Model], **_hints: object) -> str:
        return "default"

    def allow_relation(self, _one: Model, _other: Model, **_hints: object) -> bool:
        """Allow any: both databases hold the same rows."""
        return True

    def allow_migrate(self, db: str, _app_label: str, **_hints: object) -> bool:
        """Allow only the primary: it changes the replica by itself."""
        return db == "default"
