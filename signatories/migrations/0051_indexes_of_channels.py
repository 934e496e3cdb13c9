"""Who came by a channel: indexes built beside traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

BROUGHT = models.Q(("channel__isnull", False))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0050_partners")]
    operations = [
        AddIndexConcurrently(
            model_name="signature",
            index=models.Index(condition=BROUGHT, fields=["channel"], name="signature_channel"),
        ),
        AddIndexConcurrently(
            model_name="signup",
            index=models.Index(condition=BROUGHT, fields=["channel"], name="signup_channel"),
        ),
    ]
