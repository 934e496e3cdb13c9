"""Celery tasks of gathered names."""

from celery import shared_task
from django.utils import timezone

from signatories.gathering import preparing, sending


@shared_task(name="housekeeping.gathered_files")
def gathered_files() -> None:
    """Every two seconds: read and check the files of partners."""
    preparing.work()


@shared_task(name="housekeeping.gathered_invitations")
def gathered_invitations() -> None:
    """Every turn: store the next invitations in the outbox."""
    sending.send(timezone.now())
