"""Mails that were not delivered, and acts of the desk by verb and organizer, are found through indexes.

They are built beside the traffic.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

FAILED = models.Q(("mail_state__in", ["undeliverable", "set_aside"]))
OF_THE_DESK = models.Q(("actor", "signer"), _negated=True)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0039_setup_and_rehearsal")]
    operations = [
        AddIndexConcurrently(
            model_name="signup",
            index=models.Index(condition=FAILED, fields=["-created_at", "-id"], name="signup_failed"),
        ),
        AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(condition=FAILED, fields=["-created_at", "-id"], name="letter_failed"),
        ),
        AddIndexConcurrently(
            model_name="act",
            index=models.Index(condition=OF_THE_DESK, fields=["verb", "-id"], name="act_of_the_desk_by_verb"),
        ),
        AddIndexConcurrently(
            model_name="act",
            index=models.Index(condition=OF_THE_DESK, fields=["organizer", "verb", "-id"], name="act_of_one"),
        ),
    ]
