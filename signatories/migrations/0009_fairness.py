"""Fairness in the rush: limits and lists that organizers edit, alarms, signs of life, why a signup will be held."""

import django.contrib.postgres.fields
import django.contrib.postgres.functions
from django.db import migrations, models


# Where so many people have their mailboxes that many signatures from there say nothing.
PROVIDERS = """
gmail.com googlemail.com gmx.com gmx.de gmx.net gmx.at gmx.ch gmx.fr hotmail.com hotmail.co.uk hotmail.fr hotmail.it
hotmail.de hotmail.es outlook.com outlook.fr outlook.de outlook.es live.com live.fr live.co.uk live.nl msn.com yahoo.com
yahoo.fr yahoo.co.uk yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.co.jp yahoo.co.in yahoo.com.br yahoo.com.au ymail.com
icloud.com me.com mac.com aol.com web.de t-online.de freenet.de orange.fr free.fr wanadoo.fr laposte.net sfr.fr libero.it
virgilio.it tiscali.it alice.it btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com proton.me protonmail.com
pm.me mail.com email.com mail.ru bk.ru inbox.ru list.ru yandex.ru ya.ru rambler.ru posteo.de mailbox.org fastmail.com
hey.com tutanota.com tuta.com zoho.com bluewin.ch sunrise.ch telenet.be skynet.be ziggo.nl kpnmail.nl xs4all.nl telia.com
online.no seznam.cz wp.pl onet.pl o2.pl interia.pl uol.com.br bol.com.br terra.com.br qq.com 163.com 126.com naver.com
hanmail.net daum.net docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com bigpond.com optusnet.com.au comcast.net
verizon.net att.net cox.net charter.net sbcglobal.net shaw.ca rogers.com sympatico.ca
""".split()


def list_providers(apps, schema_editor):
    Listed = apps.get_model("signatories", "Listed")
    Listed.objects.bulk_create([Listed(kind="provider", value=name) for name in PROVIDERS], ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [
        ('declaration', '0004_press_page'),
        ('signatories', '0008_index_of_notable_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('domain', 'many signatures from one mail domain'), ('network', 'many signatures from one network'), ('arrivals', 'far more signatures than usual'), ('withdrawals', 'many withdrawals'), ('reports', 'many reports that entries are wrong'), ('drift', 'the number was wrong and has been repaired'), ('mail', 'mail waits too long'), ('held', 'people wait too long for a decision')], max_length=12, verbose_name='kind')),
                ('subject', models.CharField(blank=True, max_length=255, verbose_name='about')),
                ('words', models.CharField(max_length=300, verbose_name='what was seen')),
                ('raised_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow(), verbose_name='raised')),
                ('mailed_at', models.DateTimeField(null=True)),
                ('called_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True, verbose_name='looked at')),
            ],
            options={
                'verbose_name': 'alarm',
                'verbose_name_plural': 'alarms',
            },
        ),
        migrations.CreateModel(
            name='Limits',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slow', models.BooleanField(default=False, verbose_name='a puzzle for everyone')),
                ('free_per_network', models.PositiveIntegerField(default=30)),
                ('free_per_wider_network', models.PositiveIntegerField(default=300)),
                ('free_per_minute', models.PositiveIntegerField(default=4000)),
                ('most_per_network', models.PositiveIntegerField(default=600)),
                ('most_per_domain', models.PositiveIntegerField(default=10)),
                ('alarm_per_domain', models.PositiveIntegerField(default=50)),
                ('release_hours', models.PositiveSmallIntegerField(default=12)),
            ],
            options={
                'verbose_name': 'limits',
                'verbose_name_plural': 'limits',
            },
        ),
        migrations.CreateModel(
            name='Listed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('network', 'exempt network'), ('domain', 'mail domain known to us'), ('provider', 'large mail provider'), ('disposable', 'disposable mail domain')], max_length=10, verbose_name='kind')),
                ('value', models.CharField(max_length=255, verbose_name='network or domain')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
            ],
            options={
                'verbose_name': 'listed network or domain',
                'verbose_name_plural': 'listed networks and domains',
            },
        ),
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('part', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='signup',
            name='held_for',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='signup',
            name='network',
            field=models.BinaryField(db_default=b'', default=b'', max_length=16),
        ),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('kind', 'subject'), name='alarm_open_once'),
        ),
        migrations.AddConstraint(
            model_name='limits',
            constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='limits_one_row'),
        ),
        migrations.AddConstraint(
            model_name='listed',
            constraint=models.UniqueConstraint(fields=('kind', 'value'), name='listed_once'),
        ),
        migrations.RunPython(list_providers, migrations.RunPython.noop),
    ]
