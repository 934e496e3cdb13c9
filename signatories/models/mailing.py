"""Columns of rows that are mails, and limits that protect mailboxes from floods of our mail."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    """Delivery state of the mail of a row."""

    WAITING = "waiting", _("waiting to be sent")
    SENT = "sent", _("sent")
    UNDELIVERABLE = "undeliverable", _("refused for good by the mail server")
    SET_ASIDE = "set_aside", _("not sent: limit reached, stopped by its owner, or broken row")


class Mailed(models.Model):
    """A row of the outbox (see signatories/mail/outbox.py): a mail and its delivery state."""

    created_at = models.DateTimeField(_("asked"), db_default=TransactionNow())
    mail_state = models.CharField(
        max_length=15, choices=MailState, default=MailState.WAITING, db_default=MailState.WAITING
    )
    mail_due_at = models.DateTimeField(db_default=TransactionNow())
    mail_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    mail_error = models.CharField(max_length=200, blank=True, default="", db_default="")
    allowed_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("mailed"), null=True)

    class Meta:
        abstract = True


class MailQuota(models.Model):
    """Number of mails sent to a mailbox on a day (UTC), against the daily limit."""

    address_digest = models.BinaryField(max_length=32)
    day = models.DateField()
    sent = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "signatories_mailallowance"
        constraints = [
            models.UniqueConstraint(fields=["address_digest", "day"], name="allowance_once_per_mailbox_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.sent}"


class StoppedMailbox(models.Model):
    """A mailbox whose owner stopped our mail: it gets none until the owner allows it again."""

    address_digest = models.BinaryField(max_length=32, primary_key=True)
    stopped_at = models.DateTimeField(db_default=TransactionNow())
    # The key of the digest, as far as known (see signatories/operations/key_rotation.py).
    digest_key = models.BinaryField(max_length=8, default=b"", db_default=b"")

    def __str__(self) -> str:
        return f"stopped {self.stopped_at:%Y-%m-%d}"


class MailCircuit(models.Model):
    """Circuit breaker of the mail server or of a mail domain (see signatories/mail/circuit.py).

    No mail goes there while `closed_until` is set. Counters start at `counted_from`, with the first refusal.
    """

    key = models.CharField(max_length=255, primary_key=True)
    closed_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(db_default=0)  # failed tries in a row; each made the gap longer
    first_failed_at = models.DateTimeField(null=True)
    counted_from = models.DateTimeField(db_default=TransactionNow())
    tried = models.PositiveIntegerField(db_default=0)
    refused = models.PositiveIntegerField(db_default=0)
    put_off = models.PositiveIntegerField(db_default=0)  # temporary refusals with nothing accepted in between

    class Meta:
        db_table = "signatories_mailgate"

    def __str__(self) -> str:
        return f"{self.key}: {'closed' if self.closed_until else 'open'}"


class MailSlot(models.Model):
    """One of the mails allowed in an hour, if MAIL_PER_HOUR is set (see signatories/mail/rate.py)."""

    id = models.PositiveIntegerField(primary_key=True)
    taken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"slot {self.pk}"


class MailRate(models.Model):
    """Number of mails sent to a mail domain since a moment, if MAIL_PER_DOMAIN_PER_MINUTE is set (see rate.py)."""

    domain = models.CharField(max_length=255, primary_key=True)
    since = models.DateTimeField()
    taken = models.PositiveIntegerField()

    class Meta:
        db_table = "signatories_mailpace"

    def __str__(self) -> str:
        return f"{self.domain}: {self.taken}"
