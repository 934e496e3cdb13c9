"""What takes long on a long list, without a lock: indexes built beside the traffic, constraints checked afterwards."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0004_people_and_letters")]
    operations = [
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(condition=models.Q(('state', 'published')), fields=['skeleton', 'profession'], name='signature_doubles'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(fields=['address_digest'], name='signature_mailbox'),
        ),
        AddIndexConcurrently(
            model_name='signature',
            index=models.Index(condition=models.Q(('state', 'withdrawn')), fields=['withdrawn_at'], name='signature_to_forget'),
        ),
        ValidateConstraint('signature', 'signature_withdrawn_has_its_moment'),
        ValidateConstraint('signature', 'signature_erased_is_bare'),
    ]
