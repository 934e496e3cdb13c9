"""PostgreSQL as the web process meets it: no wait without an end, and none at all for a server known to be away.

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

CANCEL_SECONDS = 0.3  # for the server to take a request to stop, and as long to stop
KNOCK_SECONDS = 0.5  # between two looks whether it is back
RENEW_SECONDS = 1.0  # at least, between two renewals of all connections


class Away(psycopg.OperationalError):
    """The database did not answer a moment ago; it was not asked again."""


class Late(psycopg.OperationalError):
    """The database did not answer within DATABASE_SECONDS, nor when it was asked to stop."""


class DeadlineConnection(psycopg.Connection[Any]):
    """A connection whose answers come within DATABASE_SECONDS, or never.

    The client keeps the time: a frozen server keeps none, and behind a PgBouncer that hands its connections from one
    transaction to the next a `SET statement_timeout` would meet the statements of workers.
    """

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """What the server answers. Raises QueryCanceled for what it was made to stop, and Late."""
        try:
            return super().wait(gen, interval, settings.DATABASE_SECONDS if timeout is None else timeout)
        except _WaitTimeout:
            if timeout is not None:
                raise
        return self._call_off(gen)

    def _call_off(self, gen: PQGen[RV]) -> RV:
        """Have the server stop, so that nothing is stored after the visitor was told that nothing was."""
        with suppress(psycopg.OperationalError):
            self.cancel_safe(timeout=CANCEL_SECONDS)
        try:
            return super().wait(gen, timeout=CANCEL_SECONDS)
        except _WaitTimeout:
            self.pgconn.finish()
        if pool := getattr(self, "_pool", None):
            door(pool).shut()
            door(pool).renew()
        raise Late(f"no answer within {settings.DATABASE_SECONDS} s")


def check(connection: DeadlineConnection) -> None:
    """Raise for a connection that the server has ended; no trip for one that is well.

    Nobody writes to an idle connection but a server that ends it, so one with nothing to read is well.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if not idle.poll(0):
        return
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        if pool := getattr(connection, "_pool", None):
            pool.check()  # the others ended with it: whoever comes next need not find out
        raise


class Door:
    """Before one pool: shut while its database does not answer. Then nobody waits, and one thread knocks."""

    def __init__(self, pool: Pool) -> None:
        self.is_shut = False
        self._pool = pool
        self._renewed_at = float("-inf")
        self._lock = threading.Lock()

    def shut(self) -> None:
        """Let nobody in until the database answers. Harmless when repeated."""
        with self._lock:
            if self.is_shut:
                return
            self.is_shut = True
        logger.error("database away: nobody waits for it until it answers")
        threading.Thread(target=self._knock, name="database-door", daemon=True).start()

    def renew(self) -> None:
        """Connect anew, by name: the server behind the kept connections does not answer, or is not the one any more."""
        if time.monotonic() - self._renewed_at > RENEW_SECONDS:
            self._renewed_at = time.monotonic()
            self._pool.drain()

    def _knock(self) -> None:
        while not self._answers():
            time.sleep(KNOCK_SECONDS)
        self.is_shut = False
        logger.warning("database back")

    def _answers(self) -> bool:
        try:
            with self._pool.connection() as connection:
                connection.execute("SELECT 1")
        except Exception:  # whatever it is: nobody else would knock again
            return False
        return True


_doors: dict[Pool, Door] = {}


def door(pool: Pool) -> Door:
    """The door before a pool."""
    return _doors.get(pool) or _doors.setdefault(pool, Door(pool))
