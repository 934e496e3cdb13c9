"""Beat that leaves a sign of life, also while the broker is away."""

import time
from typing import Any

from celery.beat import PersistentScheduler
from django.db import Error, connection
from django.utils import timezone

from signatories.health import pulses

EVERY_SECONDS = 5.0


class TickingScheduler(PersistentScheduler):
    """Celery's own scheduler; every few seconds it writes that it ticks."""

    _written_at = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Publish what is due; returns the seconds until the next tick."""
        if time.monotonic() - self._written_at > EVERY_SECONDS:
            self._written_at = time.monotonic()
            try:
                pulses.beat(part="beat", now=timezone.now())
            except Error:  # the database is away; beat ticks on
                connection.close_if_unusable_or_obsolete()
        seconds: float = super().tick(*args, **kwargs)
        return min(seconds, EVERY_SECONDS)
