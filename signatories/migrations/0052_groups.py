"""Groups that sign: their kinds, how many an edition has, and the places of their members."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import signatories.models.signup

PROFESSIONS = [('musician', 'Musician'), ('singer', 'Singer'), ('composer', 'Composer'), ('songwriter', 'Songwriter'), ('conductor', 'Conductor'), ('producer', 'Producer'), ('actor', 'Actor'), ('director', 'Director'), ('screenwriter', 'Screenwriter'), ('filmmaker', 'Filmmaker'), ('dancer', 'Dancer or choreographer'), ('author', 'Author'), ('poet', 'Poet'), ('playwright', 'Playwright'), ('journalist', 'Journalist'), ('translator', 'Translator'), ('illustrator', 'Illustrator'), ('photographer', 'Photographer'), ('visual_artist', 'Visual artist'), ('designer', 'Designer'), ('voice_artist', 'Voice artist'), ('publisher', 'Publisher or label'), ('agent', 'Agent or manager'), ('other', 'Another profession'), ('band', 'Band'), ('ensemble', 'Ensemble or choir'), ('company', 'Company'), ('organisation', 'Organisation')]
ROLES = [('agent', 'Agent'), ('manager', 'Manager'), ('estate', 'Estate or heir'), ('label', 'Label or publisher'), ('guardian', 'Parent or guardian'), ('other', 'Another role'), ('speaker', 'Speaker of the group')]
PARTS = [('signatories', 'all names'), ('music', 'Music'), ('stage', 'Film and stage'), ('writing', 'Writing'), ('visual', 'Visual arts'), ('other', 'Other fields'), ('groups', 'bands and organisations'), ('notable', 'notable names'), ('changes', 'what changed')]
CASCADE, SET_NULL = django.db.models.deletion.CASCADE, django.db.models.deletion.SET_NULL


def of_person(model: str) -> list[migrations.AlterField]:
    profession = models.CharField(choices=PROFESSIONS, max_length=20, verbose_name="profession")
    role = models.CharField(
        blank=True, choices=ROLES, db_default="", max_length=20, verbose_name="role of the representative"
    )
    return [
        migrations.AlterField(model_name=model, name="profession", field=profession),
        migrations.AlterField(model_name=model, name="representative_role", field=role),
    ]


class Migration(migrations.Migration):
    dependencies = [("signatories", "0051_indexes_of_channels")]
    operations = [
        migrations.AddField(
            model_name="edition",
            name="groups",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="groups"),
        ),
        migrations.AlterField(
            model_name="editionpart",
            name="part",
            field=models.CharField(choices=PARTS, max_length=20, verbose_name="list"),
        ),
        *of_person("signature"),
        *of_person("signup"),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nonce", models.BinaryField(default=signatories.models.signup.new_nonce, max_length=16)),
                ("created_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "group",
                    models.ForeignKey(on_delete=CASCADE, related_name="members", to="signatories.signature"),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=SET_NULL, related_name="memberships", to="signatories.signature"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)), fields=("group", "signature"), name="membership_once"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="signup",
            name="membership",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=SET_NULL, related_name="+", to="signatories.membership"
            ),
        ),
        # The database looks at the rows that there are in the next migration: nobody waits for that.
        AddConstraintNotValid(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("profession__in", ["band", "ensemble", "company", "organisation"]), _negated=True),
                    ("named", True),
                    ("erased_at__isnull", False),
                    _connector="OR",
                ),
                name="signature_group_is_named",
            ),
        ),
    ]
