"""Each picture for the press has a place of its own, and there are only so many places."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signatories", "0054_press_pictures")]
    operations = [
        migrations.AddConstraint(
            model_name="presspicture",
            constraint=models.UniqueConstraint(
                deferrable=models.Deferrable.DEFERRED, fields=("place",), name="press_picture_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="presspicture",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__gte", 1), ("place__lte", 12)), name="press_picture_most"
            ),
        ),
    ]
