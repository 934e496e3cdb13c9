"""Time of a confirmation with 0, 100 and 10,000 watched names, in turns on one server: the result is the growth.

Requests are sent one at a time, so that the time is that of a confirmation and not of a queue.
"""

import http.client
import itertools
import time
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

from bench import crowd, links
from signatories.models import WatchedName

SIZES = (0, 100, 10_000)
CONFIRMED = 303
WARM = 3  # the first reads the list


class ConfirmTime(NamedTuple):
    """Median milliseconds of a confirmation with so many watched names, and of the one that reads the list."""

    size: int
    milliseconds: float
    reading: float


def measure(site: str, *, rounds: int, each: int) -> Iterator[ConfirmTime]:
    """Confirm `each` signups with each list, in `rounds` turns."""
    line = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
    watched, signers = _watched(), _signers()
    taken: dict[int, list[float]] = {size: [] for size in SIZES}
    reading: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(rounds):
        for size in SIZES:
            WatchedName.objects.all().delete()
            WatchedName.objects.bulk_create(watched[:size], batch_size=1000)
            paths = links.paths(list(itertools.islice(signers, each + WARM)), "The Paper Lanterns")
            times = [_confirm(line, path) for path in paths]
            reading[size].append(times[0])
            taken[size] += times[WARM:]
    WatchedName.objects.all().delete()
    for size in SIZES:
        yield ConfirmTime(size, median(taken[size]), median(reading[size]))


def _watched() -> list[WatchedName]:
    names = dict.fromkeys(name for name, _country in crowd.people(4 * SIZES[-1], seed=7))
    found = [WatchedName(name=name) for name in itertools.islice(names, SIZES[-1])]
    for row in found:
        row.set_keys()
    return found


def _signers() -> Iterator[str]:
    return (name for seed in itertools.count(99) for name, _country in crowd.people(1000, seed))


def _confirm(line: http.client.HTTPConnection, path: str) -> float:
    """Return the milliseconds of pressing the button of a link. Raises SystemExit for another answer."""
    began = time.perf_counter()
    line.request("POST", path, "", {"Content-Type": "application/x-www-form-urlencoded"})
    answer = line.getresponse()
    answer.read()
    taken = (time.perf_counter() - began) * 1000
    if answer.status != CONFIRMED:
        raise SystemExit(f"{path}: {answer.status}")
    return taken
