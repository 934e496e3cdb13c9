"""The first hour: what was tried is kept in one row, and a rehearsal is a signup that can sign nothing."""

from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q
from django.db.models.deletion import PROTECT

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
    ("factor", "the second factor was changed"),
    ("invitation", "the invitation to keep the list"),
    ("test", "the test of the mail"),
]


def account() -> models.ForeignKey:
    return models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, null=True)


class Migration(migrations.Migration):
    atomic = False  # a constraint is checked beside the traffic
    dependencies = [
        ("signatories", "0039_indexes_of_failed_mails"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AlterField(
            model_name="outboundmail",
            name="kind",
            field=models.CharField(choices=MAILS, max_length=10),
        ),
        migrations.CreateModel(
            name="Setup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mail_asked_at", models.DateTimeField(null=True)),
                ("mail_checked_at", models.DateTimeField(null=True)),
                ("mail_findings", models.JSONField(db_default=[], default=list)),
                ("rehearsal_signup", models.BigIntegerField(null=True)),
                ("rehearsal_nonce", models.BinaryField(max_length=16, null=True)),
                ("rehearsed_at", models.DateTimeField(null=True)),
                ("mail_asked_by", account()),
                ("rehearsal_by", account()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(pk=1), name="setup_one_row"),
                    models.CheckConstraint(
                        condition=Q(mail_asked_at=None, mail_asked_by=None, mail_checked_at=None)
                        | Q(mail_asked_at__isnull=False, mail_asked_by__isnull=False),
                        name="setup_mail_was_asked_for",
                    ),
                    models.CheckConstraint(
                        condition=Q(rehearsal_signup=None, rehearsal_nonce=None, rehearsal_by=None, rehearsed_at=None)
                        | Q(rehearsal_signup__isnull=False, rehearsal_nonce__isnull=False, rehearsal_by__isnull=False),
                        name="setup_rehearsal_is_somebodys",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="signup",
            name="rehearsal",
            field=models.BooleanField(db_default=False, default=False),
        ),
        AddConstraintNotValid(
            model_name="signup",
            constraint=models.CheckConstraint(
                condition=Q(rehearsal=False) | Q(signature=None, confirmed_at=None),
                name="signup_rehearsal_signs_nothing",
            ),
        ),
        ValidateConstraint(model_name="signup", name="signup_rehearsal_signs_nothing"),
    ]
