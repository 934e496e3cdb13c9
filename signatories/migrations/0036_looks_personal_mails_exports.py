"""Alarms about looks at addresses, with the index that finds these looks; mails that organizers write to signers."""

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
MAILS = [
    ("link", "the link to the own page"),
    ("reminder", "reminder to confirm"),
    ("changed", "the signature was changed"),
    ("withdrawn", "the signature was withdrawn"),
    ("merged", "a double was merged"),
    ("thanks", "thanks, the signature stands"),
    ("personal", "written by an organizer"),
]
PREPARED = [("proof", "ask for proof"), ("welcome", "welcome a notable name"), ("refusal", "explain a refusal")]
VERBS = [
    ("publish", "publish"),
    ("reject", "reject"),
    ("hold", "hold"),
    ("confirm", "confirm"),
    ("withdraw", "withdraw at their request"),
    ("restore", "undo a withdrawal at their request"),
    ("merge", "merge a double"),
    ("apart", "two people, not a double"),
    ("correct", "correct at their request"),
    ("show", "show the name at their request"),
    ("hide", "hide the name at their request"),
    ("resend", "send the link again"),
    ("write", "write to a signer"),
    ("allow", "allow mails again at their request"),
    ("feature", "feature or order notable names"),
    ("close", "answer a report"),
    ("reveal", "look at an address"),
    ("find", "look for a person"),
    ("export", "export personal data"),
    ("erase", "erase a person's data"),
    ("edit", "edit a page, a rule or a switch"),
    ("appoint", "change what an organizer may do"),
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
        migrations.AlterField(
            model_name="act",
            name="verb",
            field=models.CharField(choices=VERBS, max_length=10, verbose_name="act"),
        ),
        migrations.AlterField(
            model_name="outboundmail",
            name="kind",
            field=models.CharField(choices=MAILS, max_length=10),
        ),
        migrations.AddField(
            model_name="outboundmail",
            name="prepared",
            field=models.CharField(blank=True, choices=PREPARED, db_default="", max_length=10),
        ),
        migrations.AddField(
            model_name="outboundmail",
            name="words",
            field=models.TextField(blank=True, db_default="", max_length=1000),
        ),
        AddIndexConcurrently(
            model_name="act",
            index=models.Index(condition=models.Q(("verb", "reveal")), fields=["acted_at"], name="act_of_looking"),
        ),
    ]
