"""What all who open the overview may share for some seconds, because to count it for each would take too long."""

from collections.abc import Callable

from django.core.cache import cache


def shared[Found](what: str, seconds: int, count: Callable[[], Found], version: int = 0) -> Found:
    """Return what was counted at most so many seconds ago; with another `version` it is counted again at once."""
    found: Found | None = cache.get(key := f"desk-overview-{what}-{version}")
    if found is None:
        found = count()
        cache.set(key, found, seconds)
    return found
