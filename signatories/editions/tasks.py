"""The tasks of Celery for editions. An edition that is asked for is a row, which a task finds."""

from celery import shared_task

from signatories.editions import services as editions


@shared_task(name="editions.ask_if_changed")
def ask_if_changed() -> None:
    """Every EDITION_EVERY seconds: ask for a new edition if the list has changed."""
    editions.ask_if_changed()


@shared_task(name="editions.build_waiting")
def build_waiting() -> None:
    """Every five seconds: build the oldest edition that is asked for."""
    editions.build_waiting()
