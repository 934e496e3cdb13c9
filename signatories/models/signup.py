"""Signups: requests to sign whose mailbox is not proven yet. Never public. The row is the outbox."""

import os
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatories.models.mailing import Mailed
from signatories.models.person import Person


def new_nonce() -> bytes:
    """Return 16 random bytes; a new nonce makes all earlier links of a row invalid."""
    return os.urandom(16)


class SignupQuerySet(models.QuerySet["Signup"]):
    def of_signers(self) -> "SignupQuerySet":
        """Leave out rehearsals of organizers: nothing that is counted, listed or reminded may see them."""
        return self.filter(rehearsal=False)


class Signup(Person, Mailed):
    """One submitted form. `form_digest` makes a double click or a repeated form one row."""

    form_digest = models.BinaryField(max_length=32)
    # Reasons to hold it once confirmed, determined when it was submitted (see signatories/screening/limits.py).
    held_for = ArrayField(models.CharField(max_length=200), default=list, db_default=[])
    # A keyed digest of the network it came from; see signatories/privacy/retention.py.
    network = models.BinaryField(max_length=16, default=b"", db_default=b"")
    code_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    signature = models.ForeignKey("signatories.Signature", on_delete=models.SET_NULL, null=True, related_name="signups")
    # The place in a group whose link led here; see signatories/groups.
    membership = models.ForeignKey(
        "signatories.Membership", on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    # Made by an organizer to try the way before it is open; see signatories/signing/rehearsal.py.
    rehearsal = models.BooleanField(default=False, db_default=False)

    objects = SignupQuerySet.as_manager()

    class Meta:
        verbose_name = _("signup")
        constraints = [
            models.UniqueConstraint(fields=["form_digest"], name="signup_form_sent_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="signup_name_not_empty"),
            models.CheckConstraint(
                condition=models.Q(rehearsal=False) | models.Q(signature=None, confirmed_at=None),
                name="signup_rehearsal_signs_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["mail_due_at"], condition=models.Q(mail_state="waiting"), name="signup_outbox"),
            models.Index(fields=["address_digest", "-created_at"], name="signup_mailbox"),
            # The mails that wait for a slow pace, by network (see signatories/mail/slow.py).
            models.Index(
                fields=["network", "id"],
                condition=models.Q(mail_state="waiting", held_for__contains=["unsolved"]),
                name="signup_slow",
            ),
            # The mails that were not delivered, newest first (see signatories/desk/mails/failed.py).
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(mail_state__in=["undeliverable", "set_aside"]),
                name="signup_failed",
            ),
            models.Index(fields=["channel"], condition=models.Q(channel__isnull=False), name="signup_channel"),
            models.Index(fields=["created_at"], name="signup_arrival"),  # for the alarms about the last hour
            models.Index(
                fields=["network", "confirmed_at"], condition=models.Q(confirmed_at__isnull=False), name="signup_crowd"
            ),
        ]

    def __str__(self) -> str:
        return f"Signup {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the row, with a new nonce if it has none."""
        self.nonce = self.nonce or new_nonce()
        super().save(*args, **kwargs)
