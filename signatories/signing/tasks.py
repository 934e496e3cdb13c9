"""The jobs of signing, as Celery tasks."""

from celery import shared_task

from signatories.signing import outbox


@shared_task
def drain() -> None:
    """Every tick: mail what is due."""
    outbox.drain()
