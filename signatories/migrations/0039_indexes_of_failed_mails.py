"""Mails that were not delivered are listed newest first, through indexes built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

FAILED = models.Q(("mail_state__in", ["undeliverable", "set_aside"]))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0038_invitations")]
    operations = [
        AddIndexConcurrently(
            model_name="signup",
            index=models.Index(condition=FAILED, fields=["-created_at", "-id"], name="signup_failed"),
        ),
        AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(condition=FAILED, fields=["-created_at", "-id"], name="letter_failed"),
        ),
    ]
