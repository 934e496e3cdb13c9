"""Under which key a digest is that cannot be made anew. Filled in by the database for code from before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0011_mail_gates")]
    operations = [
        migrations.AddField(
            model_name="signature",
            name="digest_key",
            field=models.BinaryField(db_default=b"", default=b"", max_length=8),
        ),
        migrations.AddField(
            model_name="stoppedmailbox",
            name="digest_key",
            field=models.BinaryField(db_default=b"", default=b"", max_length=8),
        ),
    ]
