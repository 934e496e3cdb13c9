"""The sequence of public numbers, and the trigger that makes decisions append-only."""

from django.db import migrations

MAKE = """
CREATE SEQUENCE signatories_number AS bigint;
CREATE FUNCTION signatories_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER decision_append_only BEFORE UPDATE OR DELETE ON signatories_decision
FOR EACH ROW EXECUTE FUNCTION signatories_append_only();
"""
UNMAKE = """
DROP TRIGGER decision_append_only ON signatories_decision;
DROP FUNCTION signatories_append_only();
DROP SEQUENCE signatories_number;
"""


class Migration(migrations.Migration):
    dependencies = [("signatories", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, UNMAKE)]
