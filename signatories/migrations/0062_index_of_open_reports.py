"""Open reports by their entry: an index built beside traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0061_settings")]
    operations = [
        AddIndexConcurrently(
            model_name="report",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["signature", "created_at"],
                include=["wrong"],
                name="correction_by_entry",
            ),
        ),
    ]
