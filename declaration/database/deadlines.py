"""Database connections of the web process: every wait has a deadline, and none begins while the database is away.

Used only where DATABASE_POOL_SIZE is set: workers and commands use Django's own engine and wait as long as they need.
docs/decisions/0016-the-database-is-away.md says why, and what was measured.
"""

import logging
import select
import threading
import time
from contextlib import suppress
from typing import Any

import psycopg
from django.conf import settings
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout
from psycopg_pool import ConnectionPool

logger = logging.getLogger(__name__)
type Pool = ConnectionPool["DeadlineConnection"]

CANCEL_SECONDS = 0.3  # the server has this long to take a request to cancel, and as long again to cancel
PROBE_SECONDS = 0.5  # between two probes
RECONNECT_SECONDS = 1.0  # at least, between two replacements of all connections


class DatabaseAway(psycopg.OperationalError):
    """The database did not answer a moment ago, so it was not asked again."""


class DatabaseLate(psycopg.OperationalError):
    """The database did not answer within DATABASE_SECONDS, and did not cancel the statement either."""


class DeadlineConnection(psycopg.Connection[Any]):
    """A connection whose answers come within DATABASE_SECONDS or fail.

    The client measures the time, because a frozen server cannot. `SET statement_timeout` is no alternative: behind a
    PgBouncer that lends its connections for one transaction, it would also end statements of workers.
    """

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for an answer. Raises QueryCanceled if the server cancelled the statement in time, else DatabaseLate."""
        try:
            return super().wait(gen, interval, settings.DATABASE_SECONDS if timeout is None else timeout)
        except _WaitTimeout:
            if timeout is not None:
                raise
        return self._cancel(gen)

    def _cancel(self, gen: PQGen[RV]) -> RV:
        """Cancel the statement on the server: a visitor who is told that nothing was stored must be told the truth."""
        with suppress(psycopg.OperationalError):
            self.cancel_safe(timeout=CANCEL_SECONDS)
        try:
            return super().wait(gen, timeout=CANCEL_SECONDS)
        except _WaitTimeout:
            self.pgconn.finish()
        if pool := getattr(self, "_pool", None):
            circuit_breaker(pool).mark_away()
            circuit_breaker(pool).reconnect()
        raise DatabaseLate(f"no answer within {settings.DATABASE_SECONDS} s")


def check(connection: DeadlineConnection) -> None:
    """Raise psycopg.Error for a connection that the server has ended. Costs a healthy one no round trip.

    A server sends nothing on an idle connection except when it ends it. So one with nothing to read is healthy.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if not idle.poll(0):
        return
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        if pool := getattr(connection, "_pool", None):
            pool.check()  # the others probably ended with it, and no visitor should be the one to find out
        raise


class CircuitBreaker:
    """Stands before one pool. While its database is away, requests fail at once and one thread probes."""

    def __init__(self, pool: Pool) -> None:
        self.is_away = False
        self._pool = pool
        self._reconnected_at = float("-inf")
        self._lock = threading.Lock()

    def mark_away(self) -> None:
        """Let requests fail at once until a probe succeeds. Harmless when repeated."""
        with self._lock:
            if self.is_away:
                return
            self.is_away = True
        logger.error("database away: nobody waits for it until it answers")
        threading.Thread(target=self._probe_until_back, name="database-probe", daemon=True).start()

    def reconnect(self) -> None:
        """Replace all connections: the server behind them does not answer, or its name leads to another one now."""
        if time.monotonic() - self._reconnected_at > RECONNECT_SECONDS:
            self._reconnected_at = time.monotonic()
            self._pool.drain()

    def _probe_until_back(self) -> None:
        while not self._answers():
            time.sleep(PROBE_SECONDS)
        self.is_away = False
        logger.warning("database back")

    def _answers(self) -> bool:
        try:
            with self._pool.connection() as connection:
                connection.execute("SELECT 1")
        except Exception:  # of any kind: if this thread ended, the database would stay marked as away
            return False
        return True


_circuit_breakers: dict[Pool, CircuitBreaker] = {}


def circuit_breaker(pool: Pool) -> CircuitBreaker:
    """The circuit breaker of a pool; always the same one."""
    return _circuit_breakers.get(pool) or _circuit_breakers.setdefault(pool, CircuitBreaker(pool))
