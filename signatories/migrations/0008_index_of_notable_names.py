"""The first page asks for the notable names: an index of these few, built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0007_reports_doubles_retired")]
    operations = [
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(condition=models.Q(('featured__isnull', False)), fields=['featured'], name='signature_notable'),
        ),
    ]
