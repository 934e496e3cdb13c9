"""Answers to reports of readers: take the entry down, or leave it.

One answer is for all reports about a signature, because one decision settles them all.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Prefetch, Q

from signatories.audit.services import by_organizer, record
from signatories.desk.queue import services as queue
from signatories.editions import services as editions
from signatories.lifecycle import transitions
from signatories.models import Report, Signature
from signatories.models.act import Verb
from signatories.models.signature import State

SHOWN_OF_ENTRY = 10  # reports about one entry that are shown, the oldest
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """Where a page of reported entries goes on: the urgency of the last one, and its signature."""

    urgent: int
    times: int
    oldest: int  # microseconds since the epoch
    signature: int

    def __str__(self) -> str:
        return ".".join(map(str, self))

    @property
    def moment(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.oldest)


class Reported(NamedTuple):
    """A signature with open reports: so many `times`, of which the oldest are shown.

    `newest` is the id of the last one an answer is for: one that comes later has not been read and needs its own.
    """

    signature: Signature
    reports: list[Report]
    times: int
    newest: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.times - len(self.reports)


class Page(NamedTuple):
    """Reported entries, the most urgent first; `next` is None on the last page."""

    reported: list[Reported]
    next: Place | None


class Total(NamedTuple):
    """How many entries have open reports, and how many reports these are."""

    entries: int
    reports: int


def total() -> Total:
    counts = Report.objects.filter(closed_at=None).aggregate(Count("signature", distinct=True), Count("pk"))
    return Total(counts["signature__count"], counts["pk__count"])


def page(size: int, after: Place | None = None) -> Page:
    """Return a page of the entries that wait for an answer."""
    rows = Report.objects.entries()
    if after:
        same = Q(urgent=after.urgent) & Q(times=after.times)
        rows = rows.filter(
            Q(urgent__lt=after.urgent)
            | Q(urgent=after.urgent, times__lt=after.times)
            | same & Q(oldest__gt=after.moment)
            | same & Q(oldest=after.moment, signature__gt=after.signature)
        )
    found = list(rows[: size + 1])
    shown = {row["signature"]: row for row in found[:size]}
    oldest = Prefetch("corrections", Report.objects.unanswered()[:SHOWN_OF_ENTRY], to_attr="open_reports")
    signatures = Signature.objects.filter(pk__in=shown).select_related("text").prefetch_related(oldest).in_bulk()
    reported = [
        Reported(signatures[pk], signatures[pk].open_reports, row["times"], row["newest"])  # type: ignore[attr-defined]
        for pk, row in shown.items()
        if pk in signatures
    ]
    return Page(reported, _place_of(found[size - 1]) if len(found) > size else None)


def _place_of(row: dict[str, Any]) -> Place:
    microseconds = (row["oldest"] - _EPOCH) // timedelta(microseconds=1)
    return Place(row["urgent"], row["times"], microseconds, row["signature"])


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
