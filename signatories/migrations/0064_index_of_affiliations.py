"""The words beside names: an index built beside traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0063_bulk_decisions")]
    operations = [
        AddIndexConcurrently(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("affiliation", ""), _negated=True),
                fields=["affiliation"],
                name="signature_affiliation",
            ),
        ),
    ]
