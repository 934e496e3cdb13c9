"""A link that stopped mails outlives its signup; each sort of mail has a quota."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('signatories', '0022_version_of_the_watch_list'),
    ]

    operations = [
        migrations.AddField(
            model_name='mailquota',
            name='links',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='mailquota',
            name='notices',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='stoppedmailbox',
            name='nonce',
            field=models.BinaryField(db_default=b'', default=b'', max_length=16),
        ),
        migrations.AddField(
            model_name='stoppedmailbox',
            name='signup_id',
            field=models.BigIntegerField(db_index=True, null=True),
        ),
        migrations.AlterField(
            model_name='act',
            name='verb',
            field=models.CharField(choices=[('publish', 'publish'), ('reject', 'reject'), ('hold', 'hold'), ('confirm', 'confirm'), ('withdraw', 'withdraw at their request'), ('restore', 'undo a withdrawal at their request'), ('merge', 'merge a double'), ('apart', 'two people, not a double'), ('correct', 'correct at their request'), ('show', 'show the name at their request'), ('hide', 'hide the name at their request'), ('resend', 'send the link again'), ('allow', 'allow mails again at their request'), ('feature', 'feature or order notable names'), ('close', 'answer a report'), ('reveal', 'look at an address'), ('find', 'look for a person'), ('export', "export a person's data"), ('erase', "erase a person's data"), ('edit', 'edit a page, a rule or a switch')], max_length=10, verbose_name='act'),
        ),
        migrations.AlterField(
            model_name='mailquota',
            name='sent',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='outboundmail',
            name='kind',
            field=models.CharField(choices=[('link', 'the link to the own page'), ('reminder', 'reminder to confirm'), ('changed', 'the signature was changed'), ('withdrawn', 'the signature was withdrawn'), ('merged', 'a double was merged'), ('thanks', 'thanks, the signature stands')], max_length=10),
        ),
    ]
