"""Reports sent twice are one, pairs known to be two people, editions whose files are gone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('declaration', '0003_switches'),
        ('signatories', '0006_mail_slots'),
    ]

    operations = [
        migrations.CreateModel(
            name='Apart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='signatories.signature')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='signatories.signature')),
            ],
        ),
        migrations.AddField(
            model_name='correction',
            name='once',
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddField(
            model_name='edition',
            name='retired_at',
            field=models.DateTimeField(null=True, verbose_name='files retired'),
        ),
        migrations.AlterField(
            model_name='act',
            name='verb',
            field=models.CharField(choices=[('publish', 'publish'), ('reject', 'reject'), ('hold', 'hold'), ('withdraw', 'withdraw at their request'), ('restore', 'undo a withdrawal at their request'), ('merge', 'merge a double'), ('apart', 'two people, not a double'), ('correct', 'correct at their request'), ('show', 'show the name at their request'), ('hide', 'hide the name at their request'), ('resend', 'send the link again'), ('feature', 'feature or order notable names'), ('close', 'answer a report'), ('reveal', 'look at an address'), ('find', 'look for a person'), ('export', "export a person's data"), ('erase', "erase a person's data"), ('edit', 'edit a page, a rule or a switch')], max_length=10, verbose_name='act'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.UniqueConstraint(fields=('once',), name='correction_once'),
        ),
        migrations.AddConstraint(
            model_name='apart',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='apart_once'),
        ),
        migrations.AddConstraint(
            model_name='apart',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='apart_in_order'),
        ),
    ]
