"""What signatories say, for the press."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0044_embargo")]
    operations = [
        migrations.CreateModel(
            name="Quote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.CharField(max_length=600)),
                ("language", models.CharField(choices=[("en", "English"), ("fr", "Français")], max_length=10)),
                ("cleared", models.CharField(max_length=200)),
                ("added_at", models.DateTimeField()),
                (
                    "signature",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="quotes", to="signatories.signature"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("words", ""), _negated=True), models.Q(("cleared", ""), _negated=True)
                        ),
                        name="quote_is_cleared",
                    )
                ],
            },
        ),
    ]
