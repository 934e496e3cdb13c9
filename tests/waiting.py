"""Waits until a promise holds."""

import time
from collections.abc import Callable, Iterable

from declaration.demo.supervisor import SupervisedProcess


def wait_for(promise: Callable[[], bool], seconds: float = 60, kept: Iterable[SupervisedProcess] = ()) -> None:
    """Poll until it holds, supervising what is to be kept running."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if promise():
            return
        for part in kept:
            part.restart_ended()
        time.sleep(0.03)
    raise AssertionError(f"not within {seconds} s")
