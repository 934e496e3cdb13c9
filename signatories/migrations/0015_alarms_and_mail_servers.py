"""Alarms know how big they were, their limits are edited at the desk, and mail servers of unknown domains are kept."""

import django.core.validators
from django.db import migrations, models

# Where so many mail domains have their mailboxes that neighbours have nothing in common: the large offices, hosters,
# registrars and filters in front of them, by the registered domain of their mail servers.
SERVERS = """
google.com googlemail.com outlook.com outlook.de hotmail.com office365.us icloud.com yahoodns.net zoho.com zoho.eu
zoho.in protonmail.ch messagingengine.com mailbox.org posteo.de tutanota.de migadu.com mailfence.com startmail.com
mxroute.com yandex.net yandex.ru mail.ru qq.com netease.com 163.com aliyun.com mxhichina.com naver.com worksmobile.com
mimecast.com mimecast.co.za pphosted.com ppe-hosted.com barracudanetworks.com messagelabs.com iphmx.com hornetsecurity.com
antispameurope.com hornetsecurity.net trendmicro.com trendmicro.eu sophos.com mailcontrol.com fireeyecloud.com spamexperts.com
antispamcloud.com mailspamprotection.com retarus.com nospamproxy.com seppmail.cloud mailanyone.net securence.com
cloudflare.net amazonaws.com emailsrvr.com secureserver.net registrar-servers.com privateemail.com hostedemail.com
dreamhost.com hostinger.com titan.email web-hosting.com websitewelcome.com bluehost.com siteground.biz stackmail.com
livemail.co.uk fasthosts.co.uk livedns.co.uk heartinternet.co.uk ionos.com ionos.de ionos.co.uk ionos.fr ionos.es
ionos.it kundenserver.de 1and1.com perfora.net rzone.de strato.de strato.com kasserver.com your-server.de ispgateway.de
udag.de mittwald.de hosteurope.de agenturserver.de webgo24.de netcup.net manitu.net ovh.net gandi.net infomaniak.ch
ik2.com o2switch.net lws-hosting.com amen.fr hostpoint.ch cyon.ch metanet.ch green.ch world4you.com easyname.com
easyname.eu transip.email transip.nl antagonist.nl zxcs.nl hostnet.nl mijndomein.nl kpn.com combell.com one.com simply.com
dandomain.dk loopia.se binero.se domeneshop.no zoner.fi aruba.it register.it serverplan.com dominios.com arsys.es
dinaserver.com piensasolutions.com cdmon.com ptisp.pt home.pl nazwa.pl lh.pl cyberfolks.pl wedos.net active24.cz
forpsi.com websupport.sk seznam.cz tarhely.eu icnhost.net hover.com name.com namebright.com porkbun.com easymail.ca
netfirms.com yourhostingaccount.com locaweb.com.br uolhost.com.br kinghost.net umbler.com lolipop.jp sakura.ne.jp
xserver.jp muumuu-mail.com gmoserver.jp hanmail.net daum.net hiworks.com rediffmailpro.com bigrock.in webcentral.com.au
ventraip.net.au crazydomains.com syrahost.com xtra.co.nz hetzner.co.za afrihost.com xneelo.co.za
""".split()


def list_servers(apps, schema_editor):
    Listed = apps.get_model("signatories", "Listed")
    Listed.objects.bulk_create([Listed(kind="server", value=name) for name in SERVERS], ignore_conflicts=True)


def unlist_servers(apps, schema_editor):
    apps.get_model("signatories", "Listed").objects.filter(kind="server").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('declaration', '0004_press_page'),
        ('signatories', '0014_the_list_at_a_million'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailServer',
            fields=[
                ('domain', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('server', models.CharField(blank=True, max_length=255)),
                ('looked_up_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='alarm',
            name='size',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='limits',
            name='alarm_arrivals',
            field=models.PositiveIntegerField(db_default=500, default=500, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='limits',
            name='alarm_held_hours',
            field=models.PositiveIntegerField(db_default=24, default=24, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='limits',
            name='alarm_per_network',
            field=models.PositiveIntegerField(db_default=500, default=500, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='limits',
            name='alarm_quiet_hours',
            field=models.PositiveIntegerField(db_default=6, default=6, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='limits',
            name='alarm_reports',
            field=models.PositiveIntegerField(db_default=30, default=30, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='limits',
            name='alarm_times_usual',
            field=models.PositiveIntegerField(db_default=10, default=10, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='limits',
            name='alarm_withdrawals',
            field=models.PositiveIntegerField(db_default=30, default=30, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AlterField(
            model_name='alarm',
            name='kind',
            field=models.CharField(choices=[('domain', 'many signatures from one mail domain or mail server'), ('network', 'many signatures from one network'), ('arrivals', 'far more signatures than usual'), ('withdrawals', 'many withdrawals'), ('reports', 'many reports that entries are wrong'), ('drift', 'the number was wrong and has been repaired'), ('mail', 'mail waits too long'), ('refused', 'mail to a domain is refused'), ('held', 'people wait too long for a decision')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='listed',
            name='kind',
            field=models.CharField(choices=[('network', 'exempt network'), ('domain', 'mail domain known to us'), ('provider', 'large mail provider'), ('disposable', 'disposable mail domain'), ('server', 'large mail server')], max_length=10, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='mailserver',
            index=models.Index(fields=['server'], name='mail_server_of'),
        ),
        migrations.RunPython(list_servers, unlist_servers),
    ]
