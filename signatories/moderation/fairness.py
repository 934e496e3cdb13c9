"""What organizers set about the rush: limits, lists of networks and domains; answering alarms. Each leaves an Act."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from signatories import holds
from signatories.models import Act, Alarm, Limits, Listed, Signature
from signatories.models.act import Verb
from signatories.models.alarm import AlarmKind
from signatories.models.fairness import ListKind
from signatories.models.signature import State
from signatories.moderation import services, watching
from signatories.signing.limits import forget_rules


def set_limits(*, limits: Mapping[str, int | bool], organizer: AbstractBaseUser) -> bool:
    """Store the limits. False if they were so before."""
    with transaction.atomic():
        before = Limits.current()
        changed = {name: value for name, value in limits.items() if getattr(before, name) != value}
        if not changed:
            return False
        Limits.objects.update_or_create(pk=1, defaults=dict(limits))
        _record(organizer, "limits: " + ", ".join(f"{name} {value}" for name, value in changed.items()))
    forget_rules()
    return True


def put_on_list(*, kind: str, value: str, note: str, organizer: AbstractBaseUser) -> Listed:
    """List a network or a domain; listed before, only the note is changed."""
    with transaction.atomic():
        row, new = Listed.objects.update_or_create(kind=kind, value=value, defaults={"note": note})
        _record(organizer, f"{ListKind(kind).label} {value} {'listed' if new else 'noted'}")
    forget_rules()
    return row


def take_off_list(*, listed_id: int, organizer: AbstractBaseUser) -> bool:
    """List it no longer. False if it was not listed."""
    with transaction.atomic():
        row = Listed.objects.select_for_update().filter(pk=listed_id).first()
        if row is None:
            return False
        row.delete()
        _record(organizer, f"{ListKind(row.kind).label} {row.value} no longer listed")
    forget_rules()
    return True


def close_alarm(*, alarm_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Somebody has looked. False if somebody had before."""
    with transaction.atomic():
        if not watching.close(alarm_id=alarm_id, now=now):
            return False
        _record(organizer, f"alarm {alarm_id} looked at")
        return True


def domain_is_known(*, alarm_id: int, organizer: AbstractBaseUser, now: datetime) -> int | None:
    """The domain of an alarm is one of ours: list it, and publish who waits for nothing else; returns how many.

    None if somebody has closed the alarm, or it is about no domain.
    """
    with transaction.atomic():
        alarm = Alarm.objects.select_for_update().filter(pk=alarm_id, kind=AlarmKind.DOMAIN, closed_at=None).first()
        if alarm is None:
            return None
        put_on_list(kind=ListKind.DOMAIN, value=alarm.subject, note="", organizer=organizer)
        close_alarm(alarm_id=alarm_id, organizer=organizer, now=now)
        waiting = Signature.objects.filter(state=State.HELD, domain=alarm.subject, held_for=[holds.DOMAIN])
        keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    reason = f"People of {alarm.subject}, which is known to us."
    return sum(services.publish(signature_id=pk, organizer=organizer, reason=reason, now=now) for pk in keys)


def reject_burst(*, alarm_id: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> int | None:
    """Reject everyone who waits because of the domain of an alarm; reversible one by one. Returns how many.

    None if somebody has closed the alarm, or it is about no domain.
    """
    with transaction.atomic():
        alarm = Alarm.objects.select_for_update().filter(pk=alarm_id, kind=AlarmKind.DOMAIN, closed_at=None).first()
        if alarm is None:
            return None
        close_alarm(alarm_id=alarm_id, organizer=organizer, now=now)
        waiting = Signature.objects.filter(state=State.HELD, domain=alarm.subject, held_for__contains=[holds.DOMAIN])
        keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    return sum(services.reject(signature_id=pk, organizer=organizer, reason=reason, now=now) for pk in keys)


def waiting_of(alarm: Alarm) -> int:
    """How many wait because of the domain of an alarm."""
    found = Signature.objects.filter(state=State.HELD, domain=alarm.subject, held_for__contains=[holds.DOMAIN])
    return found.count() if alarm.kind == AlarmKind.DOMAIN else 0


def _record(organizer: AbstractBaseUser, what: str) -> None:
    Act.objects.create(verb=Verb.EDIT, organizer_id=organizer.pk, reason=what)
