"""The test of a file: its invitation, in each of its languages, mailed to the one who hands it over."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from signatories.gathering import people
from signatories.gathering.services import is_over, languages_of
from signatories.mail import quota
from signatories.models import GatheredBatch, Invitee, OutboundMail
from signatories.models.gathering import BatchState, Verdict
from signatories.models.mailing import MailState

NAME = "Wilma Fernhill"


class TooManyTests(Exception):
    """This mailbox had as many tests today as it may have."""


@dataclass(frozen=True)
class Delivery:
    """How many mails of the last test of a batch are sent, still wait, or cannot be delivered."""

    sent: int
    waiting: int
    failed: int

    @property
    def all(self) -> int:
        return self.sent + self.waiting + self.failed

    @property
    def has_come(self) -> bool:
        return self.sent > 0 and self.sent == self.all


def send(*, batch_id: int, address: str, now: datetime) -> bool:
    """Mail the invitation to the one who hands the names over; its page takes no answer. Raises TooManyTests.

    A new test takes the place of the one before, whatever became of that.
    """
    if is_over():
        return False
    with transaction.atomic():
        batch = GatheredBatch.objects.select_for_update().filter(pk=batch_id, state=BatchState.OPEN).first()
        if batch is None:
            return False
        if not quota.take_test(address=address, now=now):
            raise TooManyTests
        Invitee.objects.filter(batch=batch, is_test=True).delete()
        for language in languages_of(batch):
            invitee = Invitee.objects.create(
                batch=batch, line=0, verdict=Verdict.TAKEN, is_test=True, language=language, asked_at=now, name=NAME,
                **people.mailbox_columns(address),
            )  # fmt: skip
            people.mail_to(invitee, address).save()
        batch.tested_at, batch.looked_at = now, None
        batch.save(update_fields=["tested_at", "looked_at"])
        return True


def delivery(batch_id: int) -> Delivery:
    """Return how far the mails of the last test of a batch have come."""
    mails = OutboundMail.objects.filter(invitee__batch=batch_id, invitee__is_test=True)
    found = dict(mails.values_list("mail_state").annotate(Count("pk")))
    sent, waiting = found.pop(MailState.SENT, 0), found.pop(MailState.WAITING, 0)
    return Delivery(sent, waiting, sum(found.values()))


def looked(*, batch_id: int, now: datetime) -> bool:
    """Record that the test was looked at; False before every mail of it was sent."""
    found = GatheredBatch.objects.filter(pk=batch_id, state=BatchState.OPEN, tested_at__isnull=False)
    return not is_over() and delivery(batch_id).has_come and bool(found.update(looked_at=now))
