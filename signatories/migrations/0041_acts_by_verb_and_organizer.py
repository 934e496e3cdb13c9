"""Acts of the desk are found by verb and by organizer through indexes built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

OF_THE_DESK = models.Q(("actor", "signer"), _negated=True)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0040_setup_and_rehearsal")]
    operations = [
        AddIndexConcurrently(
            model_name="act",
            index=models.Index(condition=OF_THE_DESK, fields=["verb", "-id"], name="act_of_the_desk_by_verb"),
        ),
        AddIndexConcurrently(
            model_name="act",
            index=models.Index(condition=OF_THE_DESK, fields=["organizer", "verb", "-id"], name="act_of_one"),
        ),
    ]
