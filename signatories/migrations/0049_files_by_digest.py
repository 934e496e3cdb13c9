"""A file of an edition is found by its digest, through an index built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0045_quotes")]
    operations = [
        AddIndexConcurrently(
            model_name="editionfile",
            index=models.Index(fields=["sha256"], name="edition_file_digest"),
        ),
    ]
