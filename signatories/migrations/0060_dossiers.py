"""Dossiers of watched names, and who verified a signature that looks like one; see docs/decisions/0040."""

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.lookups
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


# They were published by one organizer, before names were verified; those who withdrew may come back.
_EARLIER = """
UPDATE signatories_signature SET verified_as = 'earlier'
WHERE verified_as = '' AND held_for::text LIKE '%looks-like:%'
AND (state = 'published' OR (state = 'withdrawn' AND withdrawn_from = 'published'))
"""


class Migration(migrations.Migration):
    atomic = False  # signatures are looked at beside traffic

    dependencies = [
        ("signatories", "0059_presence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnnouncedMailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("announced_by", models.CharField(max_length=300, verbose_name="who announced it")),
                ("address_sealed", models.BinaryField()),
                ("address_digest", models.BinaryField(max_length=32)),
                ("domain", models.CharField(max_length=255, verbose_name="mail domain")),
                ("created_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DossierContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("agent", "agent"),
                            ("label", "label"),
                            ("site", "official site"),
                            ("domain", "official mail domain"),
                            ("other", "other"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("contact", models.CharField(max_length=300, verbose_name="contact")),
                ("found_at", models.CharField(max_length=300, verbose_name="where it was found")),
                ("created_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
            ],
        ),
        migrations.CreateModel(
            name="DossierEnquiry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("asked", models.TextField(max_length=2000, verbose_name="what was asked")),
                (
                    "answer",
                    models.TextField(blank=True, db_default="", max_length=2000, verbose_name="what was answered"),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
            ],
        ),
        migrations.CreateModel(
            name="DossierProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("agent", "agent"),
                            ("label", "label"),
                            ("domain", "official mail domain"),
                            ("call", "video call"),
                            ("met", "in person"),
                            ("other", "other"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("words", models.TextField(max_length=2000, verbose_name="what was seen or heard")),
                ("created_at", models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow())),
            ],
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen", models.DateTimeField()),
                ("first_at", models.DateTimeField()),
                ("second_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="WatchedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rows", models.BinaryField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="signature",
            name="verified_as",
            field=models.CharField(
                blank=True,
                choices=[
                    ("namesake", "a namesake of a well-known person"),
                    ("person", "the well-known person"),
                    ("earlier", "published before names were verified"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="announcedmailbox",
            name="organizer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="announcedmailbox",
            name="watched",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="mailboxes", to="signatories.watchedname"
            ),
        ),
        migrations.AddField(
            model_name="dossiercontact",
            name="organizer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="dossiercontact",
            name="watched",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="signatories.watchedname"
            ),
        ),
        migrations.AddField(
            model_name="dossierenquiry",
            name="contact",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="signatories.dossiercontact",
            ),
        ),
        migrations.AddField(
            model_name="dossierenquiry",
            name="organizer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="dossierenquiry",
            name="watched",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="enquiries", to="signatories.watchedname"
            ),
        ),
        migrations.AddField(
            model_name="dossierproof",
            name="organizer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="dossierproof",
            name="watched",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="proofs", to="signatories.watchedname"
            ),
        ),
        migrations.AddField(
            model_name="announcedmailbox",
            name="proof",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="signatories.dossierproof"
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="first_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="mailbox",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="signatories.announcedmailbox",
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="proof",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="signatories.dossierproof"
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="second_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="signature",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="verifications", to="signatories.signature"
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="watched",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="verifications",
                to="signatories.watchedname",
            ),
        ),
        migrations.AddField(
            model_name="watchedfile",
            name="organizer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="dossiercontact",
            constraint=models.UniqueConstraint(fields=("watched", "kind", "contact"), name="dossier_contact_once"),
        ),
        migrations.AddConstraint(
            model_name="dossiercontact",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("contact", ""), _negated=True), models.Q(("found_at", ""), _negated=True)),
                name="dossier_contact_was_found",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierenquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None)),
                    models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="dossier_answer_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierproof",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="dossier_proof_has_words"
            ),
        ),
        migrations.AddIndex(
            model_name="announcedmailbox",
            index=models.Index(
                condition=models.Q(("used_at", None)), fields=["address_digest"], name="announced_mailbox_to_use"
            ),
        ),
        migrations.AddConstraint(
            model_name="announcedmailbox",
            constraint=models.UniqueConstraint(
                condition=models.Q(("used_at", None)),
                fields=("watched", "address_digest"),
                name="announced_mailbox_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcedmailbox",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("used_at", None), models.Q(("address_digest", b""), ("address_sealed", b"")), _connector="OR"
                ),
                name="announced_mailbox_used_is_empty",
            ),
        ),
        migrations.AddIndex(
            model_name="verification",
            index=models.Index(
                condition=models.Q(("cancelled_at", None), ("done_at", None), ("due_at__isnull", False)),
                fields=["due_at"],
                name="verification_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="verification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None), ("done_at", None)),
                fields=("signature",),
                name="verification_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="verification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("second_at", None), ("second_by", None)),
                    models.Q(
                        ("second_at__isnull", False),
                        ("second_by__isnull", False),
                        models.Q(("second_by", models.F("first_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="verification_by_two_accounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="verification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("done_at", None),
                    ("second_by__isnull", False),
                    models.Q(("due_at__isnull", False), ("due_at__lte", models.F("done_at"))),
                    ("first_by", None),
                    _connector="OR",
                ),
                name="verification_done_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="verification",
            constraint=models.CheckConstraint(
                condition=models.Q(("done_at", None), ("cancelled_at", None), _connector="OR"),
                name="verification_ends_in_one_way",
            ),
        ),
        migrations.RunSQL(_EARLIER, migrations.RunSQL.noop),
        AddConstraintNotValid(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True),
                    models.Q(("verified_as", ""), _negated=True),
                    models.Q(
                        django.db.models.lookups.Contains(
                            django.db.models.functions.comparison.Cast("held_for", models.TextField()), "looks-like:"
                        ),
                        _negated=True,
                    ),
                    _connector="OR",
                ),
                name="signature_notable_is_verified",
            ),
        ),
        # Who was published by the code before between the two.
        migrations.RunSQL(_EARLIER, migrations.RunSQL.noop),
        ValidateConstraint(model_name="signature", name="signature_notable_is_verified"),
    ]
