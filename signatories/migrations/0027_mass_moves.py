"""Mass moves: two new tables, which nothing before this knows."""

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('signatories', '0026_trail_not_emptied'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MassMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(blank=True, choices=[('publish', 'publish'), ('reject', 'reject'), ('hold', 'hold')], max_length=10)),
                ('reason', models.TextField()),
                ('answers_alarm', models.BooleanField(db_default=False)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled'), ('undone', 'Undone')], db_default='waiting', max_length=10)),
                ('total', models.PositiveIntegerField(db_default=0)),
                ('moved', models.PositiveIntegerField(db_default=0)),
                ('skipped', models.PositiveIntegerField(db_default=0)),
                ('batch_count', models.PositiveIntegerField(db_default=0)),
                ('cursor', models.PositiveIntegerField(db_default=0)),
                ('created_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ('finished_at', models.DateTimeField(null=True)),
                ('alarm', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mass_moves', to='signatories.alarm')),
                ('organizer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undo_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undos', to='signatories.massmove')),
            ],
        ),
        migrations.CreateModel(
            name='MassMoveBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('verb', models.CharField(choices=[('publish', 'publish'), ('reject', 'reject'), ('hold', 'hold')], max_length=10)),
                ('before', models.CharField(choices=[('published', 'published'), ('held', 'held'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn')], max_length=10)),
                ('ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField())),
                ('moved', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ('acts_until', models.BigIntegerField()),
                ('mass_move', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='signatories.massmove')),
            ],
        ),
        migrations.AddIndex(
            model_name='massmove',
            index=models.Index(condition=models.Q(('state__in', ('waiting', 'running'))), fields=['id'], name='mass_move_at_work'),
        ),
        migrations.AddConstraint(
            model_name='massmove',
            constraint=models.CheckConstraint(condition=models.Q(('verb__in', ('publish', 'reject', 'hold')), models.Q(('undo_of__isnull', False), ('verb', '')), _connector='OR'), name='mass_move_has_a_verb'),
        ),
        migrations.AddConstraint(
            model_name='massmove',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='mass_move_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='massmove',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'running'))), fields=('alarm',), name='mass_move_one_at_work_for_an_alarm'),
        ),
        migrations.AddConstraint(
            model_name='massmove',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'running'))), fields=('undo_of',), name='mass_move_one_undo_at_work'),
        ),
        migrations.AddConstraint(
            model_name='massmovebatch',
            constraint=models.UniqueConstraint(fields=('mass_move', 'position'), name='mass_move_batch_in_its_place'),
        ),
        migrations.AddConstraint(
            model_name='massmovebatch',
            constraint=models.CheckConstraint(condition=models.Q(('verb__in', ('publish', 'reject', 'hold'))), name='mass_move_batch_moves'),
        ),
    ]
