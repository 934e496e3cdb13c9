"""Celery tasks of editions. A requested edition is a row, found by a periodic task."""

from celery import shared_task
from django.utils import timezone

from signatories.editions import services as editions
from signatories.editions import timestamps


@shared_task(name="editions.ask_if_changed")
def ask_if_changed() -> None:
    """Request on schedule a new edition if the list is not as in the latest one."""
    editions.ask_if_changed()


@shared_task(name="housekeeping.stamp")
def stamp() -> None:
    """Every minute: have files of editions time-stamped. The worker that builds has no way to the internet."""
    timestamps.stamp_waiting(timezone.now())


@shared_task(name="editions.build_waiting")
def build_waiting() -> None:
    """Build every few seconds the oldest requested edition, or else one list of the latest."""
    _built = editions.build_waiting() or editions.build_waiting_part()
