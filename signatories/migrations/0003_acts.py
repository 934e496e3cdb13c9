"""Decisions become acts: the trail also tells what else organizers do and what they look at."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TELL_VERB = """
ALTER TABLE signatories_act DISABLE TRIGGER decision_append_only;
UPDATE signatories_act SET verb = CASE after WHEN 'published' THEN 'publish' WHEN 'rejected' THEN 'reject' ELSE 'hold' END;
ALTER TABLE signatories_act ENABLE TRIGGER decision_append_only;
ALTER TRIGGER decision_append_only ON signatories_act RENAME TO act_append_only;
"""
UNTELL = "ALTER TRIGGER act_append_only ON signatories_act RENAME TO decision_append_only;"


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("signatories", "0002_numbers_and_audit"),
    ]
    operations = [
        migrations.RenameModel("Decision", "Act"),
        migrations.RenameField("act", "decided_at", "acted_at"),
        migrations.AddField("act", "verb", models.CharField(max_length=10, default="hold")),
        migrations.RunSQL(TELL_VERB, UNTELL),
        migrations.RemoveConstraint("act", "decision_has_a_reason"),
    ]
