"""Django's engine for PostgreSQL, behind a door."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from declaration.database.deadlines import Away, door


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of the pool, for whoever is let in."""

    def get_new_connection(self, conn_params: Any) -> Any:
        """Raises Away at once while the door is shut, PoolTimeout when there was none within DATABASE_WAIT_SECONDS."""
        if self.pool is None:  # a command that changes tables, see declaration/database/roles.py
            return super().get_new_connection(conn_params)
        before = door(self.pool)
        if before.is_shut:
            raise Away("the database did not answer a moment ago")
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout:
            before.shut()
            raise
