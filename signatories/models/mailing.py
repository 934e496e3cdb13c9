"""What keeps a mailbox from being flooded with our mail."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models


class MailAllowance(models.Model):
    """How many mails a mailbox was sent on a day (UTC); the row is the limit's counter."""

    address_digest = models.BinaryField(max_length=32)
    day = models.DateField()
    sent = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address_digest", "day"], name="allowance_once_per_mailbox_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.sent}"


class StoppedMailbox(models.Model):
    """A mailbox whose owner said "stop": it is sent nothing until its owner says otherwise."""

    address_digest = models.BinaryField(max_length=32, primary_key=True)
    stopped_at = models.DateTimeField(db_default=TransactionNow())

    def __str__(self) -> str:
        return f"stopped {self.stopped_at:%Y-%m-%d}"
