"""Alarms about looks at addresses, and the index that finds these looks."""

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
    ("looks", "an organizer looks at many addresses"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0034_public_changes")]
    operations = [
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=12, verbose_name="kind"),
        ),
        AddIndexConcurrently(
            model_name="act",
            index=models.Index(condition=models.Q(("verb", "reveal")), fields=["acted_at"], name="act_of_looking"),
        ),
    ]
