"""Celery tasks of partners."""

from celery import shared_task

from signatories.partners import kit


@shared_task(name="editions.partner_sheets")
def partner_sheets() -> None:
    """Make every few seconds what partners have asked for to print. The worker of the editions has what PDFs need."""
    kit.make_waiting()
