"""The switch that lets the page of a signature tell that it was verified."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("declaration", "0005_without_django_admin")]
    operations = [
        migrations.AddField(
            model_name="switches",
            name="verified_badge",
            field=models.BooleanField(db_default=False, default=False, verbose_name="tell who was verified"),
        )
    ]
