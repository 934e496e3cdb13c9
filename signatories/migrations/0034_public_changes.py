"""The public log of corrections: sums by the week, counted while the acts are sealed."""

from django.db import migrations, models

KINDS = [("added", "added"), ("taken_off", "taken off"), ("put_back", "put back"), ("corrected", "corrected")]
REASONS = [
    ("asked", "withdrawn by the signer, or at the signer's request"),
    ("refused", "refused by organizers"),
    ("checked", "waiting until a person has looked again"),
    ("rush", "waiting, because many came at once from one place"),
    ("merged", "a double, merged with another entry"),
    ("other", "other reasons, told together"),
]


class Migration(migrations.Migration):
    dependencies = [("signatories", "0033_sealed_trail")]
    operations = [
        migrations.CreateModel(
            "PublicChange",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week", models.DateField()),
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("reason", models.CharField(blank=True, choices=REASONS, max_length=10)),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("week", "kind", "reason"), name="public_change_once")
                ]
            },
        ),
    ]
