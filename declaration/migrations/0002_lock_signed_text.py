"""A signed text is locked by the database: its words can neither change nor go."""

from django.db import migrations

LOCK = """
CREATE FUNCTION declaration_text_is_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'text_locked_once_signed' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.title, NEW.body, NEW.sha256, NEW.version, NEW.language, NEW.locked_at)
       IS DISTINCT FROM (OLD.title, OLD.body, OLD.sha256, OLD.version, OLD.language, OLD.locked_at) THEN
        RAISE EXCEPTION 'text_locked_once_signed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER text_locked_once_signed BEFORE UPDATE OR DELETE ON declaration_text
FOR EACH ROW WHEN (OLD.locked_at IS NOT NULL) EXECUTE FUNCTION declaration_text_is_locked();
"""
UNLOCK = """
DROP TRIGGER text_locked_once_signed ON declaration_text;
DROP FUNCTION declaration_text_is_locked();
"""


class Migration(migrations.Migration):
    dependencies = [("declaration", "0001_initial")]
    operations = [migrations.RunSQL(LOCK, UNLOCK)]
