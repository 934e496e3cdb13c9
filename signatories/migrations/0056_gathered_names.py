"""Gathered names: who may hand them over, their batches and people, and the mail to each."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django_countries.fields
import signatories.models.signup
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('signatories', '0055_places_of_press_pictures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GatheringGrant',
            fields=[
                ('partner', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='gathering', serialize=False, to='signatories.partner')),
                ('contract', models.CharField(max_length=20, verbose_name='version of the contract')),
                ('signed_by', models.CharField(max_length=120, verbose_name='signed for the partner by')),
                ('signed_on', models.DateField(verbose_name='signed on')),
                ('granted_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AlterField(
            model_name='alarm',
            name='kind',
            field=models.CharField(choices=[('domain', 'many signatures from one mail domain or mail server'), ('network', 'many signatures from one network'), ('arrivals', 'far more signatures than usual'), ('withdrawals', 'many withdrawals'), ('reports', 'many reports that entries are wrong'), ('asked', 'links to own pages asked for by the hundred'), ('trail', 'the trail was changed'), ('drift', 'the number was wrong and has been repaired'), ('mail', 'mail waits too long'), ('refused', 'mail to a domain is refused'), ('held', 'people wait too long for a decision'), ('looks', 'an organizer looks at many addresses'), ('gathered', 'people say that they never agreed to be asked')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='outboundmail',
            name='kind',
            field=models.CharField(choices=[('link', 'the link to the own page'), ('reminder', 'reminder to confirm'), ('changed', 'the signature was changed'), ('withdrawn', 'the signature was withdrawn'), ('merged', 'a double was merged'), ('thanks', 'thanks, the signature stands'), ('reset', 'the link to set a new password'), ('login_code', 'the code to log in'), ('personal', 'written by an organizer'), ('factor', 'the second factor was changed'), ('invitation', 'the invitation to keep the list'), ('test', 'the test of the mail'), ('gathered', 'the invitation to sign')], max_length=10),
        ),
        migrations.CreateModel(
            name='GatheredBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'Français')], max_length=10, verbose_name='language, where the file says none')),
                ('state', models.CharField(choices=[('reading', 'the file is being read'), ('columns', 'say what its columns are'), ('checking', 'its rows are being checked'), ('open', 'to be looked at, and to be proved'), ('asked', 'the organizers look at it'), ('approved', 'approved'), ('refused', 'refused'), ('undone', 'taken back'), ('failed', 'the file could not be read')], default='reading', max_length=10)),
                ('created_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ('error', models.CharField(blank=True, db_default='', max_length=300)),
                ('file', models.BinaryField(db_default=b'', default=b'')),
                ('sample', models.BinaryField(db_default=b'', default=b'')),
                ('columns', models.JSONField(db_default={}, default=dict)),
                ('asked_by', models.CharField(blank=True, db_default='', max_length=120, verbose_name='who asked them')),
                ('asked_on', models.CharField(blank=True, db_default='', max_length=120, verbose_name='when')),
                ('asked_in', models.TextField(blank=True, db_default='', verbose_name='in which words')),
                ('asked_where', models.CharField(blank=True, db_default='', max_length=120, verbose_name='by which channel')),
                ('specimen', models.BinaryField(db_default=b'', default=b'')),
                ('specimen_type', models.CharField(blank=True, db_default='', max_length=40)),
                ('tested_at', models.DateTimeField(null=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, db_default='', max_length=500)),
                ('starts_at', models.DateTimeField(null=True)),
                ('pace', models.PositiveSmallIntegerField(db_default=60, default=60)),
                ('paused_at', models.DateTimeField(null=True)),
                ('doubted_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='signatories.partner')),
            ],
        ),
        migrations.CreateModel(
            name='Invitee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('verdict', models.CharField(choices=[('taken', 'taken'), ('look', 'needs a look'), ('twice', 'twice in the file'), ('refused', 'refused')], max_length=10)),
                ('why', models.CharField(blank=True, db_default='', max_length=200)),
                ('left_out', models.BooleanField(db_default=False, default=False)),
                ('is_test', models.BooleanField(db_default=False, default=False)),
                ('created_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ('name', models.CharField(blank=True, db_default='', max_length=200)),
                ('name_latin', models.CharField(blank=True, db_default='', max_length=200)),
                ('profession', models.CharField(blank=True, db_default='', max_length=20)),
                ('profession_other', models.CharField(blank=True, db_default='', max_length=120)),
                ('affiliation', models.CharField(blank=True, db_default='', max_length=120)),
                ('country', django_countries.fields.CountryField(blank=True, db_default='', default='', max_length=2)),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'Français')], max_length=10)),
                ('address_sealed', models.BinaryField(db_default=b'', default=b'')),
                ('address_digest', models.BinaryField(db_default=b'', default=b'', max_length=32)),
                ('digest_key', models.BinaryField(db_default=b'', default=b'', max_length=8)),
                ('nonce', models.BinaryField(default=signatories.models.signup.new_nonce, max_length=16)),
                ('asked_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, choices=[('', 'none yet'), ('signed', 'signed'), ('declined', 'no, thank you'), ('never', 'never agreed to be asked'), ('silent', 'no answer'), ('passed', 'passed over: known here before'), ('undone', 'taken back with the batch')], db_default='', default='', max_length=10)),
                ('answered_at', models.DateTimeField(null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitees', to='signatories.gatheredbatch')),
            ],
        ),
        migrations.AddField(
            model_name='outboundmail',
            name='invitee',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='signatories.invitee'),
        ),
        migrations.AddConstraint(
            model_name='gatheredbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), models.Q(('looked_at__isnull', False), ('starts_at__isnull', False), models.Q(('asked_in', ''), _negated=True)), _connector='OR'), name='batch_approved_with_proof'),
        ),
        migrations.AddIndex(
            model_name='invitee',
            index=models.Index(fields=['batch', 'line'], name='invitee_of_batch'),
        ),
        migrations.AddIndex(
            model_name='invitee',
            index=models.Index(condition=models.Q(('address_digest', b''), _negated=True), fields=['address_digest'], name='invitee_mailbox'),
        ),
        migrations.AddIndex(
            model_name='invitee',
            index=models.Index(condition=models.Q(('answer', ''), ('asked_at', None)), fields=['batch', 'id'], name='invitee_to_ask'),
        ),
        migrations.AddConstraint(
            model_name='invitee',
            constraint=models.UniqueConstraint(condition=models.Q(('asked_at__isnull', False), models.Q(('address_digest', b''), _negated=True), ('is_test', False)), fields=('address_digest',), name='invitee_asked_once'),
        ),
        migrations.AddConstraint(
            model_name='invitee',
            constraint=models.CheckConstraint(condition=models.Q(('answer', ''), models.Q(('address_sealed', b''), ('affiliation', ''), ('name', '')), _connector='OR'), name='invitee_forgotten'),
        ),
    ]
