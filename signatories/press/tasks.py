"""The jobs of the press, as Celery tasks. An edition asked for is a row, found by a tick."""

from celery import shared_task

from signatories.press import services


@shared_task
def ask_if_changed() -> None:
    """On the schedule: a new edition if the list is not as in the latest one."""
    services.ask_if_changed()


@shared_task
def build_waiting() -> None:
    """Every few seconds: build the oldest edition that is asked for."""
    services.build_waiting()
