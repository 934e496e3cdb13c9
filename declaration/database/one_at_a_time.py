"""One process at a time, on whichever machine."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DEFAULT_DB_ALIAS, Error, connections


@contextmanager
def one_at_a_time(lock: int) -> Iterator[bool]:
    """Take an advisory lock in a separate transaction; yields whether it was free.

    It is released when its connection ends, however the process died. A lock of the session would not do: behind
    PgBouncer, others use the session between two transactions.
    """
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
            taken = bool(cursor.fetchone()[0])
        yield taken
    finally:
        with suppress(Error):  # then the connection has ended, and the lock with it
            own.rollback()  # free when this returns; a closed connection would free it a moment later
        own.close()
