"""Files of editions found by their digest, and the newest names that others may show: indexes built beside traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0046_shown_elsewhere")]
    operations = [
        AddIndexConcurrently(
            model_name="editionfile",
            index=models.Index(fields=["sha256"], name="edition_file_digest"),
        ),
        AddIndexConcurrently(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("named", True), ("shown_elsewhere", True), ("state", "published")),
                fields=["-published_at"],
                name="signature_newest_elsewhere",
            ),
        ),
    ]
