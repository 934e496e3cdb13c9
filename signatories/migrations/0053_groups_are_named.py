"""The constraint of the migration before holds for the rows that there are, too: looked at beside traffic."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("signatories", "0052_groups")]
    operations = [ValidateConstraint(model_name="signature", name="signature_group_is_named")]
