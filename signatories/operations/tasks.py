"""The heartbeat of a worker, as a Celery task sent to each queue."""

from celery import shared_task
from django.utils import timezone

from signatories.operations import heartbeats


@shared_task(name="operations.heartbeat")
def heartbeat(queue: str) -> None:
    """Record every ten seconds that the worker of `queue` takes jobs."""
    heartbeats.beat(part=queue, now=timezone.now())
