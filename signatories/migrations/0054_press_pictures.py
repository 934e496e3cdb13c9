"""Pictures and logos for the press, with their files."""

from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0053_groups_are_named")]
    operations = [
        migrations.CreateModel(
            name="PressPicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("picture", "picture"), ("logo", "logo")], max_length=10)),
                ("caption", models.JSONField(db_default={}, default=dict)),
                ("alternative", models.JSONField(db_default={}, default=dict)),
                ("credit", models.CharField(max_length=200)),
                ("place", models.PositiveSmallIntegerField()),
                ("format", models.CharField(choices=[("jpg", "JPEG"), ("png", "PNG")], max_length=4)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("content", models.BinaryField()),
                ("size", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("small", models.BinaryField()),
                ("small_width", models.PositiveIntegerField()),
                ("small_height", models.PositiveIntegerField()),
                ("added_at", models.DateTimeField(db_default=TransactionNow())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("credit", ""), _negated=True), name="press_picture_has_credit"
                    )
                ],
            },
        ),
    ]
