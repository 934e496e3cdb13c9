"""The mail of an invitee, and the words of names: indexes built beside traffic."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from signatories.models.signature import Words


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
        AddIndexConcurrently(
            model_name="signature",
            index=GinIndex(
                Words("search_key"),
                condition=models.Q(("named", True), ("state", "published")),
                name="signature_whole_words",
            ),
        ),
    ]
