"""Runs one act many times at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def at_once(times: int, act: Callable[[], int]) -> list[int]:
    """Run `act` in so many threads at the same time, each with a connection of its own."""

    def run() -> int:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(times)]]
