"""Who has confirmed from one network within minutes: an index, built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0016_pace_of_mail_domains")]
    operations = [
        AddIndexConcurrently(
            model_name='signup',
            index=models.Index(condition=models.Q(('confirmed_at__isnull', False)), fields=['network', 'confirmed_at'], name='signup_crowd'),
        ),
    ]
