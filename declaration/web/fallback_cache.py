"""Django's Redis cache with a fallback: for a few seconds after Redis failed, the memory of this process is used."""

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
_ADD = """
local totals = {}
for i, key in ipairs(KEYS) do
    local more = tonumber(ARGV[2 * i - 1])
    totals[i] = redis.call('INCRBY', key, more)
    if totals[i] == more then redis.call('EXPIRE', key, ARGV[2 * i]) end
end
return totals
"""


class _Redis(RedisCacheClient):
    """Django's client, but made once instead of for each call; adding to many counts takes one round trip."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        """The client of redis-py, which threads may share."""
        if self._made is None:
            self._made = super().get_client(key, write=True)
        return self._made

    _made: Redis | None = None

    def add_all(self, more: dict[str, tuple[int, int]]) -> list[int]:
        """See FallbackCache.add_all."""
        if self._add is None:
            self._add = self.get_client().register_script(_ADD)
        return [int(total) for total in self._add(keys=list(more), args=[n for pair in more.values() for n in pair])]

    _add: Script | None = None


class FallbackClient:
    """Calls Redis, or the memory of this process while Redis is away. Never raises RedisError."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        self._redis = _Redis(servers, **options)
        self._memory = LocMemCache("fallback", {})
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
        return [] if name == "add_all" else getattr(self._memory, name)(*args)


class FallbackCache(RedisCache):
    """Django's Redis cache behind a FallbackClient."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = FallbackClient

    def add_all(self, more: dict[str, tuple[int, int]]) -> list[int]:
        """Add to many counts in one round trip: by key how much, and how many seconds it lives from its first count.

        Returns the totals; nothing while Redis is away.
        """
        totals: list[int] = cast("FallbackClient", self._cache).add_all(
            {self.make_key(key): pair for key, pair in more.items()}
        )
        return totals
