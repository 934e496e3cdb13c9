"""News: updates in several languages, mailings of them, and the mail to each person."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('signatories', '0057_indexes_of_invitations_and_words'),
    ]

    operations = [
        migrations.AlterField(
            model_name='outboundmail',
            name='kind',
            field=models.CharField(choices=[('link', 'the link to the own page'), ('reminder', 'reminder to confirm'), ('changed', 'the signature was changed'), ('withdrawn', 'the signature was withdrawn'), ('merged', 'a double was merged'), ('thanks', 'thanks, the signature stands'), ('reset', 'the link to set a new password'), ('login_code', 'the code to log in'), ('personal', 'written by an organizer'), ('factor', 'the second factor was changed'), ('invitation', 'the invitation to keep the list'), ('test', 'the test of the mail'), ('gathered', 'the invitation to sign'), ('news', 'news of the declaration')], max_length=10),
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profession', models.CharField(blank=True, db_default='', max_length=20, verbose_name='profession')),
                ('country', models.CharField(blank=True, db_default='', max_length=2, verbose_name='country')),
                ('language', models.CharField(blank=True, db_default='', max_length=10, verbose_name='language')),
                ('pace', models.PositiveSmallIntegerField(db_default=600, default=600)),
                ('state', models.CharField(choices=[('draft', 'not started'), ('going', 'started'), ('done', 'done'), ('cancelled', 'cancelled')], default='draft', max_length=10)),
                ('created_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ('tested_at', models.DateTimeField(null=True)),
                ('starts_at', models.DateTimeField(null=True)),
                ('paused_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('cursor', models.BigIntegerField(db_default=0, default=0)),
                ('last', models.BigIntegerField(db_default=0, default=0)),
                ('people', models.PositiveIntegerField(null=True)),
                ('turns', models.PositiveIntegerField(db_default=0, default=0)),
                ('waiting', models.PositiveIntegerField(db_default=0, default=0)),
                ('failed', models.PositiveIntegerField(db_default=0, default=0)),
                ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signatories.partner')),
            ],
        ),
        migrations.AddField(
            model_name='outboundmail',
            name='mailing',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='signatories.mailing'),
        ),
        migrations.CreateModel(
            name='Update',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ('words_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ('published_at', models.DateTimeField(null=True, verbose_name='published')),
                ('corrected_at', models.DateTimeField(null=True, verbose_name='corrected')),
                ('taken_down_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('published_at__isnull', False), ('taken_down_at', None)), fields=['-published_at', '-id'], name='update_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('taken_down_at', None), ('published_at__isnull', False), _connector='OR'), name='update_taken_down_was_published'), models.CheckConstraint(condition=models.Q(('corrected_at', None), ('published_at__isnull', False), _connector='OR'), name='update_corrected_was_published')],
            },
        ),
        migrations.AddField(
            model_name='mailing',
            name='update',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mailings', to='signatories.update'),
        ),
        migrations.CreateModel(
            name='UpdateText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'Français')], max_length=10, verbose_name='language')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('body', models.TextField(max_length=20000, verbose_name='text')),
                ('update', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='signatories.update')),
            ],
        ),
        migrations.AddIndex(
            model_name='mailing',
            index=models.Index(condition=models.Q(('state__in', ['draft', 'going'])), fields=['-id'], name='mailing_open'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'going', 'done', 'cancelled'])), name='mailing_known_state'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'cancelled']), models.Q(('starts_at__isnull', False), ('tested_at__isnull', False)), _connector='OR'), name='mailing_started_was_tested'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('pace__gte', 1), ('pace__lte', 6000)), name='mailing_pace'),
        ),
        migrations.AddConstraint(
            model_name='updatetext',
            constraint=models.UniqueConstraint(fields=('update', 'language'), name='update_once_a_language'),
        ),
        migrations.AddConstraint(
            model_name='updatetext',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('body', ''), _negated=True)), name='update_text_not_empty'),
        ),
    ]
