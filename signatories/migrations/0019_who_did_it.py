from django.db import migrations, models


class Migration(migrations.Migration):
    """Who did an act. Code before this writes none: the database fills in that it is not known."""

    dependencies = [("signatories", "0018_standard_names")]
    operations = [
        migrations.AddField(
            model_name="act",
            name="actor",
            field=models.CharField(
                blank=True,
                choices=[
                    ("signer", "signer"),
                    ("organizer", "organizer"),
                    ("rule", "rule"),
                    ("command", "command line"),
                ],
                db_default="",
                max_length=10,
                verbose_name="done by",
            ),
        ),
        migrations.AlterField(
            model_name="act",
            name="verb",
            field=models.CharField(choices=[('publish', 'publish'), ('reject', 'reject'), ('hold', 'hold'), ('confirm', 'confirm'), ('withdraw', 'withdraw at their request'), ('restore', 'undo a withdrawal at their request'), ('merge', 'merge a double'), ('apart', 'two people, not a double'), ('correct', 'correct at their request'), ('show', 'show the name at their request'), ('hide', 'hide the name at their request'), ('resend', 'send the link again'), ('feature', 'feature or order notable names'), ('close', 'answer a report'), ('reveal', 'look at an address'), ('find', 'look for a person'), ('export', "export a person's data"), ('erase', "erase a person's data"), ('edit', 'edit a page, a rule or a switch')], max_length=10, verbose_name='act'),
        ),
    ]
