"""Django's engine for PostgreSQL, behind a circuit breaker."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import IsolationLevel
from psycopg_pool import PoolTimeout

from declaration.database.deadlines import DatabaseAway, circuit_breaker


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes a connection from the pool, unless the database is known to be away."""

    def get_new_connection(self, conn_params: Any) -> Any:
        """Return a connection.

        Raises DatabaseAway at once while the database is away, PoolTimeout without a connection in `patience()`.
        """
        if self.pool is None:  # a command that changes tables, see declaration/database/roles.py
            return super().get_new_connection(conn_params)
        breaker = circuit_breaker(self.pool)
        if breaker.is_away:
            raise DatabaseAway("the database did not answer a moment ago")
        self.isolation_level = IsolationLevel.READ_COMMITTED
        self.pool.open()
        patience = breaker.patience()
        with breaker.watched():
            try:
                return self.pool.getconn(patience)
            except PoolTimeout:
                breaker.suspect()
                raise
