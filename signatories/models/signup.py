"""A signup: somebody asked to sign; the mailbox is not proven yet. Never public. The row is the outbox."""

import os

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _

from signatories.models.person import Person


def new_nonce() -> bytes:
    """16 random bytes; a new nonce makes every earlier link of the row worthless."""
    return os.urandom(16)


class MailState(models.TextChoices):
    """Where the confirmation mail of a signup stands."""

    WAITING = "waiting", _("waiting to be sent")
    SENT = "sent", _("sent")
    UNDELIVERABLE = "undeliverable", _("refused for good by the mail server")
    SET_ASIDE = "set_aside", _("not sent: limit reached, stopped by its owner, or broken row")


class Signup(Person):
    """One sent form. `form_digest` makes a double click and a sent-again form one row."""

    created_at = models.DateTimeField(_("asked"), db_default=TransactionNow())
    form_digest = models.BinaryField(max_length=32)
    code_tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    signature = models.ForeignKey("signatories.Signature", on_delete=models.SET_NULL, null=True, related_name="signups")

    mail_state = models.CharField(max_length=15, choices=MailState, default=MailState.WAITING)
    mail_due_at = models.DateTimeField(db_default=TransactionNow())
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=200, blank=True)
    allowed_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("mailed"), null=True)

    class Meta:
        verbose_name = _("signup")
        constraints = [
            models.UniqueConstraint(fields=["form_digest"], name="signup_form_sent_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="signup_name_not_empty"),
        ]
        indexes = [
            models.Index(fields=["mail_due_at"], condition=models.Q(mail_state="waiting"), name="signup_outbox"),
            models.Index(fields=["address_digest", "-created_at"], name="signup_mailbox"),
        ]

    def __str__(self) -> str:
        return f"Signup {self.pk}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Store; a row made without a nonce is given one."""
        self.nonce = self.nonce or new_nonce()
        super().save(*args, **kwargs)  # type: ignore[arg-type]
