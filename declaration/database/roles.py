"""Two roles in the database: the app's own, and the owner of the tables, the only one that may alter them.

The web and the workers connect with DATABASE_URL. Commands that alter tables (migrate, restore) connect
with MIGRATE_DATABASE_URL where that is set, and grant the app's role only the rights it needs.
"""

from django.conf import settings
from django.db import connection
from psycopg import sql

# Tables whose rows are never changed; a trigger refuses it too, but the owner could disable a trigger.
APPEND_ONLY = ("signatories_act", "signatories_seal")


def become() -> str:
    """Connect this process as the owner, without a pool; returns the app's role if that is another, else ""."""
    app = connection.settings_dict["USER"]
    connection.close()
    options = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"}
    connection.settings_dict.update({"OPTIONS": options} | settings.DATABASE_OWNER)
    return app if connection.settings_dict["USER"] != app else ""


def grant(role: str) -> None:
    """Let `role` read and write rows only: not make or alter tables, not change acts."""
    commands = [
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        names = {"schema": sql.Identifier(cursor.fetchone()[0]), "role": sql.Identifier(role)}
        for command in commands:
            cursor.execute(sql.SQL(command).format(**names))
        for table in set(APPEND_ONLY) & set(connection.introspection.table_names(cursor)):
            revoked = sql.SQL("REVOKE UPDATE, DELETE ON {table} FROM {role}")
            cursor.execute(revoked.format(table=sql.Identifier(table), **names))
