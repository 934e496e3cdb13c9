"""An alarm about links to own pages that are asked for by the hundred, with an index built beside the traffic."""

import django.core.validators
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

KINDS = [
    ("domain", "many signatures from one mail domain or mail server"),
    ("network", "many signatures from one network"),
    ("arrivals", "far more signatures than usual"),
    ("withdrawals", "many withdrawals"),
    ("reports", "many reports that entries are wrong"),
    ("asked", "links to own pages asked for by the hundred"),
    ("trail", "the trail was changed"),
    ("drift", "the number was wrong and has been repaired"),
    ("mail", "mail waits too long"),
    ("refused", "mail to a domain is refused"),
    ("held", "people wait too long for a decision"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0029_mails_about_accounts")]
    operations = [
        migrations.AddField(
            model_name="limits",
            name="alarm_asked",
            field=models.PositiveIntegerField(
                db_default=200, default=200, validators=[django.core.validators.MinValueValidator(1)]
            ),
        ),
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=12, verbose_name="kind"),
        ),
        AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(condition=models.Q(("kind", "link")), fields=["created_at"], name="letter_asked"),
        ),
    ]
