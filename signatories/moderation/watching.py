"""The watch: what organizers should look at now, seen every minute, told at the desk, by mail and to a webhook.

The row of an alarm is its outbox: what could not be told is told at the next look. No alarm names a person.
"""

import json
import logging
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from signatories import holds
from signatories.models import Alarm, Correction, Letter, Limits, Listed, MailGate, Signature, Signup
from signatories.models.alarm import AlarmKind
from signatories.models.fairness import ListKind
from signatories.models.mailing import MailState
from signatories.models.signature import State
from signatories.moderation import services
from signatories.signing import outbox
from signatories.signing.gates import SERVER, Gates

logger = logging.getLogger(__name__)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NETWORK_AN_HOUR = 500
FEW_ARRIVALS, TIMES_AS_MANY = 500, 10  # an hour with this many, and so many times the mean of the day before
WITHDRAWALS_AN_HOUR = REPORTS_AN_HOUR = 30
MAIL_WAITS = timedelta(minutes=5)
HELD_WAITS = timedelta(hours=24)
WEBHOOK_SECONDS = 5


class Seen(NamedTuple):
    """Something to be alarmed about."""

    kind: AlarmKind
    subject: str
    words: str


def look(now: datetime) -> list[Alarm]:
    """Raise what is to be raised, and tell what was not told yet; returns the new alarms. Safe to repeat."""
    new = [alarm for seen in _seen(now) if (alarm := raise_alarm(seen))]
    for alarm in new:
        if alarm.kind == AlarmKind.DOMAIN:
            hold_burst(alarm.subject, now)
    tell(now)
    return new


def raise_alarm(seen: Seen) -> Alarm | None:
    """Raise an alarm; None while one about the same is open."""
    try:
        with transaction.atomic():
            alarm = Alarm.objects.create(kind=seen.kind, subject=seen.subject, words=seen.words)
    except IntegrityError:  # alarm_open_once
        return None
    logger.warning("alarm: %s", seen.kind)
    return alarm


def _seen(now: datetime) -> Iterator[Seen]:
    yield from _domains(now)
    yield from _networks(now)
    yield from _arrivals(now)
    withdrawn = Signature.objects.filter(state=State.WITHDRAWN, withdrawn_at__gt=now - HOUR).count()
    if withdrawn >= WITHDRAWALS_AN_HOUR:
        yield Seen(AlarmKind.WITHDRAWALS, "", f"{withdrawn} withdrew within an hour.")
    reports = Correction.objects.filter(created_at__gt=now - HOUR).count()
    if reports >= REPORTS_AN_HOUR:
        yield Seen(AlarmKind.REPORTS, "", f"{reports} reports within an hour.")
    yield from _waits(now)
    yield from _refused(now)


def _domains(now: datetime) -> Iterator[Seen]:
    """Confirmed ones of a domain that nobody knows."""
    known = Listed.objects.filter(kind__in=[ListKind.DOMAIN, ListKind.PROVIDER]).values("value")
    recent = Signature.objects.filter(confirmed_at__gt=now - HOUR).exclude(domain="").exclude(domain__in=known)
    for domain, count in _many(recent, "domain", Limits.current().alarm_per_domain):
        yield Seen(AlarmKind.DOMAIN, domain, f"{count} people with mail at {domain} confirmed within an hour.")


def _networks(now: datetime) -> Iterator[Seen]:
    recent = Signup.objects.filter(created_at__gt=now - HOUR).exclude(network=b"")
    for network, count in _many(recent, "network", NETWORK_AN_HOUR):
        yield Seen(AlarmKind.NETWORK, bytes(network).hex(), f"{count} forms came from one network within an hour.")


def _many(rows: QuerySet[Any], field: str, least: int) -> Iterator[tuple[Any, int]]:
    found = rows.order_by().values(field).annotate(count=Count("pk")).filter(count__gte=least)
    yield from found.values_list(field, "count")


def _arrivals(now: datetime) -> Iterator[Seen]:
    """An hour unlike the day before it: the front page, or a machine."""
    last = Signup.objects.filter(created_at__gt=now - HOUR).count()
    if last < FEW_ARRIVALS:
        return
    before = Signup.objects.filter(created_at__gt=now - HOUR - DAY, created_at__lte=now - HOUR).count() / 24
    if last > TIMES_AS_MANY * before:
        yield Seen(AlarmKind.ARRIVALS, "", f"{last} forms within an hour; the day before {before:.0f} an hour.")


def _waits(now: datetime) -> Iterator[Seen]:
    due = {"mail_state": MailState.WAITING, "mail_due_at__lt": now - MAIL_WAITS, "mail_error": ""}
    refusing = Gates.look(now).unsure_domains()
    waiting = sum(model.objects.filter(**due).exclude(domain__in=refusing).count() for model in (Signup, Letter))
    if waiting:
        yield Seen(AlarmKind.MAIL, "", f"{waiting} mails have waited for more than five minutes.")
    oldest = Signature.objects.filter(state=State.HELD).aggregate(oldest=Min("confirmed_at"))["oldest"]
    if oldest and oldest < now - HELD_WAITS:
        yield Seen(AlarmKind.HELD, "", "Somebody has waited for a decision for more than a day.")


def _refused(now: datetime) -> Iterator[Seen]:
    """Mail domains that have taken nothing for a while; each is told once, until it takes mail again."""
    for gate in MailGate.objects.filter(first_failed_at__lt=now - MAIL_WAITS).exclude(key=SERVER):
        told = Alarm.objects.filter(kind=AlarmKind.REFUSED, subject=gate.key, raised_at__gt=gate.first_failed_at)
        if not told.exists():
            yield Seen(
                AlarmKind.REFUSED, gate.key, f"{gate.key} refuses our mail, which waits and is tried now and then."
            )


def hold_burst(domain: str, now: datetime) -> int:
    """Let those of a suspicious domain who were quicker than the alarm wait with the others; returns how many."""
    quick = Signature.objects.filter(domain=domain, state=State.PUBLISHED, confirmed_at__gt=now - HOUR)
    reason = "One of many of this mail domain, which nobody knows, within an hour."
    held = 0
    for pk in quick.values_list("pk", flat=True):
        held += services.hold(signature_id=pk, organizer=None, reason=reason, now=now)
        Signature.objects.filter(pk=pk, state=State.HELD, held_for=[]).update(held_for=[holds.DOMAIN])
    return held


def tell(now: datetime) -> None:
    """Mail and call about open alarms that were not told yet. One that fails is tried again at the next look."""
    alarms = Alarm.objects.filter(closed_at=None).order_by("pk")
    for alarm in alarms.filter(mailed_at=None):
        _once(alarm, "mailed_at", now, lambda alarm: _mailed(alarm, now))
    if settings.ALERT_WEBHOOK_URL:
        for alarm in alarms.filter(called_at=None):
            _once(alarm, "called_at", now, _called)


def _once(alarm: Alarm, field: str, now: datetime, say: Callable[[Alarm], bool]) -> None:
    """Tell an alarm, unless a look at the same time does. One that is killed here leaves it to the desk to tell."""
    told = not Alarm.objects.filter(pk=alarm.pk, **{field: None}).update(**{field: now})
    try:
        told = told or say(alarm)
    finally:
        if not told:
            Alarm.objects.filter(pk=alarm.pk).update(**{field: None})


def _mailed(alarm: Alarm, now: datetime) -> bool:
    organizers = get_user_model().objects.filter(is_staff=True, is_active=True).exclude(email="")
    to = list(organizers.values_list("email", flat=True))
    if not to:
        return False
    message = EmailMessage(f"Alarm: {alarm.get_kind_display()}", _text(alarm), settings.DEFAULT_FROM_EMAIL, bcc=to)
    return outbox.send_apart(message, now)


def _called(alarm: Alarm) -> bool:
    """POST `{"text", "kind", "url"}`: what chat programs take as an incoming webhook."""
    body = {"text": _text(alarm), "kind": alarm.kind, "url": settings.SITE_URL + reverse("desk-alarms")}
    request = urllib.request.Request(  # noqa: S310 - an address of the operator's
        settings.ALERT_WEBHOOK_URL, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=WEBHOOK_SECONDS):  # noqa: S310
            return True
    except OSError as error:
        logger.warning("the webhook of alarms does not answer: %s", type(error).__name__)
        return False


def _text(alarm: Alarm) -> str:
    return f"{alarm.words}\nLook: {settings.SITE_URL}{reverse('desk-alarms')}"


def close(*, alarm_id: int, now: datetime) -> bool:
    """Somebody has looked. False if somebody had before."""
    return bool(Alarm.objects.filter(pk=alarm_id, closed_at=None).update(closed_at=now))
