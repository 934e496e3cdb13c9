"""What organizers do about an alarm. Each act leaves an Act."""

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
    """Somebody has looked. False if somebody had before."""
    with transaction.atomic():
        if not alerts.close(alarm_id=alarm_id, now=now):
            return False
        record_edit(organizer, f"alarm {alarm_id} looked at")
        return True


def people_of(alarm: Alarm) -> SignatureQuerySet:
    """Whose signatures an alarm is about, oldest first, as far as they are published or wait; none if it is about none.

    Of a domain or a mail server those who wait because of it, of a network all who have confirmed from an hour before
    the alarm on.
    """
    live = Signature.objects.filter(state__in=[State.PUBLISHED, State.HELD]).order_by("confirmed_at", "pk")
    if alarm.kind == AlarmKind.DOMAIN:
        of_domain = live.filter(domain__in=domains.together(alarm.subject), state=State.HELD)
        return of_domain.filter(held_for__contains=[holds.DOMAIN])
    if alarm.kind == AlarmKind.NETWORK:
        return live.filter(pk__in=_forms_of(alarm).exclude(signature=None).values("signature"))
    return live.none()


def _forms_of(alarm: Alarm) -> QuerySet[Signup]:
    since = alarm.raised_at - alerts.HOUR
    return Signup.objects.filter(network=bytes.fromhex(alarm.subject), created_at__gt=since)


def domain_is_known(*, alarm_id: int, organizer: AbstractBaseUser, now: datetime) -> int | None:
    """The domain or mail server of an alarm is one of ours: list it, and publish who waits for nothing else.

    Who waits for the rush too waits for that alone from now on. Returns how many were published; None if somebody has
    closed the alarm, or it is about no domain.
    """
    with transaction.atomic():
        alarm = _open(alarm_id, AlarmKind.DOMAIN)
        if alarm is None:
            return None
        close_alarm(alarm_id=alarm_id, organizer=organizer, now=now)
        waiting = people_of(alarm)
        keys = list(waiting.filter(held_for=[holds.DOMAIN]).values_list("pk", flat=True))
        waiting.exclude(pk__in=keys).order_by().update(held_for=transitions.without_hold_reason(holds.DOMAIN))
        is_server = MailServer.objects.filter(server=alarm.subject).exclude(domain=alarm.subject).exists()
        kind = ListKind.SERVER if is_server else ListKind.DOMAIN
        rules.put_on_list(kind=kind, value=alarm.subject, note="", organizer=organizer)
    reason = f"People of {alarm.subject}, which is known to us."
    return len(transitions.move(keys, Verb.PUBLISH, by=by_organizer(organizer, reason), now=now))


def hold_all(*, alarm_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> int | None:
    """Let everybody of the network of an alarm wait for a person, who is still to confirm too; the alarm stays open.

    Returns how many were published before. None if somebody has closed the alarm, or it is about no network.
    """
    with transaction.atomic():
        alarm = _open(alarm_id, AlarmKind.NETWORK)
        if alarm is None:
            return None
        _forms_of(alarm).filter(signature=None).update(held_for=transitions.with_hold_reason(holds.ORGANIZER))
        transitions.keep_waiting(people_of(alarm).order_by())
        keys = list(_published(alarm).values_list("pk", flat=True))
    return len(transitions.move(keys, Verb.HOLD, by=by_organizer(organizer, reason), now=now))


def reject_all(*, alarm_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> int | None:
    """Reject everyone an alarm is about who waits, or is published by no organizer; reversible one by one.

    Returns how many. None if somebody has closed the alarm, or it is about nobody.
    """
    with transaction.atomic():
        alarm = _open(alarm_id, AlarmKind.DOMAIN, AlarmKind.NETWORK)
        if alarm is None:
            return None
        close_alarm(alarm_id=alarm_id, organizer=organizer, now=now)
        waiting = people_of(alarm).filter(state=State.HELD)
        keys = [pk for found in (waiting, _published(alarm)) for pk in found.values_list("pk", flat=True)]
    return len(transitions.move(keys, Verb.REJECT, by=by_organizer(organizer, reason), now=now))


def _open(alarm_id: int, *kinds: AlarmKind) -> Alarm | None:
    """The alarm, locked; None if somebody has looked, or it is of another kind."""
    return Alarm.objects.select_for_update().filter(pk=alarm_id, kind__in=kinds, closed_at=None).first()


def _published(alarm: Alarm) -> SignatureQuerySet:
    """Those an alarm is about who are published, by no organizer."""
    return transitions.undecided(people_of(alarm).filter(state=State.PUBLISHED))
