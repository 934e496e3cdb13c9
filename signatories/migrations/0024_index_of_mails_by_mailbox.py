"""Mails of a mailbox are found by an index, built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0023_stops_and_quotas")]
    operations = [
        AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(fields=["address_digest"], name="letter_mailbox"),
        ),
    ]
