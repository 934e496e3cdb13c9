"""A cache backend for counts: in the memory of each web process, exchanged with the others through Redis.

django-ratelimit counts with it. Counting costs microseconds instead of round trips: about once a second one call tells
Redis, in one command, all that was counted here, and learns what others counted for the same keys. While Redis is away
each process counts for itself.
"""

import math
import threading
import time
from typing import Any, NamedTuple, cast

from django.core.cache import cache
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from declaration.web.fallback_cache import FallbackCache

EXCHANGE_SECONDS = 1.0
MOST = 100_000  # keys in memory (some 20 MB) before the older half is forgotten; Redis still knows their counts


class Count(NamedTuple):
    """A count, and when it ends on the monotonic clock."""

    number: int
    ends_at: float


class Counters:
    """Counts by key. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanging = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Begin anew, as a process that has just started does."""
        self._known: dict[str, Count] = {}
        self._older: dict[str, Count] = {}
        self._untold: dict[str, Count] = {}  # what Redis does not know of yet
        self._exchanged_at = time.monotonic()

    def __len__(self) -> int:
        return len(self._known) + len(self._older)

    def get(self, key: str) -> int | None:
        """The count as known here."""
        found = self._found(key)
        return found.number if found else None

    def add(self, key: str, number: int, seconds: float) -> bool:
        """Begin a count that ends after so many seconds. False if there is one: it stays as it is."""
        with self._lock:
            if self._found(key):
                return False
            ends_at = time.monotonic() + seconds
            self._keep(key, Count(number, ends_at))
            self._tell(key, Count(number, ends_at))
        self._exchange_if_due()
        return True

    def increase(self, key: str, more: int) -> int:
        """Count up. Raises ValueError where no count has begun."""
        with self._lock:
            before = self._found(key)
            if before is None:
                raise ValueError(f"no count {key!r}")
            number = before.number + more
            self._keep(key, Count(number, before.ends_at))
            self._tell(key, Count(more, before.ends_at))
        self._exchange_if_due()
        return number

    def _found(self, key: str) -> Count | None:
        found = self._known.get(key) or self._older.get(key)
        return found if found and found.ends_at > time.monotonic() else None

    def _keep(self, key: str, count: Count) -> None:
        self._known[key] = count
        if len(self._known) > MOST:
            self._older, self._known = self._known, {}

    def _tell(self, key: str, more: Count) -> None:
        if more.number:
            before = self._untold.get(key)
            self._untold[key] = more._replace(number=before.number + more.number) if before else more

    def _exchange_if_due(self) -> None:
        due = time.monotonic() - self._exchanged_at >= EXCHANGE_SECONDS
        if due and self._exchanging.acquire(blocking=False):
            try:
                self._exchange()
            finally:
                self._exchanging.release()

    def _exchange(self) -> None:
        self._exchanged_at = now = time.monotonic()
        with self._lock:
            untold, self._untold = self._untold, {}
        told = {key: more for key, more in untold.items() if more.ends_at > now}
        lives = {key: (more.number, math.ceil(more.ends_at - now)) for key, more in told.items()}
        totals = cast("FallbackCache", cache).add_all(lives)
        with self._lock:
            for (key, more), total in zip(told.items(), totals, strict=False):
                since = self._untold[key].number if key in self._untold else 0
                self._keep(key, Count(max(self.get(key) or 0, total + since), more.ends_at))


_of_this_process: dict[str, Counters] = {}


class CountersCache(BaseCache):
    """Django's interface to the counters of this process, as much of it as django-ratelimit asks for.

    Django makes one object for each thread; they share the counters named by LOCATION. Values are whole numbers.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._counters = _of_this_process.setdefault(location, Counters())

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Begin a count; see Counters.add. Raises ValueError for one without an end: Redis would keep it for ever."""
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        if seconds is None:
            raise ValueError("a count must end")
        return self._counters.add(self.make_key(key, version), value, seconds)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The count as known here; it asks nobody."""
        found = self._counters.get(self.make_key(key, version))
        return default if found is None else found

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count up. Raises ValueError where no count has begun."""
        return self._counters.increase(self.make_key(key, version), delta)

    def clear(self) -> None:
        """Begin anew in this process; Redis keeps what it knows."""
        self._counters.clear()
