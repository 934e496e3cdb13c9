"""Deadlines for the web's connections to PostgreSQL: every wait ends, and a server known to be away is not waited for.

Only where DATABASE_POOL_SIZE is set: workers and commands use Django's own engine and take as long as they need.
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

CANCEL_SECONDS = 0.3  # for the request to cancel, and again for the server to cancel
PROBE_SECONDS = 0.5  # between two probes whether it is back
RENEW_SECONDS = 1.0  # at least, between two renewals of all connections


class DatabaseAway(psycopg.OperationalError):
    """The database did not answer a moment ago; it was not asked again."""


class DatabaseLate(psycopg.OperationalError):
    """The database did not answer within DATABASE_SECONDS, nor to the request to cancel."""


class DeadlineConnection(psycopg.Connection[Any]):
    """A connection that waits at most DATABASE_SECONDS for an answer.

    The client measures the time: a frozen server measures none, and behind a PgBouncer, which hands its connections
    from one transaction to the next, a `SET statement_timeout` would affect the statements of workers.
    """

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Return the server's answer. Raises QueryCanceled if the server cancelled in time, otherwise DatabaseLate."""
        try:
            return super().wait(gen, interval, settings.DATABASE_SECONDS if timeout is None else timeout)
        except _WaitTimeout:
            if timeout is not None:
                raise
        return self._cancel(gen)

    def _cancel(self, gen: PQGen[RV]) -> RV:
        """Cancel on the server, so that nothing is stored after the visitor was told that nothing was."""
        with suppress(psycopg.OperationalError):
            self.cancel_safe(timeout=CANCEL_SECONDS)
        try:
            return super().wait(gen, timeout=CANCEL_SECONDS)
        except _WaitTimeout:
            self.pgconn.finish()
        if pool := getattr(self, "_pool", None):
            circuit_breaker(pool).mark_away()
            circuit_breaker(pool).renew()
        raise DatabaseLate(f"no answer within {settings.DATABASE_SECONDS} s")


def check(connection: DeadlineConnection) -> None:
    """Raise for a connection that the server has ended, without a round trip for one that works.

    A server writes to an idle connection only to end it, so a connection with nothing to read works.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if not idle.poll(0):
        return
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        if pool := getattr(connection, "_pool", None):
            pool.check()  # the others ended with it: later requests then get working ones
        raise


class CircuitBreaker:
    """Stops the use of one pool while its database does not answer: no request waits, and one thread probes."""

    def __init__(self, pool: Pool) -> None:
        self.is_away = False
        self._pool = pool
        self._renewed_at = float("-inf")
        self._lock = threading.Lock()

    def mark_away(self) -> None:
        """Refuse connections until the database answers. Harmless when repeated."""
        with self._lock:
            if self.is_away:
                return
            self.is_away = True
        logger.error("database away: nobody waits for it until it answers")
        threading.Thread(target=self._probe, name="database-door", daemon=True).start()

    def renew(self) -> None:
        """Open all connections again, by host name: another server may have taken over."""
        if time.monotonic() - self._renewed_at > RENEW_SECONDS:
            self._renewed_at = time.monotonic()
            self._pool.drain()

    def _probe(self) -> None:
        while not self._answers():
            time.sleep(PROBE_SECONDS)
        self.is_away = False
        logger.warning("database back")

    def _answers(self) -> bool:
        try:
            with self._pool.connection() as connection:
                connection.execute("SELECT 1")
        except Exception:  # of any kind: no other thread would probe again
            return False
        return True


_breakers: dict[Pool, CircuitBreaker] = {}


def circuit_breaker(pool: Pool) -> CircuitBreaker:
    """Return the one circuit breaker of a pool."""
    return _breakers.get(pool) or _breakers.setdefault(pool, CircuitBreaker(pool))
