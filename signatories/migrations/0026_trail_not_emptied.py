"""TRUNCATE of the trail is refused, to the owner of the tables too: a row trigger does not see it."""

from django.db import migrations

# A restore replaces all rows; it says so for its own transaction (see signatories/operations/backup/tables.py).
MAKE = """
CREATE FUNCTION signatories_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('declaration.restores', true), '') <> 'yes' THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER act_not_emptied BEFORE TRUNCATE ON signatories_act
FOR EACH STATEMENT EXECUTE FUNCTION signatories_not_emptied();
"""
UNMAKE = """
DROP TRIGGER act_not_emptied ON signatories_act;
DROP FUNCTION signatories_not_emptied();
"""


class Migration(migrations.Migration):
    dependencies = [("signatories", "0025_xlsx_of_editions")]
    operations = [migrations.RunSQL(MAKE, UNMAKE)]
