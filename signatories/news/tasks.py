"""The Celery task of news."""

from celery import shared_task
from django.utils import timezone

from signatories.news import sending


@shared_task(name="housekeeping.news")
def news() -> None:
    """Every turn: store the next mails of each mailing in the outbox."""
    sending.work(timezone.now())
