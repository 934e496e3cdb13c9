"""Beat that leaves a sign of life, also while the broker is away, and that no clock confuses.

Nothing that it publishes ends at a moment: a worker would read that by a clock of its own. Instead a tick is published
only when the one before it has been taken, so that a worker that was away finds one of each.
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
    """Celery's own scheduler; every few seconds it writes that it ticks."""

    _written_at = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Publish what is due; returns the seconds until the next tick."""
        if time.monotonic() - self._written_at > EVERY_SECONDS:
            self._written_at = time.monotonic()
            try:
                heartbeats.beat(part="beat", now=timezone.now())
            except Error:  # the database is away; beat ticks on
                connection.close_if_unusable_or_obsolete()
        self._live_now()
        seconds: float = super().tick(*args, **kwargs)
        return min(seconds, EVERY_SECONDS)

    def _live_now(self) -> None:
        """What ran in the future, before the clock was set back, ran now: else nothing ticks until it is then."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # in the order of moments that will not come; made anew

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
        except RedisError:  # publishing will say so
            return False
        return any(f'"{entry.task}"'.encode() in message for message in waiting)

    @cached_property
    def _broker(self) -> Redis:
        return Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)
