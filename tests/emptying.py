"""Empties the database after a test of transactions: only the tables that have rows, which are few.

Django truncates all tables, which makes hundreds of files anew, and then writes its content types and permissions again.
"""

from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models.signals import post_migrate

KEPT = {Permission._meta.db_table, ContentType._meta.db_table}  # the same in every test
LARGE = 1_000_000  # bytes: from there on, TRUNCATE is quicker than DELETE

# The lock waits, as TRUNCATE does, until a process that a test has killed writes no more. Without triggers, the order of
# the tables is free, and the trail may be emptied; what a trigger does for the watch list is done here.
_EMPTY = """
DO $$
DECLARE
    emptied regclass;
    filled boolean;
BEGIN
    LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE;
    SET LOCAL session_replication_role = replica;
    FOREACH emptied IN ARRAY ARRAY[{names}]::regclass[] LOOP
        IF pg_relation_size(emptied) > {large} THEN
            EXECUTE format('TRUNCATE %s CASCADE', emptied);
        ELSIF pg_relation_size(emptied) > 0 THEN
            EXECUTE format('DELETE FROM %s', emptied);
        END IF;
    END LOOP;
    UPDATE signatories_watch_list_version SET version = gen_random_uuid();
END $$
"""


def statements(_operations: object, _style: object, tables: list[str], **_options: Any) -> list[str]:
    """What Django's `flush` executes, in one transaction."""
    emptied = sorted(set(tables) - KEPT)
    quoted = [connection.ops.quote_name(table) for table in emptied]
    names = ", ".join(f"'{name}'" for name in quoted)
    return [_EMPTY.format(tables=", ".join(quoted), names=names, large=LARGE)]


def only_what_has_rows() -> None:
    """Let `flush` do so from now on, in this process of tests."""
    type(connection.ops).sql_flush = statements  # type: ignore[method-assign,assignment]
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid=f"{create_permissions.__module__}.{create_permissions.__name__}")
