"""The housekeeping tasks of Celery. They call the rooms and hold no rules of their own."""

from celery import shared_task
from django.utils import timezone

from signatories.mail import reminders
from signatories.models.alarm import AlarmKind
from signatories.privacy import erasure_log, retention
from signatories.screening import alerts, auto_release, mail_servers
from signatories.tally import services as tally


@shared_task(name="housekeeping.fold")
def fold() -> None:
    """Every second: fold the deltas into the tally."""
    tally.fold()


@shared_task(name="housekeeping.repair")
def repair() -> None:
    """Every hour: compare the tally with the signatures; raise an alarm if it was wrong."""
    if drift := tally.repair():
        off = sum(map(abs, drift.values()))
        words = f"The number was off by {off} in {len(drift)} facets."
        alerts.raise_alarm(alerts.Finding(AlarmKind.DRIFT, "", words, off), timezone.now())


@shared_task(name="housekeeping.forget")
def forget() -> None:
    """Every hour: purge and erase rows that are too old."""
    retention.forget(timezone.now())


@shared_task(name="housekeeping.remind")
def remind() -> None:
    """Every hour: remind people once who have not confirmed."""
    reminders.remind(timezone.now())


@shared_task(name="housekeeping.catch_up")
def catch_up() -> None:
    """Every minute: bring the erasure log up to date."""
    erasure_log.catch_up(timezone.now())


@shared_task(name="housekeeping.watch")
def watch() -> None:
    """Every minute: raise alarms, then look up mail servers of unknown domains in DNS."""
    alerts.raise_alarms(timezone.now())
    mail_servers.look_up(timezone.now())


@shared_task(name="housekeeping.release")
def release() -> None:
    """Every ten minutes: publish signatures that were held only for volume, and long enough."""
    auto_release.release(timezone.now())
