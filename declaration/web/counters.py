"""Counters in the memory of each web process, exchanged with the others through Redis about once a second.

Counting waits for nobody: it costs a few microseconds instead of a trip. A process learns what the others counted for a
key within about a second of having counted it itself; while Redis is away each counts for itself.
"""

import threading
import time
from typing import cast

from django.core.cache import cache

from declaration.web.fallback_cache import FallbackCache

EXCHANGE_SECONDS = 1.0
MOST = 100_000  # keys in memory (some 15 MB) before the older half is forgotten; Redis still knows their counts


class Counters:
    """Counts by key. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanging = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a process that has just started does."""
        self._known: dict[str, int] = {}
        self._older: dict[str, int] = {}
        self._untold: dict[str, tuple[int, int]] = {}  # by key: how many more, and how long it lives
        self._exchanged_at = time.monotonic()

    def count(self, lives: dict[str, int]) -> list[int]:
        """Count each key up by one: the counts as known here. Each key ends so many seconds after its first count."""
        with self._lock:
            counts = [self._one_more(key, life) for key, life in lives.items()]
            if len(self._known) > MOST:
                self._older, self._known = self._known, {}
        if time.monotonic() - self._exchanged_at >= EXCHANGE_SECONDS and self._exchanging.acquire(blocking=False):
            try:
                self._exchange()
            finally:
                self._exchanging.release()
        return counts

    def _one_more(self, key: str, life: int) -> int:
        count = (self._known.get(key) or self._older.get(key, 0)) + 1
        self._known[key] = count
        self._untold[key] = (self._untold[key][0] + 1 if key in self._untold else 1, life)
        return count

    def _exchange(self) -> None:
        self._exchanged_at = time.monotonic()
        with self._lock:
            told, self._untold = self._untold, {}
        totals = cast("FallbackCache", cache).add_all(told)
        with self._lock:
            for key, total in zip(told, totals, strict=False):
                more = self._untold[key][0] if key in self._untold else 0
                self._known[key] = max(self._known.get(key, 0), total + more)
