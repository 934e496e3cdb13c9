"""Answers of organizers to an alarm. Each is recorded as an Act."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from signatories.audit.services import by_organizer, record_edit
from signatories.desk.rules import services as rules
from signatories.lifecycle import transitions
from signatories.models import Alarm, MailServer, Signature, Signup
from signatories.models.act import Verb
from signatories.models.alarm import AlarmKind
from signatories.models.limits import ListKind
from signatories.models.signature import SignatureQuerySet, State
from signatories.screening import alerts, domains, holds


def close_alarm(*, alarm_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Close an alarm. Returns False if it was closed before."""
    with transaction.atomic():
        if not alerts.close(alarm_id=alarm_id, now=now):
            return False
        record_edit(organizer, f"alarm {alarm_id} looked at")
        return True


def signatures_of(alarm: Alarm) -> SignatureQuerySet:
    """Return the published and held signatures an alarm is about, oldest first.

    For a domain or a mail server: those held because of it. For a network: all that were confirmed by forms sent from
    it since an hour before the alarm. Other kinds of alarm are about no signatures.
    """
    live = Signature.objects.filter(state__in=[State.PUBLISHED, State.HELD]).order_by("confirmed_at", "pk")
    if alarm.kind == AlarmKind.DOMAIN:
        of_domain = live.filter(domain__in=domains.group_domains(alarm.subject), state=State.HELD)
        return of_domain.filter(held_for__contains=[holds.DOMAIN])
    if alarm.kind == AlarmKind.NETWORK:
        return live.filter(pk__in=_signups_of(alarm).exclude(signature=None).values("signature"))
    return live.none()


def _signups_of(alarm: Alarm) -> QuerySet[Signup]:
    since = alarm.raised_at - alerts.HOUR
    return Signup.objects.filter(network=bytes.fromhex(alarm.subject), created_at__gt=since)


def accept_domain(*, alarm_id: int, organizer: AbstractBaseUser, now: datetime) -> int | None:
    """List the domain or mail server of an alarm as known, and publish those who are held for nothing else.

    Other reasons to hold stay. Returns how many were published; None if the alarm is closed or about no domain.
    """
    with transaction.atomic():
        alarm = _lock_open(alarm_id, AlarmKind.DOMAIN)
        if alarm is None:
            return None
        close_alarm(alarm_id=alarm_id, organizer=organizer, now=now)
        waiting = signatures_of(alarm)
        keys = list(waiting.filter(held_for=[holds.DOMAIN]).values_list("pk", flat=True))
        waiting.exclude(pk__in=keys).order_by().update(held_for=transitions.without_hold_reason(holds.DOMAIN))
        is_server = MailServer.objects.filter(server=alarm.subject).exclude(domain=alarm.subject).exists()
        kind = ListKind.SERVER if is_server else ListKind.DOMAIN
        rules.put_on_list(kind=kind, value=alarm.subject, note="", organizer=organizer)
    reason = f"People of {alarm.subject}, which is known to us."
    return len(transitions.move(keys, Verb.PUBLISH, by=by_organizer(organizer, reason), now=now))


def hold_all(*, alarm_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> int | None:
    """Hold every signature from the network of an alarm for an organizer's decision.

    Signups that are not confirmed yet are marked, so they are held too when they confirm. The alarm stays open, because
    a decision is still due. Returns how many were published before; None if the alarm is closed or about no network.
    """
    with transaction.atomic():
        alarm = _lock_open(alarm_id, AlarmKind.NETWORK)
        if alarm is None:
            return None
        _signups_of(alarm).filter(signature=None).update(held_for=transitions.with_hold_reason(holds.ORGANIZER))
        transitions.keep_waiting(signatures_of(alarm).order_by())
        keys = list(_undecided_published(alarm).values_list("pk", flat=True))
    return len(transitions.move(keys, Verb.HOLD, by=by_organizer(organizer, reason), now=now))


def reject_all(*, alarm_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> int | None:
    """Reject the signatures of an alarm that are held, or published without a decision of an organizer.

    Each can be published again. Returns how many; None if the alarm is closed or about no signatures.
    """
    with transaction.atomic():
        alarm = _lock_open(alarm_id, AlarmKind.DOMAIN, AlarmKind.NETWORK)
        if alarm is None:
            return None
        close_alarm(alarm_id=alarm_id, organizer=organizer, now=now)
        waiting = signatures_of(alarm).filter(state=State.HELD)
        keys = [pk for found in (waiting, _undecided_published(alarm)) for pk in found.values_list("pk", flat=True)]
    return len(transitions.move(keys, Verb.REJECT, by=by_organizer(organizer, reason), now=now))


def _lock_open(alarm_id: int, *kinds: AlarmKind) -> Alarm | None:
    """Lock the alarm. Returns None if it is closed or of another kind."""
    return Alarm.objects.select_for_update().filter(pk=alarm_id, kind__in=kinds, closed_at=None).first()


def _undecided_published(alarm: Alarm) -> SignatureQuerySet:
    """Return the published signatures of an alarm on which no organizer has decided."""
    return transitions.undecided(signatures_of(alarm).filter(state=State.PUBLISHED))
