"""The figures of the page that says how signatures are verified."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0042_history_of_the_number")]
    operations = [
        migrations.CreateModel(
            name="Figures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateTimeField()),
                ("found", models.JSONField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="figures_one_row")],
            },
        ),
    ]
