"""Empties the database behind a test of transactions quickly: Django's own way takes longer than many of the tests.

Django truncates every table and makes content types and permissions anew, app by app. Here the few rows of the tables
that hold any are deleted, and the same types and permissions are put back at once.
"""

from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models.signals import post_migrate

FEW = 500  # rows in each table; more are truncated, which leaves no room taken and no statistics


def quickly() -> None:
    """From now on, in this process."""
    _put_back_types()
    truncate = connection.ops.sql_flush

    def sql_flush(style: Any, tables: list[str], **options: Any) -> list[str]:
        rows = _counted(tables)
        if not tables or max(rows.values()) > FEW:
            return list(truncate(style, tables, **options))
        quoted = [connection.ops.quote_name(table) for table, count in rows.items() if count]
        # As a replica replays them: triggers and foreign keys are not asked, as by TRUNCATE.
        return ["SET session_replication_role TO replica", *(f"DELETE FROM {table}" for table in quoted),
                "SET session_replication_role TO DEFAULT"]  # fmt: skip

    connection.ops.sql_flush = sql_flush  # type: ignore[assignment, method-assign]


def _counted(tables: list[str]) -> dict[str, int]:
    """The rows of each table, at most one more than FEW."""
    each = (
        f"SELECT %s, count(*) FROM (SELECT FROM {connection.ops.quote_name(table)} LIMIT {FEW + 1}) AS kept"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each), tables)
        return dict(cursor.fetchall())


def _put_back_types() -> None:
    types, permissions = list(ContentType.objects.all()), list(Permission.objects.all())

    def put_back(**_named: object) -> None:
        ContentType.objects.bulk_create(types, ignore_conflicts=True)
        Permission.objects.bulk_create(permissions, ignore_conflicts=True)

    assert post_migrate.disconnect(create_contenttypes)
    assert post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.connect(put_back, sender=apps.get_app_config("auth"), weak=False)
