"""The watch: what organizers should look at now, seen every minute, told at the desk, by mail and to a webhook.

The row of an alarm is its outbox: what could not be told is told at the next look. No alarm names a person.
"""

import http.client
import json
import logging
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.urls import reverse

from signatories.audit.services import by_rule
from signatories.lifecycle import transitions
from signatories.mail import outbox
from signatories.mail.circuit import SERVER, CircuitBreakers
from signatories.models import Alarm, Limits, MailCircuit, OutboundMail, Report, Signature, Signup
from signatories.models.act import Verb
from signatories.models.alarm import AlarmKind
from signatories.models.mailing import MailState
from signatories.models.signature import State
from signatories.screening import domains, holds

logger = logging.getLogger(__name__)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIL_WAITS = timedelta(minutes=5)
CLEARLY_MORE = 2  # so many times what organizers have looked at is told anew at once
WEBHOOK_SECONDS = 5


class Seen(NamedTuple):
    """Something to be alarmed about."""

    kind: AlarmKind
    subject: str
    words: str
    size: int = 1


def look(now: datetime) -> list[Alarm]:
    """Raise what is to be raised, and tell what was not told yet; returns the new alarms. Safe to repeat."""
    limits = Limits.current()
    new = [alarm for seen in _seen(now, limits) if (alarm := _answer(seen, now))]
    tell(now)
    return new


def _answer(seen: Seen, now: datetime) -> Alarm | None:
    """Raise an alarm and let wait who has to, or nothing of both: a worker may end at any moment."""
    with transaction.atomic():
        alarm = raise_alarm(seen, now)
        if seen.kind == AlarmKind.DOMAIN and _open(seen).exists():
            hold_burst(seen.subject, now)
    return alarm


def raise_alarm(seen: Seen, now: datetime) -> Alarm | None:
    """Raise an alarm; None while one about the same is open, or was looked at lately and has not grown clearly since.

    An open one tells what was most of it.
    """
    if _looked_at(seen, now):
        return None
    try:
        with transaction.atomic():
            alarm = Alarm.objects.create(kind=seen.kind, subject=seen.subject, words=seen.words, size=seen.size)
    except IntegrityError:  # alarm_open_once
        _open(seen).filter(size__lt=seen.size).update(size=seen.size, words=seen.words)
        return None
    logger.warning("alarm: %s", seen.kind)
    return alarm


def _open(seen: Seen) -> QuerySet[Alarm]:
    return Alarm.objects.filter(kind=seen.kind, subject=seen.subject, closed_at=None)


def _looked_at(seen: Seen, now: datetime) -> bool:
    quiet = now - timedelta(hours=Limits.current().alarm_quiet_hours)
    lately = Alarm.objects.filter(kind=seen.kind, subject=seen.subject, closed_at__gt=quiet)
    last = lately.order_by("closed_at").last()
    return last is not None and seen.size < CLEARLY_MORE * last.size


def _seen(now: datetime, limits: Limits) -> Iterator[Seen]:
    yield from _domains(now, limits)
    yield from _networks(now, limits)
    yield from _arrivals(now, limits)
    withdrawn = Signature.objects.filter(state=State.WITHDRAWN, withdrawn_at__gt=now - HOUR).count()
    if withdrawn >= limits.alarm_withdrawals:
        yield Seen(AlarmKind.WITHDRAWALS, "", f"{withdrawn} withdrew within an hour.", withdrawn)
    reports = Report.objects.filter(created_at__gt=now - HOUR).count()
    if reports >= limits.alarm_reports:
        yield Seen(AlarmKind.REPORTS, "", f"{reports} reports within an hour.", reports)
    yield from _mail_waits(now)
    yield from _people_wait(now, limits)
    yield from _refused(now)


def _domains(now: datetime, limits: Limits) -> Iterator[Seen]:
    """Confirmed ones of a domain that nobody knows, or of several behind a mail server that nobody knows."""
    for name, each in domains.bursts(limits.alarm_per_domain, now).items():
        where = name if set(each) == {name} else f"{len(each)} domains behind the mail server {name}"
        words = f"{each.total()} people with mail at {where} confirmed within an hour."
        yield Seen(AlarmKind.DOMAIN, name, words, each.total())


def _networks(now: datetime, limits: Limits) -> Iterator[Seen]:
    recent = Signup.objects.filter(created_at__gt=now - HOUR).exclude(network=b"").order_by().values("network")
    many = recent.annotate(count=Count("pk")).filter(count__gte=limits.alarm_per_network)
    for network, count in many.values_list("network", "count"):
        words = f"{count} forms came from one network within an hour."
        yield Seen(AlarmKind.NETWORK, bytes(network).hex(), words, count)


def _arrivals(now: datetime, limits: Limits) -> Iterator[Seen]:
    """An hour unlike the day before it: the front page, or a machine."""
    last = Signup.objects.filter(created_at__gt=now - HOUR).count()
    if last < limits.alarm_arrivals:
        return
    before = Signup.objects.filter(created_at__gt=now - HOUR - DAY, created_at__lte=now - HOUR).count() / 24
    if last > limits.alarm_times_usual * before:
        yield Seen(AlarmKind.ARRIVALS, "", f"{last} forms within an hour; the day before {before:.0f} an hour.", last)


def _mail_waits(now: datetime) -> Iterator[Seen]:
    due = {"mail_state": MailState.WAITING, "mail_due_at__lt": now - MAIL_WAITS, "mail_error": ""}
    refusing = CircuitBreakers.look(now).unsure_domains()
    waiting = sum(model.objects.filter(**due).exclude(domain__in=refusing).count() for model in (Signup, OutboundMail))
    if waiting:
        yield Seen(AlarmKind.MAIL, "", f"{waiting} mails have waited for more than five minutes.", waiting)


def _people_wait(now: datetime, limits: Limits) -> Iterator[Seen]:
    hours = limits.alarm_held_hours
    waiting = Signature.objects.filter(state=State.HELD, confirmed_at__lt=now - timedelta(hours=hours)).count()
    if waiting:
        words = f"{waiting} people have waited for a decision for more than {hours} hours."
        yield Seen(AlarmKind.HELD, "", words, waiting)


def _refused(now: datetime) -> Iterator[Seen]:
    """Mail domains that have taken nothing for a while; each is told once, until it takes mail again."""
    for gate in MailCircuit.objects.filter(first_failed_at__lt=now - MAIL_WAITS).exclude(key=SERVER):
        told = Alarm.objects.filter(kind=AlarmKind.REFUSED, subject=gate.key, raised_at__gt=gate.first_failed_at)
        if not told.exists():
            yield Seen(
                AlarmKind.REFUSED, gate.key, f"{gate.key} refuses our mail, which waits and is tried now and then."
            )


def hold_burst(name: str, now: datetime) -> int:
    """Let those of a suspicious domain or mail server who were quicker than the alarm wait with the others.

    Returns how many. Safe to repeat, and nobody an organizer has decided about is among them.
    """
    quick = domains.strangers(domains.together(name), now).filter(state=State.PUBLISHED)
    free = transitions.undecided(quick)
    by = by_rule("One of many of this mail domain or mail server, which nobody knows, within an hour.")
    reasons = {"held_for": transitions.with_hold_reason(holds.DOMAIN)}
    keys = list(free.values_list("pk", flat=True))
    return len(transitions.move(keys, Verb.HOLD, by=by, now=now, among=free, changes=reasons))


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
    except (OSError, http.client.HTTPException) as error:  # no answer, or one that is none
        logger.warning("the webhook of alarms does not answer: %s", type(error).__name__)
        return False


def _text(alarm: Alarm) -> str:
    return f"{alarm.words}\nLook: {settings.SITE_URL}{reverse('desk-alarms')}"


def close(*, alarm_id: int, now: datetime) -> bool:
    """Somebody has looked. False if somebody had before."""
    return bool(Alarm.objects.filter(pk=alarm_id, closed_at=None).update(closed_at=now))
