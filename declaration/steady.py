"""A cache that stays up when Redis does not: for a few seconds after Redis failed, this process's own memory serves."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.commands.core import Script
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
AWAY_SECONDS = 5.0
# A key that is counted up but was never added gets this long a life: none lives for ever.
COUNTED_SECONDS = 3600
_COUNT = """
local counts = {}
for i, key in ipairs(KEYS) do
    counts[i] = redis.call('INCR', key)
    if counts[i] == 1 then redis.call('EXPIRE', key, ARGV[i]) end
end
return counts
"""


class _Redis(RedisCacheClient):
    """Django's client, but made once instead of for each question, and counting takes one trip instead of three."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        """Redis' own client; it is safe to share between threads."""
        if self._made is None:
            self._made = super().get_client(key, write=True)
        return self._made

    _made: Redis | None = None

    def count_all(self, keys: dict[str, int]) -> list[int]:
        """Count each key up by one, in one trip; each ends so many seconds after its first count."""
        if self._count is None:
            self._count = self.get_client().register_script(_COUNT)
        return [int(count) for count in self._count(keys=list(keys), args=list(keys.values()))]

    _count: Script | None = None

    def incr(self, key: Any, delta: int) -> int:
        """The new count; a key that was not there begins at `delta`."""
        client = self.get_client(key, write=True)
        count = int(client.incr(key, delta))
        if count == delta:
            client.expire(key, COUNTED_SECONDS)
        return count


class SteadyClient:
    """Redis while it answers, else the memory of this process. Never raises for a Redis that is away."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        self._redis = _Redis(servers, **options)
        self._memory = LocMemCache("steady", {})
        self._away_until = 0.0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._ask, name)

    def _ask(self, name: str, *args: Any) -> Any:
        if time.monotonic() >= self._away_until:
            try:
                return getattr(self._redis, name)(*args)
            except RedisError as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                logger.warning("cache away, using memory: %s", type(error).__name__)
        if name == "count_all":
            return [1 if self._memory.add(key, 1, life) else self._memory.incr(key) for key, life in args[0].items()]
        try:
            return getattr(self._memory, name)(*args)
        except ValueError:  # counted up in Redis before, unknown here: the count starts anew
            key, delta = args
            self._memory.set(key, delta, COUNTED_SECONDS)
            return delta


class SteadyCache(RedisCache):
    """Django's Redis cache behind a SteadyClient."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = SteadyClient

    def count_all(self, keys: dict[str, int]) -> list[int]:
        """Count each key up by one, and return the counts; each ends so many seconds after its first count."""
        counts: list[int] = cast("SteadyClient", self._cache).count_all(
            {self.make_and_validate_key(key): seconds for key, seconds in keys.items()}
        )
        return counts
