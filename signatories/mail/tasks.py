"""The jobs of signing, as Celery tasks."""

import threading

from celery import shared_task
from django.conf import settings

from signatories.mail import outbox

# With much to send, or a slow mail server, each tick's drain goes on while the next begins. Where jobs of other queues
# share the worker, its other threads are theirs.
_room = threading.Semaphore(settings.MAIL_CONNECTIONS)


@shared_task(name="mail.drain")
def drain() -> None:
    """Every tick: mail what is due, unless MAIL_CONNECTIONS threads of this process are at it."""
    if _room.acquire(blocking=False):
        try:
            outbox.drain()
        finally:
            _room.release()
