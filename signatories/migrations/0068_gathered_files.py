"""Of a gathered file its name, its head, its rows, its people when approved; how many tests a mailbox had on a day.

The quota comes last, because forms write to it: it is locked for the shortest time.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0067_closing")]
    operations = [
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
        migrations.AddField(
            model_name="gatheredbatch",
            name="people",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="mailquota",
            name="tests",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
