"""A Celery beat that records a heartbeat, also while the broker is away, and that does not depend on exact clocks.

Its messages have no expiry: each worker would judge it by its own clock. Instead a tick is published only when the one
before it has been taken, so that a worker that was away finds one tick of each job.
"""

import time
from functools import cached_property
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from declaration.celery import alive
from signatories.operations import heartbeats

EVERY_SECONDS = 5.0


class HeartbeatScheduler(PersistentScheduler):
    """Celery's own scheduler; writes its heartbeat every EVERY_SECONDS."""

    _written_at = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Publish the due jobs; returns the seconds until the next tick."""
        if time.monotonic() - self._written_at > EVERY_SECONDS:
            self._written_at = time.monotonic()
            try:
                heartbeats.beat(part="beat", now=timezone.now())
            except Error:  # the database is away; beat ticks on
                connection.close_if_unusable_or_obsolete()
        self._reset_future_runs()
        seconds: float = super().tick(*args, **kwargs)
        return min(seconds, EVERY_SECONDS)

    def _reset_future_runs(self) -> None:
        """Set last runs in the future (the clock was set back) to now: else no tick comes until that moment."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # ordered by the moments that were reset; Celery builds it again

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Publish a tick, unless the one before it still waits for a worker."""
        if self._waits(entry):
            alive()
        else:
            super().apply_entry(entry, producer)

    def _waits(self, entry: ScheduleEntry) -> bool:
        queue = self.app.amqp.router.route(dict(entry.options or {}), entry.task or "")["queue"].name
        try:
            waiting = self._broker.lrange(queue, 0, -1)
        except RedisError:  # publishing reports it
            return False
        return any(f'"{entry.task}"'.encode() in message for message in waiting)

    @cached_property
    def _broker(self) -> Redis:
        return Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)
