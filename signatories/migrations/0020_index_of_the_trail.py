"""The trail of the desk is read newest first, without what signers did: an index, built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0019_who_did_it")]
    operations = [
        AddIndexConcurrently(
            model_name="act",
            index=models.Index(
                condition=models.Q(("actor", "signer"), _negated=True), fields=["-id"], name="act_of_the_desk"
            ),
        ),
    ]
