"""The end of signing, and how far what follows from it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("signatories", "0066_cards"),
    ]
    operations = [
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ended_at", models.DateTimeField(null=True)),
                ("words", models.JSONField(db_default={}, default=dict)),
                ("settled_at", models.DateTimeField(null=True)),
                ("archived_at", models.DateTimeField(null=True)),
                ("archived_files", models.PositiveIntegerField(null=True)),
                ("archived_edition", models.PositiveIntegerField(null=True)),
                ("addresses_until", models.DateField(null=True)),
                ("addresses_deleted_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "last_edition",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="signatories.edition",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(pk=1), name="closing_one_row"),
                    models.CheckConstraint(
                        condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                        name="closing_is_somebodys",
                    ),
                    models.CheckConstraint(
                        condition=Q(ended_at__isnull=False)
                        | Q(settled_at=None, last_edition=None, addresses_until=None),
                        name="closing_begins_with_the_end",
                    ),
                    models.CheckConstraint(
                        condition=Q(addresses_deleted_at=None)
                        | Q(addresses_until__isnull=False, settled_at__isnull=False),
                        name="closing_addresses_had_a_day",
                    ),
                ],
            },
        ),
    ]
