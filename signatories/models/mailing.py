"""The fields of a row that is a mail, and the rows behind quotas, rates and circuit breakers."""

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
    """A row of the outbox (see signatories/mail/outbox.py): when its mail is due, and how far it got."""

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
    """The quotas of a mailbox on a day (UTC): how many mails that strangers caused it was sent, of each sort.

    Each sort has a quota of its own, so that nobody who types an address into the form keeps its owner from the link
    to the own page. What an account mails to itself takes nothing from them, and is counted by the test.
    """

    address_digest = models.BinaryField(max_length=32)
    day = models.DateField()
    sent = models.PositiveSmallIntegerField(default=0, db_default=0)  # mails that ask to confirm
    links = models.PositiveSmallIntegerField(default=0, db_default=0)  # mails with the link to the own page
    notices = models.PositiveSmallIntegerField(default=0, db_default=0)  # reminders
    tests = models.PositiveSmallIntegerField(default=0, db_default=0)  # of gathered names, each in several languages

    class Meta:
        db_table = "signatories_mailallowance"
        constraints = [
            models.UniqueConstraint(fields=["address_digest", "day"], name="allowance_once_per_mailbox_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.sent}"


class StoppedMailbox(models.Model):
    """A mailbox whose owner said "stop": strangers can cause no mail to it until its owner allows it again.

    `signup_id` and `nonce` are those of the signup whose link was used: so the link allows mails again when the signup
    is long deleted.
    """

    address_digest = models.BinaryField(max_length=32, primary_key=True)
    stopped_at = models.DateTimeField(db_default=TransactionNow())
    signup_id = models.BigIntegerField(null=True, db_index=True)
    nonce = models.BinaryField(max_length=16, default=b"", db_default=b"")
    # The key of the digest, as far as known (see signatories/operations/key_rotation.py).
    digest_key = models.BinaryField(max_length=8, default=b"", db_default=b"")

    def __str__(self) -> str:
        return f"stopped {self.stopped_at:%Y-%m-%d}"


class MailCircuit(models.Model):
    """The circuit breaker of the mail server, or of a mail domain that refused mail (see signatories/mail/circuit.py).

    While `closed_until` is set nothing is sent before that moment, and then one mail as a trial. The counters begin at
    `counted_from`, with the first refusal.
    """

    key = models.CharField(max_length=255, primary_key=True)
    closed_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(db_default=0)  # failed trials in a row; each made the pause longer
    first_failed_at = models.DateTimeField(null=True)
    counted_from = models.DateTimeField(db_default=TransactionNow())
    tried = models.PositiveIntegerField(db_default=0)
    refused = models.PositiveIntegerField(db_default=0)
    put_off = models.PositiveIntegerField(db_default=0)  # temporary refusals in a row

    class Meta:
        db_table = "signatories_mailgate"

    def __str__(self) -> str:
        return f"{self.key}: {'paused' if self.closed_until else 'sending'}"


class MailSlot(models.Model):
    """The place of one mail in the hourly rate, if MAIL_PER_HOUR is set (see signatories/mail/rate.py)."""

    id = models.PositiveIntegerField(primary_key=True)
    taken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"slot {self.pk}"


class MailRate(models.Model):
    """The mails sent to a mail domain since a moment, if MAIL_PER_DOMAIN_PER_MINUTE is set (see mail/rate.py)."""

    domain = models.CharField(max_length=255, primary_key=True)
    since = models.DateTimeField()
    taken = models.PositiveIntegerField()

    class Meta:
        db_table = "signatories_mailpace"

    def __str__(self) -> str:
        return f"{self.domain}: {self.taken}"
