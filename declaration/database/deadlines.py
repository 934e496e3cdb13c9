"""Deadlines for the web's connections to PostgreSQL: every wait ends, and a server known to be away is not waited for.

Only where DATABASE_POOL_SIZE is set: workers and commands use Django's own engine and take as long as they need.
docs/decisions/0016-the-database-is-away.md says why, and what was measured.
"""

import logging
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, cast

import psycopg
from django.conf import settings
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout
from psycopg_pool import ConnectionPool

logger = logging.getLogger(__name__)
type Pool = ConnectionPool["DeadlineConnection"]

CANCEL_SECONDS = 0.3  # for the request to cancel, and again for the server to cancel
WATCH_SECONDS = 0.25  # between two looks whether somebody waits long for a connection
PROBE_SECONDS = 0.5  # between two probes whether it is back
POOL_SECONDS = 1.0  # for a connection of the pool, when it is probed
FRESH_SECONDS = 2  # for a new connection; libpq takes no less
RENEW_SECONDS = 1.0  # at least, between two renewals of all connections

_patient: ContextVar[bool] = ContextVar("patient", default=False)


class DatabaseAway(psycopg.OperationalError):
    """The database did not answer a moment ago; it was not asked again."""


class DatabaseLate(psycopg.OperationalError):
    """The database did not answer within DATABASE_SECONDS, nor to the request to cancel."""


@contextmanager
def patient() -> Iterator[None]:
    """Inside, wait longer for a connection: somebody has filled in a form."""
    token = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(token)


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
            circuit_breaker(pool).suspect()
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
    """Stops the use of one pool while its database does not answer. One thread finds out, on a connection of its own.

    A pool whose connections are all in use is no sign of that: the database may be busy, and waiting is then right.
    """

    def __init__(self, pool: Pool) -> None:
        self.is_away = False
        self._pool = pool
        self._renewed_at = float("-inf")
        self._waiting: dict[int, float] = {}  # thread → since when it waits for a connection
        self._suspected = threading.Event()
        threading.Thread(target=self._watch, name="database-watch", daemon=True).start()

    def patience(self) -> float:
        """Return for how many seconds this thread may wait for a connection; the last ones are soon free again."""
        crowded = len(self._waiting) >= settings.DATABASE_MOST_WAITING
        return settings.DATABASE_BUSY_SECONDS if _patient.get() and not crowded else settings.DATABASE_WAIT_SECONDS

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Inside, this thread waits for a connection: after DATABASE_WAIT_SECONDS the database is probed."""
        thread = threading.get_ident()
        self._waiting[thread] = time.monotonic()
        try:
            yield
        finally:
            del self._waiting[thread]

    def suspect(self) -> None:
        """Probe the database now: a connection gave no answer. Harmless when repeated."""
        self._suspected.set()

    def renew(self) -> None:
        """Open all connections again, by host name: another server may have taken over."""
        if time.monotonic() - self._renewed_at > RENEW_SECONDS:
            self._renewed_at = time.monotonic()
            self._pool.drain()

    def _watch(self) -> None:
        while True:
            suspected = self._suspected.wait(WATCH_SECONDS)
            self._suspected.clear()
            if (suspected or self._someone_waits_long()) and not self._is_reached():
                self._wait_until_back()

    def _someone_waits_long(self) -> bool:
        began = min(list(self._waiting.values()), default=float("inf"))
        return time.monotonic() - began > settings.DATABASE_WAIT_SECONDS

    def _wait_until_back(self) -> None:
        self.is_away = True
        logger.error("database away: nobody waits for it until it answers")
        while not self._pool_works():
            time.sleep(PROBE_SECONDS)
        self.is_away = False
        logger.warning("database back")

    def _is_reached(self) -> bool:
        """Whether it answers on a new connection, which waits for no other."""
        parameters = {**cast("dict[str, Any]", self._pool.kwargs), "connect_timeout": FRESH_SECONDS}
        with suppress(Exception), DeadlineConnection.connect(**parameters) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
        return False

    def _pool_works(self) -> bool:
        with suppress(Exception), self._pool.connection(POOL_SECONDS) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
        return False


_breakers: dict[Pool, CircuitBreaker] = {}
_making = threading.Lock()


def circuit_breaker(pool: Pool) -> CircuitBreaker:
    """Return the one circuit breaker of a pool."""
    if pool not in _breakers:
        with _making:
            if pool not in _breakers:
                _breakers[pool] = CircuitBreaker(pool)
    return _breakers[pool]
