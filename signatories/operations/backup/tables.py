"""Export and import of tables by PostgreSQL's COPY: works with any client and server version, in one transaction."""

from collections.abc import Iterable, Iterator

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

# Organizers log in again after a restore.
_LEFT_OUT = {"django_session"}
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
_SEQUENCES = "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = current_schema()"


def names() -> list[str]:
    """Return the tables of a backup."""
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(found) - _LEFT_OUT)


def columns(table: str) -> list[str]:
    """Return the columns of `table` except generated ones."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [table])
        return [row[0] for row in cursor.fetchall()]


def migrations() -> list[list[str]]:
    """Return all applied migrations: they define the shape of the tables."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def sequences() -> dict[str, int]:
    """Return the last value of each sequence; 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
        return dict(cursor.fetchall())


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        return int(cursor.fetchone()[0])


def copy_out(table: str, wanted: Iterable[str]) -> Iterator[bytes]:
    """Yield the rows as COPY text."""
    command = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), _listed(wanted))
    with connection.cursor() as cursor, cursor.copy(command) as rows:
        for row in rows:
            yield bytes(row)


def copy_in(table: str, given: Iterable[str], rows: Iterable[bytes]) -> None:
    """Insert rows of COPY text."""
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _listed(given))
    with connection.cursor() as cursor, cursor.copy(command) as into:
        for chunk in rows:
            into.write(chunk)


def empty() -> None:
    """Truncate all our tables, also the acts; only the owner of the tables may. To be called in a transaction."""
    every = sql.SQL(", ").join(sql.Identifier(table) for table in [*names(), *_LEFT_OUT])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL declaration.restores = 'yes'")  # a trigger refuses to empty the trail otherwise
        cursor.execute("SET LOCAL declaration.copies_queues = 'yes'")  # a trigger queues acts for their seal otherwise
        cursor.execute(sql.SQL("TRUNCATE {}").format(every))


def advance_sequence(name: str, value: int) -> None:
    """Continue a sequence after `value`; it never goes back."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT setval(%s, %s) FROM {} WHERE last_value < %s OR NOT is_called").format(
                sql.Identifier(name)
            ),
            [name, value, value],
        )


def check_references() -> None:
    """Check all foreign keys now. Raises django.db.IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _listed(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)
