"""Answers of the database that every page needs, kept in the memory of a process for some seconds."""

import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.db import Error

AWAY_SECONDS = 2.0  # until a database that did not answer is asked again
FIRST_SECONDS = 1.0  # that one waits for another who asks for the first time
_NEVER = float("-inf")


class Kept[T]:
    """An answer, asked anew after `seconds()` by one thread; the others go by the one before.

    Pages that say that the database is away need such answers, too: they must not wait for it once more.
    """

    _not_before = _NEVER  # of all answers: a request has just found the database away
    _all: "ClassVar[list[Kept[Any]]]" = []

    def __init__(self, ask: Callable[[], T], seconds: Callable[[], float]) -> None:
        self._ask, self._seconds = ask, seconds
        self._lock = threading.Lock()
        self._found: list[T] = []
        self._due_at = _NEVER
        Kept._all.append(self)

    def get(self) -> T:
        """Return the answer; while the database is away the last one.

        Raises Error if it never answered, and to the one who has just waited for it: nobody waits for it twice.
        """
        if self._is_due() and self._lock.acquire(timeout=0 if self._found else FIRST_SECONDS):
            try:
                if self._is_due():
                    self._found, self._due_at = [self._ask()], time.monotonic() + self._seconds()
            except Error:
                self._due_at = time.monotonic() + AWAY_SECONDS
                Kept.postpone()
                raise
            finally:
                self._lock.release()
        return self._found[0] if self._found else self._ask()

    def last[D](self, otherwise: D) -> T | D:
        """Return the last answer without asking."""
        return self._found[0] if self._found else otherwise

    def _is_due(self) -> bool:
        now = time.monotonic()
        return now > self._due_at and (now > Kept._not_before or not self._found)

    @staticmethod
    def postpone(seconds: float = AWAY_SECONDS) -> None:
        """Ask nothing for some seconds where there is an answer of before: the database does not answer just now."""
        Kept._not_before = time.monotonic() + seconds

    @staticmethod
    def ask_all() -> None:
        """Ask for every answer, before the first visitor needs it. Raises Error if the database does not answer."""
        for each in Kept._all:
            each.get()

    def forget(self) -> None:
        """Know nothing, as a process that has just started."""
        self._found, self._due_at = [], _NEVER
