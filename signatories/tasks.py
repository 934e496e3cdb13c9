"""The housekeeping jobs, as Celery tasks."""

from celery import shared_task
from django.utils import timezone

from signatories import ledger, retention, tally
from signatories.models.alarm import AlarmKind
from signatories.moderation import mail_servers, releasing, watching
from signatories.signing import reminders


@shared_task
def fold() -> None:
    """Every tick: fold the deltas."""
    tally.fold()


@shared_task
def repair() -> None:
    """Every hour: compare with the truth."""
    if drift := tally.repair():
        off = sum(map(abs, drift.values()))
        words = f"The number was off by {off} in {len(drift)} facets."
        watching.raise_alarm(watching.Seen(AlarmKind.DRIFT, "", words, off), timezone.now())


@shared_task
def forget() -> None:
    """Every hour: purge and erase what is too old."""
    retention.forget(timezone.now())


@shared_task
def remind() -> None:
    """Every hour: write once to who has not confirmed."""
    reminders.remind(timezone.now())


@shared_task
def catch_up() -> None:
    """Every minute: the ledger follows the database."""
    ledger.catch_up(timezone.now())


@shared_task
def watch() -> None:
    """Every minute: is there something that organizers should look at now; then whom DNS is to be asked about."""
    watching.look(timezone.now())
    mail_servers.look_up(timezone.now())


@shared_task
def release() -> None:
    """Every ten minutes: publish who was held for the rush alone, and long enough."""
    releasing.release(timezone.now())
