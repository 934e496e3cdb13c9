"""Editions tell the newest seal of the trail at their moment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0034_public_changes")]
    operations = [
        migrations.AddField(
            "edition", "trail_head", models.CharField(blank=True, db_default="", default="", max_length=90)
        )
    ]
