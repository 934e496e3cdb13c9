"""Remove what Django admin left in the database: the pages of the desk have taken its place.

Its table holds who edited which row in earlier releases; the acts of organizers are in the trail. Its migrations are
forgotten too: backups name the applied migrations, and those of an old and a new installation must be the same.
"""

from django.db import migrations

REMOVE = """
DROP TABLE IF EXISTS django_admin_log;
DELETE FROM django_migrations WHERE app = 'admin';
"""


class Migration(migrations.Migration):
    dependencies = [("declaration", "0004_press_page")]
    operations = [migrations.RunSQL(REMOVE, migrations.RunSQL.noop)]
