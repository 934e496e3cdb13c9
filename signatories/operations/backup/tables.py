"""Tables in and out of the database, by PostgreSQL's own COPY: any client, any server version, one transaction."""

from collections.abc import Iterable, Iterator

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

# Organizers log in anew after a restore.
_LEFT_OUT = {"django_session"}
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
_SEQUENCES = "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = current_schema()"


def names() -> list[str]:
    """The tables of our models that a backup holds."""
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(found) - _LEFT_OUT)


def columns(table: str) -> list[str]:
    """The columns that hold what was stored; generated ones make themselves."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [table])
        return [row[0] for row in cursor.fetchall()]


def migrations() -> list[list[str]]:
    """What shape the tables have: every migration applied."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def sequences() -> dict[str, int]:
    """The last value that each sequence gave; 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
        return dict(cursor.fetchall())


def count(table: str) -> int:
    """How many rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        return int(cursor.fetchone()[0])


def copy_out(table: str, wanted: Iterable[str]) -> Iterator[bytes]:
    """The rows as COPY text."""
    command = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), _listed(wanted))
    with connection.cursor() as cursor, cursor.copy(command) as rows:
        for row in rows:
            yield bytes(row)


def copy_in(table: str, given: Iterable[str], rows: Iterable[bytes]) -> None:
    """Put rows of COPY text into a table."""
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _listed(given))
    with connection.cursor() as cursor, cursor.copy(command) as into:
        for chunk in rows:
            into.write(chunk)


def empty() -> None:
    """Leave no row in any of our tables; the trail of acts too, which only the owner of the tables can do."""
    every = sql.SQL(", ").join(sql.Identifier(table) for table in [*names(), *_LEFT_OUT])
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("TRUNCATE {}").format(every))


def go_on_from(name: str, value: int) -> None:
    """Have a sequence go on after `value`; it never goes back."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT setval(%s, %s) FROM {} WHERE last_value < %s OR NOT is_called").format(
                sql.Identifier(name)
            ),
            [name, value, value],
        )


def check_references() -> None:
    """Compare all foreign keys now. Raises django.db.IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _listed(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)
