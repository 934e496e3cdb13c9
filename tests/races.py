"""Runs one act many times at the same moment, and waits for one that waits for another."""

import time
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


def somebody_waits_for_a_lock() -> bool:
    """Whether a transaction comes to wait for another one."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.02)
    return False
