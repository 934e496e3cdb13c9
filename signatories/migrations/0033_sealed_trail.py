"""The trail is sealed by a hash chain; what an act changed of a person stands in a row that can be erased."""

import django.db.models.deletion
from django.db import migrations, models

# A restore brings the queue and the seals with the acts (see signatories/operations/backup/tables.py).
MAKE = """
CREATE FUNCTION signatories_to_be_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('declaration.copies_queues', true), '') <> 'yes' THEN
        INSERT INTO signatories_unsealedact (act_id) SELECT id FROM added;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER act_to_be_sealed AFTER INSERT ON signatories_act REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION signatories_to_be_sealed();
INSERT INTO signatories_unsealedact (act_id) SELECT id FROM signatories_act;
CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON signatories_seal
FOR EACH ROW EXECUTE FUNCTION signatories_append_only();
CREATE TRIGGER seal_not_emptied BEFORE TRUNCATE ON signatories_seal
FOR EACH STATEMENT EXECUTE FUNCTION signatories_not_emptied();
CREATE TRIGGER detail_not_changed BEFORE UPDATE ON signatories_actdetail
FOR EACH ROW EXECUTE FUNCTION signatories_append_only();
"""
UNMAKE = """
DROP TRIGGER detail_not_changed ON signatories_actdetail;
DROP TRIGGER seal_not_emptied ON signatories_seal;
DROP TRIGGER seal_append_only ON signatories_seal;
DROP TRIGGER act_to_be_sealed ON signatories_act;
DROP FUNCTION signatories_to_be_sealed();
"""


def act(**options: object) -> models.OneToOneField:
    """A link to an act that is no foreign key of the database."""
    return models.OneToOneField(
        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, to="signatories.act", **options
    )


class Migration(migrations.Migration):
    dependencies = [("signatories", "0031_alarm_about_asked_links")]
    operations = [
        migrations.AddField(
            "act", "about", models.CharField(blank=True, db_default="", max_length=60, verbose_name="about")
        ),
        migrations.AddField("act", "digest", models.BinaryField(db_default=b"", max_length=32)),
        migrations.CreateModel(
            "ActDetail",
            [
                (
                    "act",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="detail",
                        serialize=False, to="signatories.act",
                    ),
                ),
                ("salt", models.BinaryField(max_length=16)),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
            ],
        ),
        migrations.CreateModel("UnsealedAct", [("act", act(primary_key=True, serialize=False))]),
        migrations.CreateModel(
            "Seal",
            [
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField(max_length=32)),
                ("act", act(related_name="seal")),
            ],
        ),
        migrations.CreateModel(
            "TrailCheck",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("checked_at", models.DateTimeField()),
                ("sealed", models.BigIntegerField()),
                ("faults", models.PositiveIntegerField()),
            ],
            options={"constraints": [models.CheckConstraint(condition=models.Q(pk=1), name="trail_check_one_row")]},
        ),
        migrations.RunSQL(MAKE, UNMAKE),
    ]  # fmt: skip
