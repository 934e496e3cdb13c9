"""One table of settings, with the values of Limits and Switches, which stay for one release; groups of doubles."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

# The new name of a column, where it is not the old one.
RENAMED = {"slow": "puzzle_for_everyone"}
LIMITS = (
    "slow", "free_per_network", "free_per_wider_network", "free_per_minute", "most_per_network", "most_per_domain",
    "release_hours", "alarm_per_domain", "alarm_per_network", "alarm_arrivals", "alarm_times_usual",
    "alarm_withdrawals", "alarm_reports", "alarm_asked", "alarm_held_hours", "alarm_quiet_hours",
)  # fmt: skip


def copy_values(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Copy what was set. What was never saved has no row: it is as the defaults are."""
    found = {}
    for row in apps.get_model("signatories", "Limits").objects.filter(pk=1):
        found |= {RENAMED.get(name, name): getattr(row, name) for name in LIMITS}
    for row in apps.get_model("declaration", "Switches").objects.filter(pk=1):
        found["reminders"] = row.reminders
    setting, now = apps.get_model("signatories", "Setting"), timezone.now()
    setting.objects.bulk_create(setting(name=name, value=value, changed_at=now) for name, value in found.items())


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("declaration", "0005_without_django_admin"),
        ("signatories", "0060_dossiers"),
    ]
    operations = [
        migrations.CreateModel(
            name="Setting",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("afterwards", models.JSONField(null=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("afterwards__isnull", True), ("ends_at", None))
                        | models.Q(("afterwards__isnull", False), ("ends_at__isnull", False)),
                        name="setting_falls_back_to_something",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={"indexes": [models.Index(fields=["-began_at"], name="pause_newest")]},
        ),
        migrations.CreateModel(
            name="DuplicateGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("skeleton", models.TextField()),
                ("profession", models.CharField(max_length=20)),
                (
                    "members",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("score", models.PositiveSmallIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-score", "-id"], name="duplicate_group_likeliest"),
                    django.contrib.postgres.indexes.GinIndex(fields=["members"], name="duplicate_group_members"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("skeleton", "profession"), name="duplicate_group_once"),
                    models.CheckConstraint(condition=models.Q(("members__len__gte", 2)), name="duplicate_group_of_two"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicateSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("looked_until", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="duplicate_search_one_row")]
            },
        ),
        migrations.RunPython(copy_values, migrations.RunPython.noop),
    ]
