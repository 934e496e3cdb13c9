"""What changed since each edition, as sums beside the newest one; SHA-256 of checksums and signatures, to find them."""

import django.db.models.deletion
from django.db import migrations, models

# As signatories/editions/checksums.py does it.
DIGESTS = """
UPDATE signatories_edition SET
    sums_sha256 = encode(sha256(convert_to(sums, 'UTF8')), 'hex'),
    signature_sha256 = CASE WHEN sums_signature = '' THEN ''
        ELSE encode(sha256(decode(sums_signature, 'base64')), 'hex') END
WHERE sums <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("signatories", "0068_gathered_files")]
    operations = [
        migrations.CreateModel(
            name="EditionHistory",
            fields=[
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="signatories.edition",
                    ),
                ),
                ("tracked_since", models.PositiveIntegerField()),
                ("rows", models.JSONField()),
            ],
        ),
        migrations.AddField(
            model_name="edition",
            name="sums_sha256",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="edition",
            name="signature_sha256",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.RunSQL(DIGESTS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(fields=["sums_sha256"], name="edition_sums_digest"),
        ),
        migrations.AddIndex(
            model_name="edition",
            index=models.Index(fields=["signature_sha256"], name="edition_signature_digest"),
        ),
    ]
