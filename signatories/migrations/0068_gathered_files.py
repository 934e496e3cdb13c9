"""How many tests went to a mailbox on a day; of a gathered file its name, its head, and how many rows it has."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0067_closing")]
    operations = [
        migrations.AddField(
            model_name="mailquota",
            name="tests",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="gatheredbatch",
            name="file_name",
            field=models.CharField(blank=True, db_default="", max_length=100),
        ),
        migrations.AddField(
            model_name="gatheredbatch",
            name="head",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="gatheredbatch",
            name="rows",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
