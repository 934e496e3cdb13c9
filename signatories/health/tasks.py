"""The sign of life of a worker, as a Celery task sent to each queue."""

from celery import shared_task
from django.utils import timezone

from signatories.health import pulses


@shared_task
def pulse(queue: str) -> None:
    """Every ten seconds: the worker of `queue` takes jobs."""
    pulses.beat(part=queue, now=timezone.now())
