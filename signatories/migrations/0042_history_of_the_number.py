"""The public number, hour by hour. For the time before, it is counted from the moments of publication."""

from django.db import migrations, models

# As signatories/tally/history.py does it.
COUNT_BACK = """
INSERT INTO signatories_tallyhistory (hour, count, named)
SELECT hour, sum(sum(1)) OVER (ORDER BY hour), sum(count(*) FILTER (WHERE named)) OVER (ORDER BY hour)
FROM (SELECT date_trunc('hour', published_at, 'UTC') AS hour, named FROM signatories_signature
      WHERE state = 'published') AS signature
GROUP BY hour
"""


class Migration(migrations.Migration):
    dependencies = [("signatories", "0041_lists_of_editions")]
    operations = [
        migrations.CreateModel(
            name="TallyHistory",
            fields=[
                ("hour", models.DateTimeField(primary_key=True, serialize=False)),
                ("count", models.BigIntegerField()),
                ("named", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(COUNT_BACK, migrations.RunSQL.noop),
    ]
