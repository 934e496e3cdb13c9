"""Mails about second factors and invitations go through the outbox: two kinds more. No statement is run."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0036_looks_personal_mails_exports")]
    operations = [
        migrations.AlterField(
            model_name="outboundmail",
            name="kind",
            field=models.CharField(
                choices=[
                    ("link", "the link to the own page"),
                    ("reminder", "reminder to confirm"),
                    ("changed", "the signature was changed"),
                    ("withdrawn", "the signature was withdrawn"),
                    ("merged", "a double was merged"),
                    ("thanks", "thanks, the signature stands"),
                    ("reset", "the link to set a new password"),
                    ("login_code", "the code to log in"),
                    ("personal", "written by an organizer"),
                    ("factor", "the second factor was changed"),
                    ("invitation", "the invitation to keep the list"),
                ],
                max_length=10,
            ),
        ),
    ]
