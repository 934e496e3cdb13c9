"""An edition has a workbook beside its CSV; the code before it leaves the columns empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0024_index_of_mails_by_mailbox")]
    operations = [
        migrations.AddField(
            model_name="edition",
            name="xlsx",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="edition",
            name="xlsx_sha256",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
