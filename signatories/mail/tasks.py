"""Celery tasks of the mail."""

import threading

from celery import shared_task
from django.conf import settings

from signatories.mail import outbox

# With much to send, or a slow mail server, a drain is still running when the next tick starts one. So many run side by
# side; the other threads of the worker stay free for the tasks of other queues.
_drains = threading.Semaphore(settings.MAIL_CONNECTIONS)


@shared_task(name="mail.drain")
def drain() -> None:
    """Send the mail that is due, each tick; nothing while MAIL_CONNECTIONS threads of this process do so."""
    if _drains.acquire(blocking=False):
        try:
            outbox.drain()
        finally:
            _drains.release()
