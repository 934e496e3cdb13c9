"""The mail of an invitee: an index built beside traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0056_gathered_names")]
    operations = [
        AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(
                condition=models.Q(("invitee__isnull", False)), fields=["invitee"], name="letter_invitee"
            ),
        ),
    ]
