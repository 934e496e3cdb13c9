"""The housekeeping jobs, as Celery tasks."""

from celery import shared_task
from django.utils import timezone

from signatories.audit import chain, trail_check
from signatories.desk.dossiers import verification as verified_names
from signatories.desk.duplicates import finding
from signatories.desk.settings import changes
from signatories.lifecycle import mass_moves
from signatories.mail import check, reminders
from signatories.models.alarm import AlarmKind
from signatories.operations import closing
from signatories.press import verification
from signatories.privacy import erasure_log, export_files, retention
from signatories.screening import alerts, auto_release, mail_servers, standing
from signatories.tally import hourly
from signatories.tally import services as tally


@shared_task(name="housekeeping.fold")
def fold() -> None:
    """Every tick: fold the deltas."""
    tally.fold()


@shared_task(name="housekeeping.repair")
def repair() -> None:
    """Every hour: compare with the truth."""
    if drift := tally.repair():
        off = sum(map(abs, drift.values()))
        words = f"The number was off by {off} in {len(drift)} facets."
        alerts.raise_alarm(alerts.Finding(AlarmKind.DRIFT, "", words, off), timezone.now())


@shared_task(name="housekeeping.forget")
def forget() -> None:
    """Every hour: purge and erase what is too old."""
    retention.forget(timezone.now())


@shared_task(name="housekeeping.remind")
def remind() -> None:
    """Every hour: write once to who has not confirmed."""
    reminders.remind(timezone.now())


@shared_task(name="housekeeping.catch_up")
def catch_up() -> None:
    """Every minute: bring the erasure log up to date."""
    erasure_log.catch_up(timezone.now())


@shared_task(name="housekeeping.watch")
def watch() -> None:
    """Every minute: which settings have fallen back; is the end of signing due to be settled; what should organizers
    look at; then whom DNS is asked about.
    """
    changes.settle(timezone.now())
    closing.settle(timezone.now())
    alerts.raise_alarms(timezone.now())
    mail_servers.look_up(timezone.now())


@shared_task(name="housekeeping.release")
def release() -> None:
    """Every ten minutes: publish who was held for the rush alone, and long enough."""
    auto_release.release(timezone.now())


@shared_task(name="housekeeping.verified")
def verified() -> None:
    """Every thirty seconds: publish what one organizer has verified, once its delay is over."""
    verified_names.publish_due(timezone.now())


@shared_task(name="housekeeping.move")
def move() -> None:
    """Every two seconds: decide about who comes, as rules say; and work the next batches of mass moves."""
    standing.decide(timezone.now())
    mass_moves.work(now=timezone.now())


@shared_task(name="housekeeping.exports")
def exports() -> None:
    """Every ten seconds: tell about exports, build what is due, delete what is old."""
    export_files.work(timezone.now())


@shared_task(name="housekeeping.check_mail")
def check_mail() -> None:
    """Every five seconds: answer an organizer who has the mail tested."""
    check.run(timezone.now())


@shared_task(name="housekeeping.seal")
def seal() -> None:
    """Every two seconds: seal the acts that were written since."""
    chain.seal_waiting()


@shared_task(name="housekeeping.check_trail")
def check_trail() -> None:
    """Every six hours: is the trail still what was written."""
    if faults := trail_check.run(timezone.now()):
        words = f"{len(faults)} faults in the trail; first: {faults[0].words}. See manage.py check_trail."
        alerts.raise_alarm(alerts.Finding(AlarmKind.TRAIL, "", words, len(faults)), timezone.now())


@shared_task(name="housekeeping.duplicates")
def duplicates() -> None:
    """Every ten seconds: who signed or changed since may be somebody who has signed before."""
    finding.look(timezone.now())


@shared_task(name="housekeeping.figures")
def figures() -> None:
    """Every five minutes: if a week has ended or many have come, count for the page "How we verify"."""
    verification.measure(timezone.now())


@shared_task(name="housekeeping.hourly")
def hourly_figures() -> None:
    """Every minute: count the hour that runs, for the first page of the desk."""
    hourly.count(timezone.now())
