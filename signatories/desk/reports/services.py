"""Answers to reports of readers: take the entry down, or leave it.

One answer is for all reports about a signature, because one decision settles them all.
"""

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories.audit.services import by_organizer, record
from signatories.desk.queue import services as queue
from signatories.editions import services as editions
from signatories.lifecycle import transitions
from signatories.models import Report, Signature
from signatories.models.act import Verb
from signatories.models.signature import State


class Reported(NamedTuple):
    """A signature and the open reports about it, oldest first."""

    signature: Signature
    reports: list[Report]

    @property
    def newest(self) -> int:
        """Id of the last report an answer is for: one that comes later has not been read and needs its own."""
        return max(report.pk for report in self.reports)


def unanswered(most: int) -> list[Reported]:
    """Return at most `most` open reports, oldest first, grouped by signature."""
    found: dict[int, Reported] = {}
    for report in Report.objects.unanswered().select_related("signature__text")[:most]:
        found.setdefault(report.signature_id, Reported(report.signature, [])).reports.append(report)
    return list(found.values())


def take_down(*, signature_id: int, newest: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Hold the signature, ask for a new edition without it, and close its reports.

    The signature waits in the queue. If it was off the list before, its state stays and no rule publishes it. Returns
    False if the reports were answered before. Raises ValueError without a reason.
    """
    with transaction.atomic():
        signature = _answered(signature_id, newest, now)
        if signature is None:
            return False
        if signature.state == State.PUBLISHED:
            queue.hold(signature_id=signature_id, organizer=organizer, reason=reason, now=now)
            editions.ask()
        else:
            transitions.keep_waiting(Signature.objects.filter(pk=signature_id))
            record(Verb.CLOSE, by=by_organizer(organizer, reason), signature=signature)
        return True


def close(*, signature_id: int, newest: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Close the reports and leave the entry as it is. Returns False if they were answered before."""
    with transaction.atomic():
        signature = _answered(signature_id, newest, now)
        if signature is None:
            return False
        record(Verb.CLOSE, by=by_organizer(organizer, reason), signature=signature)
        return True


def _answered(signature_id: int, newest: int, now: datetime) -> Signature | None:
    """Lock the signature and close its reports up to `newest`. Returns None if none was open."""
    signature = Signature.objects.select_for_update(of=("self",)).get(pk=signature_id)
    waiting = Report.objects.unanswered().filter(signature=signature, pk__lte=newest)
    return signature if waiting.update(closed_at=now) else None
