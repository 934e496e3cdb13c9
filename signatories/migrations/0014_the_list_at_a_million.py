"""Every page of a list of a million in the time of a short one: indexes for each filter, built beside the traffic."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, BtreeGinExtension, RemoveIndexConcurrently
from django.db import migrations, models

from signatories.models.signature import Framed

# The index of the walk holds the folded name, and an entry of an index is at most 2,700 bytes. Shorter by now
# (names.LONGEST_KEY); only what many expanding letters made longer before is cut.
_CUT = "UPDATE signatories_signature SET search_key = left(search_key, 300) WHERE octet_length(search_key) > 1200"
# A stretch is looked through without the table only where it was vacuumed: not first after a fifth of a million.
_VACUUM = """ALTER TABLE signatories_signature SET (autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"""
_NO_VACUUM = """ALTER TABLE signatories_signature RESET (autovacuum_vacuum_insert_scale_factor,
    autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0013_database_defaults")]
    operations = [
        BtreeGinExtension(),
        migrations.RunSQL(_CUT, migrations.RunSQL.noop),
        migrations.RunSQL(_VACUUM, _NO_VACUUM),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(condition=models.Q(('named', True), ('state', 'published')), fields=['sort_key', 'number'], include=('search_key', 'profession', 'country', 'letter'), name='signature_walk'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(condition=models.Q(('named', True), ('state', 'published')), fields=['profession', 'country', 'sort_key', 'number'], name='signature_by_both'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(condition=models.Q(('named', True), ('state', 'published')), fields=['letter', 'sort_key', 'number'], name='signature_by_letter'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(fields=['changed_at'], name='signature_changed'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=GinIndex(OpClass(Framed('search_key'), name='gin_trgm_ops'), models.F('profession'), models.F('country'), models.F('letter'), name='signature_words'),
        ),
        RemoveIndexConcurrently(model_name='signature', name='signature_filing_order'),
        RemoveIndexConcurrently(model_name='signature', name='signature_search'),
    ]
