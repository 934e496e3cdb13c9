"""Partners, their channels and accounts, and by which channel somebody came. Adding an empty column takes no time."""

from typing import Any

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROLES = [
    ("viewer", "viewer"),
    ("moderator", "moderator"),
    ("editor", "editor"),
    ("administrator", "administrator"),
]
STANCES = [("supports", "supports this declaration"), ("collects", "only helps to collect signatures")]
SHEETS = [("handout", "hand-out with the text"), ("poster", "poster for the door")]
SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
NOW = django.contrib.postgres.functions.TransactionNow()
CASCADE = django.db.models.deletion.CASCADE


def of_partner(**named: Any) -> models.ForeignKey:
    return models.ForeignKey(on_delete=CASCADE, to="signatories.partner", **named)


def by_channel() -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="signatories.channel",
    )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("declaration", "0005_without_django_admin"),
        ("signatories", "0049_indexes_of_the_press"),
    ]
    operations = [
        migrations.CreateModel(
            name="Partner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.CharField(max_length=40, unique=True, verbose_name="address")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("skeleton", models.TextField(unique=True)),
                ("site", models.URLField(blank=True, verbose_name="web site")),
                ("stance", models.CharField(choices=STANCES, max_length=10, verbose_name="stance")),
                ("sentence", models.JSONField(db_default={}, default=dict)),
                ("duties", models.JSONField(db_default={}, default=dict)),
                ("logo", models.BinaryField(db_default=b"", default=b"")),
                ("logo_sha256", models.CharField(blank=True, db_default="", max_length=64)),
                ("created_at", models.DateTimeField(db_default=NOW)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("slug__regex", SLUG)), name="partner_slug"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.CharField(blank=True, max_length=30, verbose_name="in the link")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
                ("partner", of_partner(related_name="channels")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("partner", "slug"), name="channel_once"),
                    models.CheckConstraint(
                        condition=models.Q(("slug", ""), ("slug__regex", SLUG), _connector="OR"), name="channel_slug"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerAccount",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=CASCADE,
                        primary_key=True,
                        related_name="partner_account",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=NOW)),
                ("partner", of_partner(related_name="accounts")),
            ],
        ),
        migrations.CreateModel(
            name="PartnerSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(choices=settings.LANGUAGES, max_length=10)),
                ("kind", models.CharField(choices=SHEETS, max_length=10)),
                ("asked_at", models.DateTimeField(db_default=NOW)),
                ("pdf", models.BinaryField(db_default=b"", default=b"")),
                ("failed", models.CharField(blank=True, db_default="", max_length=200)),
                (
                    "channel",
                    models.ForeignKey(on_delete=CASCADE, related_name="sheets", to="signatories.channel"),
                ),
                ("text", models.ForeignKey(on_delete=CASCADE, related_name="+", to="declaration.text")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "language", "kind"), name="partner_sheet_once"),
                ],
            },
        ),
        migrations.AlterField(
            model_name="invitation",
            name="role",
            field=models.CharField(blank=True, choices=ROLES, max_length=15),
        ),
        migrations.AddField(
            model_name="invitation", name="partner", field=of_partner(null=True, related_name="invitations")
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("partner", None), ("role", ""), _connector="XOR"),
                name="invitation_role_or_partner",
            ),
        ),
        migrations.AddField(model_name="signature", name="channel", field=by_channel()),
        migrations.AddField(model_name="signup", name="channel", field=by_channel()),
    ]
