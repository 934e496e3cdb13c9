"""Lists of editions and their files in tables of their own. The full lists of older editions move there, too."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MOVE_PARTS = """
INSERT INTO signatories_editionpart (edition_id, part, language, since, state, names, "left", pages, pages_done, error)
SELECT id, 'signatories', %s, 0, 'ready', named, 0, pages, pages, '' FROM signatories_edition WHERE state = 'ready'
"""
MOVE_FILES = """
INSERT INTO signatories_editionfile (part_id, format, path, sha256, size)
SELECT part.id, file.format, file.path, file.sha256, 0
FROM signatories_edition AS edition JOIN signatories_editionpart AS part ON part.edition_id = edition.id,
LATERAL (VALUES ('pdf', pdf, pdf_sha256), ('csv', csv, csv_sha256), ('xlsx', xlsx, xlsx_sha256))
    AS file (format, path, sha256)
WHERE file.sha256 <> ''
"""


class Migration(migrations.Migration):

    dependencies = [
        ('signatories', '0041_acts_by_verb_and_organizer'),
    ]

    operations = [
        migrations.AlterField(
            model_name='edition',
            name='state',
            field=models.CharField(choices=[('asked', 'asked for'), ('building', 'being built'), ('ready', 'ready'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='asked', max_length=10, verbose_name='state'),
        ),
        *(
            migrations.AddField('edition', name, models.PositiveIntegerField(null=True))
            for name in ('added', 'left', 'corrected')
        ),
        migrations.AddField(
            model_name='edition',
            name='sums',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='edition',
            name='sums_signature',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='edition',
            name='signed_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.CreateModel(
            name='EditionPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(choices=[('signatories', 'all names'), ('music', 'Music'), ('stage', 'Film and stage'), ('writing', 'Writing'), ('visual', 'Visual arts'), ('other', 'Other fields'), ('notable', 'notable names'), ('changes', 'what changed')], max_length=20, verbose_name='list')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('since', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('asked', 'asked for'), ('building', 'being built'), ('ready', 'ready'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='asked', max_length=10, verbose_name='state')),
                ('asked_at', models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ('names', models.PositiveIntegerField(default=0)),
                ('left', models.PositiveIntegerField(default=0)),
                ('pages_done', models.PositiveIntegerField(default=0)),
                ('pages', models.PositiveIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='signatories.edition')),
            ],
        ),
        migrations.CreateModel(
            name='EditionFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(choices=[('pdf', 'PDF'), ('xlsx', 'Excel'), ('csv', 'CSV'), ('json', 'JSON')], max_length=4)),
                ('path', models.CharField(blank=True, max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveBigIntegerField(default=0)),
                ('stamp', models.BinaryField(null=True)),
                ('stamp_after', models.DateTimeField(null=True)),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='signatories.editionpart')),
            ],
        ),
        migrations.AddConstraint(
            model_name='editionpart',
            constraint=models.UniqueConstraint(fields=('edition', 'part', 'language', 'since'), name='edition_part_once'),
        ),
        migrations.AddConstraint(
            model_name='editionpart',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('part', 'changes'), ('since__gt', 0)), models.Q(models.Q(('part', 'changes'), _negated=True), ('since', 0)), _connector='OR'), name='edition_part_since_of_changes'),
        ),
        migrations.AddConstraint(
            model_name='editionfile',
            constraint=models.UniqueConstraint(fields=('part', 'format'), name='edition_file_once'),
        ),
        migrations.RunSQL([(MOVE_PARTS, [settings.LANGUAGE_CODE]), MOVE_FILES], migrations.RunSQL.noop),
    ]
