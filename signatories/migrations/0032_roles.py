"""Roles of organizers, and the role in which an act was done.

Every account that may enter the desk now could do everything until now: it becomes an administrator. Code before this
writes acts without a role: the database fills in that it is not known.
"""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROLES = [("viewer", "viewer"), ("moderator", "moderator"), ("editor", "editor"), ("administrator", "administrator")]
EVERYBODY_UNTIL_NOW = """
INSERT INTO signatories_organizer (account_id, role)
SELECT id, 'administrator' FROM auth_user WHERE is_staff AND is_active
"""


class Migration(migrations.Migration):
    dependencies = [
        ("signatories", "0031_alarm_about_asked_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Organizer",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("role", models.CharField(choices=ROLES, max_length=15, verbose_name="role")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow()),
                ),
            ],
        ),
        migrations.RunSQL(EVERYBODY_UNTIL_NOW, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="act",
            name="role",
            field=models.CharField(blank=True, choices=ROLES, db_default="", max_length=15, verbose_name="role"),
        ),
        migrations.AddField(
            model_name="massmove",
            name="role",
            field=models.CharField(blank=True, choices=ROLES, db_default="", max_length=15),
        ),
        migrations.AlterField(
            model_name="act",
            name="verb",
            field=models.CharField(choices=[('publish', 'publish'), ('reject', 'reject'), ('hold', 'hold'), ('confirm', 'confirm'), ('withdraw', 'withdraw at their request'), ('restore', 'undo a withdrawal at their request'), ('merge', 'merge a double'), ('apart', 'two people, not a double'), ('correct', 'correct at their request'), ('show', 'show the name at their request'), ('hide', 'hide the name at their request'), ('resend', 'send the link again'), ('allow', 'allow mails again at their request'), ('feature', 'feature or order notable names'), ('close', 'answer a report'), ('reveal', 'look at an address'), ('find', 'look for a person'), ('export', "export a person's data"), ('erase', "erase a person's data"), ('edit', 'edit a page, a rule or a switch'), ('appoint', 'change what an organizer may do')], max_length=10, verbose_name='act'),
        ),
    ]
