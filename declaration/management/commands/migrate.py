"""`manage.py migrate`, safe beside traffic: as the owner of the tables, and never waiting long for a lock."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection
from psycopg import sql

from declaration.database import roles

_HALF_BUILT = """
SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace
"""


class Command(Migrate):
    """Django's own, with a role and two timeouts (see docs/operations.md)."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; then give the app's role its rights, where it is not the owner."""
        app = roles.become()
        with connection.cursor() as cursor:
            for name in ("lock_timeout", "statement_timeout"):
                cursor.execute(
                    "SELECT set_config(%s, %s, false)", [name, f"{getattr(settings, f'MIGRATE_{name.upper()}')}s"]
                )
        if not options["plan"] and not options["check_unapplied"]:
            self._drop_half_built()
        super().handle(*args, **options)
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout; RESET statement_timeout")
        if app and not options["plan"] and not options["check_unapplied"]:
            roles.grant(app)

    def _drop_half_built(self) -> None:
        """An index built beside the traffic that did not get its lock is left invalid and would stop the next try."""
        with connection.cursor() as cursor:
            cursor.execute(_HALF_BUILT)
            for (name,) in cursor.fetchall():
                cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
