"""Raises an alarm."""

from django.utils import timezone

from signatories.models import Alarm, Limits
from signatories.screening import alerts
from tests.people import signed_many, text


def alarm_about(domain: str, count: int = 12) -> Alarm:
    """An alarm because of so many of a domain."""
    text()
    Limits.objects.update_or_create(pk=1, defaults={"most_per_domain": 2, "alarm_per_domain": count})
    signed_many(domain, count)
    (alarm,) = alerts.raise_alarms(timezone.now())
    return alarm
