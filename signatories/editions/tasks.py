"""The jobs of the press, as Celery tasks. An edition asked for is a row, found by a tick."""

from celery import shared_task

from signatories.editions import services as editions


@shared_task(name="editions.ask_if_changed")
def ask_if_changed() -> None:
    """On the schedule: a new edition if the list is not as in the latest one."""
    editions.ask_if_changed()


@shared_task(name="editions.build_waiting")
def build_waiting() -> None:
    """Every few seconds: build the oldest edition that is asked for."""
    editions.build_waiting()
