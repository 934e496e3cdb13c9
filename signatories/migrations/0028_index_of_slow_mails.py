"""Mails that wait for a slow pace are found by network, through an index built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("signatories", "0027_mass_moves")]
    operations = [
        AddIndexConcurrently(
            model_name="signup",
            index=models.Index(
                condition=models.Q(("held_for__contains", ["unsolved"]), ("mail_state", "waiting")),
                fields=["network", "id"],
                name="signup_slow",
            ),
        ),
    ]
