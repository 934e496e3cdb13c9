"""Who has agreed that others show their name, too.

Nobody has: those who signed before have not read that sentence.
"""

from django.db import migrations, models

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
    ("consent", "change where the name is shown"),
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
    dependencies = [("signatories", "0045_quotes")]
    operations = [
        migrations.AddField(
            model_name="signature",
            name="shown_elsewhere",
            field=models.BooleanField(db_default=False, default=False, verbose_name="name shown by others, too"),
        ),
        migrations.AlterField(
            model_name="act",
            name="verb",
            field=models.CharField(choices=VERBS, max_length=10, verbose_name="act"),
        ),
    ]
