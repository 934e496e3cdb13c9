"""The jobs of counting, as Celery tasks."""

from celery import shared_task

from signatories import tally


@shared_task
def fold() -> None:
    """Every tick: fold the deltas."""
    tally.fold()


@shared_task
def repair() -> None:
    """Every night: compare with the truth."""
    tally.repair()
