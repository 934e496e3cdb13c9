from django.db import migrations

# A version names the contents of the watch list. Each process keeps the list in memory and reads it anew when the version
# is another one (see signatories/screening/watch_list.py). It is a row and not a sequence, because a reader must see the
# new version only together with the new names. The database writes it, whoever changes the list: desk, command, restore.
MAKE = """
CREATE TABLE signatories_watch_list_version (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    version uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO signatories_watch_list_version DEFAULT VALUES;
CREATE FUNCTION signatories_watch_list_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO signatories_watch_list_version DEFAULT VALUES
    ON CONFLICT (id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;
CREATE TRIGGER watch_list_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON signatories_watchedname
    FOR EACH STATEMENT EXECUTE FUNCTION signatories_watch_list_changed();
"""
UNMAKE = """
DROP TRIGGER watch_list_changed ON signatories_watchedname;
DROP FUNCTION signatories_watch_list_changed();
DROP TABLE signatories_watch_list_version;
"""


class Migration(migrations.Migration):
    dependencies = [("signatories", "0020_index_of_the_trail")]
    operations = [migrations.RunSQL(MAKE, UNMAKE)]
