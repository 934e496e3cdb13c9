"""The scheduler of beat: it writes heartbeats, also while the broker is away, and no wrong clock stops it.

Tasks have no expiry, because a worker would compare it with a clock of its own. Instead a task is sent only when a
worker has taken the one before it. So a worker that was away finds one of each in its queue.
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
    """Celery's own scheduler, which also writes a heartbeat every few seconds."""

    _written_at = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send due tasks. Returns the seconds until the next call."""
        if time.monotonic() - self._written_at > EVERY_SECONDS:
            self._written_at = time.monotonic()
            try:
                heartbeats.record(part="beat", now=timezone.now())
            except Error:  # the database is away; beat goes on
                connection.close_if_unusable_or_obsolete()
        self._correct_future_runs()
        seconds: float = super().tick(*args, **kwargs)
        return min(seconds, EVERY_SECONDS)

    def _correct_future_runs(self) -> None:
        """Treat runs in the future as runs now: after the clock was set back, nothing would be due until then."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # Celery builds it anew, in the new order

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send a task, unless the one before it still waits for a worker."""
        if self._waits(entry):
            alive()
        else:
            super().apply_entry(entry, producer)

    def _waits(self, entry: ScheduleEntry) -> bool:
        queue = self.app.amqp.router.route(dict(entry.options or {}), entry.task or "")["queue"].name
        try:
            waiting = self._broker.lrange(queue, 0, -1)
        except RedisError:  # sending will report it
            return False
        return any(f'"{entry.task}"'.encode() in message for message in waiting)

    @cached_property
    def _broker(self) -> Redis:
        return Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)
