"""Cards that signers make with their own name."""

import django.db.models.deletion
from django.db import migrations, models

from declaration import languages
from signatories.models.card import new_token


class Migration(migrations.Migration):
    dependencies = [("signatories", "0065_choices_of_languages")]
    operations = [
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "signature",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="card",
                        serialize=False,
                        to="signatories.signature",
                    ),
                ),
                ("token", models.CharField(default=new_token, max_length=22, unique=True)),
                ("language", models.CharField(choices=languages.choices, max_length=10)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("token__regex", "^[A-Za-z0-9_-]{22}$")), name="card_token"
                    )
                ],
            },
        ),
    ]
