"""Indexes of fairness, built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0009_fairness")]
    operations = [
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(fields=['domain', 'confirmed_at'], name='signature_domain'),
        ),
        AddIndexConcurrently(
            model_name='signup',
            index=models.Index(fields=['created_at'], name='signup_arrival'),
        ),
    ]
