"""Who is at the desk, and what is counted by the hour."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signatories", "0058_news"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="HourlyFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("asked", "Asked to sign"),
                            ("mailed", "Mailed"),
                            ("confirmed", "Confirmed"),
                            ("published", "Published"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(blank=True, db_default="", max_length=255)),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("key", ""), _negated=True), fields=["hour"], name="hourlyfigure_of_domains"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("key", "hour", "what"), name="hourlyfigure_once")],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="presence",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("page", models.CharField(max_length=60)),
                ("subject", models.CharField(blank=True, db_default="", max_length=60)),
                ("seen_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
