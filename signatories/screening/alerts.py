"""Alarms for organizers: checked every minute, shown at the desk, mailed, and posted to a webhook.

The row of an alarm is its outbox: a mail or call that failed is tried again at the next check. No alarm names a person.
"""

import http.client
import json
import logging
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import translation

from signatories.audit.services import by_rule
from signatories.lifecycle import transitions
from signatories.mail import messages, outbox
from signatories.mail.circuit import SERVER, CircuitBreakers
from signatories.models import (
    Alarm,
    GatheredBatch,
    Invitee,
    MailCircuit,
    OutboundMail,
    Report,
    Signature,
    Signup,
)
from signatories.models import settings as site
from signatories.models.act import Verb
from signatories.models.alarm import AlarmKind
from signatories.models.gathering import Answer, BatchState
from signatories.models.mailing import MailState
from signatories.models.organizer import who_may
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.screening import domains, holds, looks
from signatories.screening.alarm_words import advice

logger = logging.getLogger(__name__)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIL_WAITS = timedelta(minutes=5)
GROWN_CLEARLY = 2  # times the size of the last closed alarm: then a new one is raised at once
WEBHOOK_SECONDS = 5


class Finding(NamedTuple):
    """Condition that calls for an alarm; `size` measures how much it has grown."""

    kind: AlarmKind
    subject: str
    words: str
    size: int = 1


def raise_alarms(now: datetime) -> list[Alarm]:
    """Check all conditions, raise alarms, and send those not sent yet; returns the new ones. Safe to repeat."""
    limits = site.current(now)
    new = [alarm for finding in _findings(now, limits) if (alarm := _raise_and_hold(finding, now))]
    notify(now)
    return new


def _raise_and_hold(finding: Finding, now: datetime) -> Alarm | None:
    """Raise an alarm and hold the signatures it is about, in one transaction: a worker may end at any moment."""
    with transaction.atomic():
        alarm = raise_alarm(finding, now)
        if finding.kind == AlarmKind.DOMAIN and _open_alarms(finding).exists():
            hold_burst(finding.subject, now)
    return alarm


def raise_alarm(finding: Finding, now: datetime) -> Alarm | None:
    """Raise an alarm, unless one about the same is open, or was closed lately and the finding has not grown since.

    An open alarm takes over the size and words of a larger finding. Returns None if no new alarm was raised.
    """
    if _closed_lately(finding, now):
        return None
    try:
        with transaction.atomic():
            alarm = Alarm.objects.create(
                kind=finding.kind, subject=finding.subject, words=finding.words, size=finding.size
            )
    except IntegrityError:  # alarm_open_once
        _open_alarms(finding).filter(size__lt=finding.size).update(size=finding.size, words=finding.words)
        return None
    logger.warning("alarm: %s", finding.kind)
    return alarm


def _open_alarms(finding: Finding) -> QuerySet[Alarm]:
    return Alarm.objects.filter(kind=finding.kind, subject=finding.subject, closed_at=None)


def _closed_lately(finding: Finding, now: datetime) -> bool:
    quiet = now - timedelta(hours=site.current(now).alarm_quiet_hours)
    lately = Alarm.objects.filter(kind=finding.kind, subject=finding.subject, closed_at__gt=quiet)
    last = lately.order_by("closed_at").last()
    return last is not None and finding.size < GROWN_CLEARLY * last.size


def _findings(now: datetime, limits: site.SiteSettings) -> Iterator[Finding]:
    yield from _domain_bursts(now, limits)
    yield from _busy_networks(now, limits)
    yield from _many_arrivals(now, limits)
    withdrawn = Signature.objects.filter(state=State.WITHDRAWN, withdrawn_at__gt=now - HOUR).count()
    if withdrawn >= limits.alarm_withdrawals:
        yield Finding(AlarmKind.WITHDRAWALS, "", f"{withdrawn} withdrew within an hour.", withdrawn)
    reports = Report.objects.filter(created_at__gt=now - HOUR).count()
    if reports >= limits.alarm_reports:
        yield Finding(AlarmKind.REPORTS, "", f"{reports} report{pluralize(reports)} within an hour.", reports)
    letters = OutboundMail.objects.filter(kind=MailKind.LINK, created_at__gt=now - HOUR)
    asked = letters.aggregate(mailboxes=Count("address_digest", distinct=True))["mailboxes"]
    if asked >= limits.alarm_asked:
        words = f"The link to the own page was asked for {asked} mailbox{pluralize(asked, 'es')} within an hour."
        yield Finding(AlarmKind.ASKED, "", words, asked)
    yield from _waiting_mail(now)
    yield from _waiting_people(now, limits)
    yield from _refusing_domains(now)
    yield from _many_looks(now)
    yield from _doubted_batches()


def _doubted_batches() -> Iterator[Finding]:
    """Find batches of gathered names that were paused because too many never agreed (see gathering/answers.py)."""
    doubted = GatheredBatch.objects.filter(doubted_at__isnull=False, state=BatchState.APPROVED)
    for batch in doubted.select_related("partner").only("partner__name"):
        never = Invitee.objects.filter(batch=batch, answer=Answer.NEVER).count()
        words = f"{never} people of file {batch.pk} of {batch.partner} say that they never agreed. It is paused."
        yield Finding(AlarmKind.GATHERED, str(batch.pk), words, never)


def _domain_bursts(now: datetime, limits: site.SiteSettings) -> Iterator[Finding]:
    """Find unknown domains, or groups of them behind one mail server, with many confirmed signatures."""
    for name, each in domains.bursts(limits.alarm_per_domain, now).items():
        where = (
            name if set(each) == {name} else f"{len(each)} domain{pluralize(len(each))} behind the mail server {name}"
        )
        words = (
            f"{each.total()} {pluralize(each.total(), 'person,people')} with mail at {where} confirmed within an hour."
        )
        yield Finding(AlarmKind.DOMAIN, name, words, each.total())


def _busy_networks(now: datetime, limits: site.SiteSettings) -> Iterator[Finding]:
    recent = (
        Signup.objects.of_signers().filter(created_at__gt=now - HOUR).exclude(network=b"").order_by().values("network")
    )
    many = recent.annotate(count=Count("pk")).filter(count__gte=limits.alarm_per_network)
    for network, count in many.values_list("network", "count"):
        words = f"{count} form{pluralize(count)} came from one network within an hour."
        yield Finding(AlarmKind.NETWORK, bytes(network).hex(), words, count)


def _many_arrivals(now: datetime, limits: site.SiteSettings) -> Iterator[Finding]:
    """Compare the last hour with the day before: far more forms mean news coverage or a machine."""
    last = Signup.objects.of_signers().filter(created_at__gt=now - HOUR).count()
    if last < limits.alarm_arrivals:
        return
    day = Signup.objects.of_signers().filter(created_at__gt=now - HOUR - DAY, created_at__lte=now - HOUR)
    before = day.count() / 24
    if last > limits.alarm_times_usual * before:
        yield Finding(
            AlarmKind.ARRIVALS,
            "",
            f"{last} form{pluralize(last)} within an hour; the day before {before:.0f} an hour.",
            last,
        )


def _waiting_mail(now: datetime) -> Iterator[Finding]:
    due = {"mail_state": MailState.WAITING, "mail_due_at__lt": now - MAIL_WAITS, "mail_error": ""}
    refusing = CircuitBreakers.load(now).failing_domains()
    waiting = sum(model.objects.filter(**due).exclude(domain__in=refusing).count() for model in (Signup, OutboundMail))
    if waiting:
        yield Finding(
            AlarmKind.MAIL,
            "",
            f"{waiting} mail{pluralize(waiting, ' has,s have')} waited for more than five minutes.",
            waiting,
        )


def _waiting_people(now: datetime, limits: site.SiteSettings) -> Iterator[Finding]:
    hours = limits.alarm_held_hours
    waiting = Signature.objects.filter(state=State.HELD, confirmed_at__lt=now - timedelta(hours=hours)).count()
    if waiting:
        signatures = pluralize(waiting, "signature has,signatures have")  # of groups, too
        words = f"{waiting} {signatures} waited for a decision for more than {hours} hour{pluralize(hours)}."
        yield Finding(AlarmKind.HELD, "", words, waiting)


def _refusing_domains(now: datetime) -> Iterator[Finding]:
    """Find mail domains that refuse all mail; each is reported once until it accepts mail again."""
    for circuit in MailCircuit.objects.filter(first_failed_at__lt=now - MAIL_WAITS).exclude(key=SERVER):
        reported = Alarm.objects.filter(
            kind=AlarmKind.REFUSED, subject=circuit.key, raised_at__gt=circuit.first_failed_at
        )
        if not reported.exists():
            yield Finding(
                AlarmKind.REFUSED,
                circuit.key,
                f"{circuit.key} refuses our mail, which waits and is tried now and then.",
            )


def _many_looks(now: datetime) -> Iterator[Finding]:
    """Find organizers who look at many addresses; each is reported once a day, also after the alarm was closed."""
    for found in looks.many(now):
        subject = f"{found.organizer_id} {found.day}"
        if not Alarm.objects.filter(kind=AlarmKind.LOOKS, subject=subject).exclude(closed_at=None).exists():
            words = f"{found.name} (account {found.organizer_id}) looked at {found.times} addresses on {found.day}."
            yield Finding(AlarmKind.LOOKS, subject, words, found.times)


def hold_burst(name: str, now: datetime) -> int:
    """Hold the signatures of a suspicious domain or mail server that were published before the alarm.

    Signatures on which an organizer has decided stay as they are. Returns how many were held. Safe to repeat.
    """
    published = domains.recent_unknown(domains.group_domains(name), now).filter(state=State.PUBLISHED)
    free = transitions.undecided(published)
    by = by_rule("One of many of this mail domain or mail server, which nobody knows, within an hour.")
    reasons = {"held_for": transitions.with_hold_reason(holds.DOMAIN)}
    keys = list(free.values_list("pk", flat=True))
    return len(transitions.move(keys, Verb.HOLD, by=by, now=now, among=free, changes=reasons))


def notify(now: datetime) -> None:
    """Mail open alarms and post them to the webhook, once each. A failure is tried again at the next check."""
    alarms = Alarm.objects.filter(closed_at=None).order_by("pk")
    for alarm in alarms.filter(mailed_at=None):
        _notify_once(alarm, "mailed_at", now, lambda alarm: _mail(alarm, now))
    if settings.ALERT_WEBHOOK_URL:
        for alarm in alarms.filter(called_at=None):
            _notify_once(alarm, "called_at", now, _call_webhook)


def _notify_once(alarm: Alarm, field: str, now: datetime, send: Callable[[Alarm], bool]) -> None:
    """Send an alarm by one channel, unless another worker does so at the same time.

    The field is set before sending, so that no alarm is sent twice. If the worker is killed in between, the alarm is
    not sent by this channel; the desk still shows it.
    """
    sent = not Alarm.objects.filter(pk=alarm.pk, **{field: None}).update(**{field: now})
    try:
        sent = sent or send(alarm)
    finally:
        if not sent:
            Alarm.objects.filter(pk=alarm.pk).update(**{field: None})


def _mail(alarm: Alarm, now: datetime) -> bool:
    """Mail an alarm to each who may answer it, in English as the desk is; whether any mail was accepted."""
    organizers = [account for account in who_may(AlarmKind(alarm.kind).answered_with) if account.email]
    told = advice(alarm.kind)
    context = {
        "kind": alarm.get_kind_display(), "words": alarm.words, "done": told.done, "press": told.press,
        "alarms_url": _alarms_url(),
    }  # fmt: skip
    with translation.override(settings.LANGUAGE_CODE):
        mails = [
            messages.compose("alarm", dict(context), organizer.email, messages.made_id(b"alarm %d %d" % ids))
            for organizer in organizers
            for ids in [(alarm.pk, organizer.pk)]
        ]
    return bool(mails) and outbox.send_directly(mails, now)


def _call_webhook(alarm: Alarm) -> bool:
    """POST `{"text", "kind", "url"}`, which chat programs accept as an incoming webhook."""
    told = advice(alarm.kind)
    text = f"{alarm.words}\nDone already: {told.done}\nTo do: {told.press}\nLook: {_alarms_url()}"
    body = {"text": text, "kind": alarm.kind, "url": _alarms_url()}
    request = urllib.request.Request(  # noqa: S310 - an address of the operator's
        settings.ALERT_WEBHOOK_URL, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=WEBHOOK_SECONDS):  # noqa: S310
            return True
    except (OSError, http.client.HTTPException) as error:  # no answer, or no valid HTTP
        logger.warning("the webhook of alarms does not answer: %s", type(error).__name__)
        return False


def _alarms_url() -> str:
    return settings.SITE_URL + reverse("desk-alarms")


def close(*, alarm_id: int, now: datetime) -> bool:
    """Close an alarm. Returns False if it was closed before."""
    return bool(Alarm.objects.filter(pk=alarm_id, closed_at=None).update(closed_at=now))
