"""Letters, reports, withdrawing and erasing, and who signs for somebody else."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('declaration', '0002_lock_signed_text'),
        ('signatories', '0003_acts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wrong', models.CharField(choices=[('not_me', 'I am that person, and I did not sign'), ('not_them', 'That person cannot have signed'), ('misspelt', 'The name or another word is misspelt'), ('twice', 'The same person stands on the list twice'), ('other', 'Something else')], max_length=10, verbose_name='what is wrong')),
                ('words', models.TextField(blank=True, max_length=1000, verbose_name='in your own words')),
                ('address_sealed', models.BinaryField(default=b'')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('created_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name='reported')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='answered')),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name='asked')),
                ('mail_state', models.CharField(choices=[('waiting', 'waiting to be sent'), ('sent', 'sent'), ('undeliverable', 'refused for good by the mail server'), ('set_aside', 'not sent: limit reached, stopped by its owner, or broken row')], default='waiting', max_length=15)),
                ('mail_due_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ('mail_attempts', models.PositiveSmallIntegerField(default=0)),
                ('mail_error', models.CharField(blank=True, max_length=200)),
                ('allowed_at', models.DateTimeField(null=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True, verbose_name='mailed')),
                ('kind', models.CharField(choices=[('link', 'the link to the own page'), ('reminder', 'reminder to confirm'), ('changed', 'the signature was changed'), ('withdrawn', 'the signature was withdrawn'), ('merged', 'a double was merged')], max_length=10)),
                ('address_sealed', models.BinaryField()),
                ('address_digest', models.BinaryField(max_length=32)),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('once', models.BinaryField(max_length=32)),
            ],
            options={
                'verbose_name': 'letter',
            },
        ),
        migrations.AlterModelOptions(
            name='act',
            options={'verbose_name': 'act', 'verbose_name_plural': 'acts'},
        ),
        migrations.RemoveConstraint(
            model_name='signature',
            name='signature_one_per_mailbox_place',
        ),
        migrations.AddField(
            model_name='signature',
            name='erased_at',
            field=models.DateTimeField(null=True, verbose_name='erased'),
        ),
        migrations.AddField(
            model_name='signature',
            name='featured',
            field=models.PositiveSmallIntegerField(null=True, verbose_name='place among the notable names'),
        ),
        migrations.AddField(
            model_name='signature',
            name='representative',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='representative'),
        ),
        migrations.AddField(
            model_name='signature',
            name='representative_role',
            field=models.CharField(blank=True, choices=[('agent', 'Agent'), ('manager', 'Manager'), ('estate', 'Estate or heir'), ('label', 'Label or publisher'), ('guardian', 'Parent or guardian'), ('other', 'Another role')], db_default='', max_length=20, verbose_name='role of the representative'),
        ),
        migrations.AddField(
            model_name='signature',
            name='withdrawn_at',
            field=models.DateTimeField(null=True, verbose_name='withdrawn'),
        ),
        migrations.AddField(
            model_name='signature',
            name='withdrawn_from',
            field=models.CharField(blank=True, choices=[('published', 'published'), ('held', 'held'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn')], db_default='', max_length=10),
        ),
        migrations.AddField(
            model_name='signup',
            name='representative',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='representative'),
        ),
        migrations.AddField(
            model_name='signup',
            name='representative_role',
            field=models.CharField(blank=True, choices=[('agent', 'Agent'), ('manager', 'Manager'), ('estate', 'Estate or heir'), ('label', 'Label or publisher'), ('guardian', 'Parent or guardian'), ('other', 'Another role')], db_default='', max_length=20, verbose_name='role of the representative'),
        ),
        migrations.AlterField(
            model_name='act',
            name='acted_at',
            field=models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name='when'),
        ),
        migrations.AlterField(
            model_name='act',
            name='after',
            field=models.CharField(blank=True, choices=[('published', 'published'), ('held', 'held'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn')], max_length=10, verbose_name='after'),
        ),
        migrations.AlterField(
            model_name='act',
            name='before',
            field=models.CharField(blank=True, choices=[('published', 'published'), ('held', 'held'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn')], max_length=10, verbose_name='before'),
        ),
        migrations.AlterField(
            model_name='act',
            name='organizer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='act',
            name='reason',
            field=models.TextField(blank=True, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='act',
            name='signature',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='acts', to='signatories.signature'),
        ),
        migrations.AlterField(
            model_name='act',
            name='verb',
            field=models.CharField(choices=[('publish', 'publish'), ('reject', 'reject'), ('hold', 'hold'), ('withdraw', 'withdraw at their request'), ('restore', 'undo a withdrawal at their request'), ('merge', 'merge a double'), ('correct', 'correct at their request'), ('show', 'show the name at their request'), ('hide', 'hide the name at their request'), ('resend', 'send the link again'), ('feature', 'feature or order notable names'), ('close', 'answer a report'), ('reveal', 'look at an address'), ('find', 'look for a person'), ('export', "export a person's data"), ('erase', "erase a person's data"), ('edit', 'edit a page, a rule or a switch')], max_length=10, verbose_name='act'),
        ),
        migrations.AddConstraint(
            model_name='act',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verb__in', ('publish', 'reject', 'hold')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='act_of_moving_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('representative', '')), fields=('address_digest', 'mailbox_place'), name='signature_one_per_mailbox_place'),
        ),
        AddConstraintNotValid(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('withdrawn_at__isnull', False), _connector='OR'), name='signature_withdrawn_has_its_moment'),
        ),
        AddConstraintNotValid(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at', None), models.Q(('address_sealed', b''), ('name', ''), ('state', 'withdrawn')), _connector='OR'), name='signature_erased_is_bare'),
        ),
        migrations.AddField(
            model_name='correction',
            name='signature',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='signatories.signature'),
        ),
        migrations.AddField(
            model_name='letter',
            name='signature',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='signatories.signature'),
        ),
        migrations.AddField(
            model_name='letter',
            name='signup',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='signatories.signup'),
        ),
        migrations.AddIndex(
            model_name='correction',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['created_at'], name='correction_queue'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('mail_state', 'waiting')), fields=['mail_due_at'], name='letter_outbox'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.UniqueConstraint(fields=('once',), name='letter_once'),
        ),
    ]
