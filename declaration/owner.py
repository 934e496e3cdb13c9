"""Two roles in the database: the app's own, and the owner of the tables, who alone may change their shape.

The web and the workers connect with DATABASE_URL. What changes tables (migrate, restore) connects with
MIGRATE_DATABASE_URL where that is set, and leaves the app's role with just the rights it needs.
"""

from django.conf import settings
from django.db import connection
from psycopg import sql

# Rows that only grow; a trigger refuses changes too, but the owner could disable a trigger.
APPEND_ONLY = ("signatories_act",)


def become() -> None:
    """Connect this process as the owner, where MIGRATE_DATABASE_URL names one, and without a pool."""
    if not settings.DATABASE_OWNER and not settings.DATABASE_POOL_SIZE:
        return
    connection.close()
    options = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"}
    connection.settings_dict.update({"OPTIONS": options} | settings.DATABASE_OWNER)


def grant(role: str) -> None:
    """Let `role` read and write rows, and do nothing else: no table is made or changed, no act is altered."""
    commands = [
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
        *(f"REVOKE UPDATE, DELETE ON {table} FROM {{role}}" for table in APPEND_ONLY),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        names = {"schema": sql.Identifier(cursor.fetchone()[0]), "role": sql.Identifier(role)}
        for command in commands:
            cursor.execute(sql.SQL(command).format(**names))
