"""The heartbeat of workers: a Celery task that is sent to each queue."""

from celery import shared_task
from django.utils import timezone

from signatories.operations import heartbeats


@shared_task(name="operations.heartbeat")
def heartbeat(queue: str) -> None:
    """Every ten seconds: store that the worker of `queue` takes tasks."""
    heartbeats.record(part=queue, now=timezone.now())
