"""Alarms about looks at addresses, with the index that finds these looks; mails to signers; exports."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.deletion import PROTECT

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
    ("reset", "the link to set a new password"),
    ("login_code", "the code to log in"),
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
EXPORTS = [("addresses", "with mail addresses"), ("public", "without mail addresses")]
STATES = [
    ("asked", "asked for"),
    ("approved", "approved"),
    ("building", "being made"),
    ("ready", "ready"),
    ("cancelled", "cancelled"),
    ("failed", "failed"),
    ("deleted", "deleted"),
]
OPEN = ("asked", "approved", "building")


def account(**options: object) -> models.ForeignKey:
    return models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, **options)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("signatories", "0035_seal_on_editions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
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
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=EXPORTS, max_length=10)),
                ("columns", ArrayField(base_field=models.CharField(max_length=30), size=None)),
                ("reason", models.TextField()),
                ("state", models.CharField(choices=STATES, max_length=10)),
                ("asked_at", models.DateTimeField(db_default=TransactionNow())),
                ("needs_approval", models.BooleanField()),
                ("told_at", models.DateTimeField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("passphrase_sealed", models.TextField(blank=True, db_default="")),
                ("file", models.CharField(blank=True, db_default="", max_length=100)),
                ("rows", models.PositiveIntegerField(null=True)),
                ("built_at", models.DateTimeField(null=True)),
                ("approved_by", account(null=True)),
                ("asked_by", account()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", OPEN)), fields=("asked_by",), name="export_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("approved_by", models.F("asked_by")), _negated=True),
                        name="export_approved_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", OPEN), ("passphrase_sealed", ""), _connector="OR"),
                        name="export_passphrase_is_forgotten",
                    ),
                ],
            },
        ),
        AddIndexConcurrently(
            model_name="act",
            index=models.Index(condition=models.Q(("verb", "reveal")), fields=["acted_at"], name="act_of_looking"),
        ),
    ]
