"""The figures of the page "How we verify": counted by a job, so that no request counts.

They tell about people who are not shown, too. Were they live, two looks around one person would tell what that one did:
see signatories/listing/explained.py.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Max, Q, Value

from signatories.listing import explained
from signatories.models import Figures, Signature, Signup
from signatories.models.profession import GroupKind
from signatories.models.signature import State
from signatories.tally import services as tally

DOMAINS = 5  # the largest mail domains
FEWEST = 10  # a domain of fewer people is not told


def measure(now: datetime) -> None:
    """If it is time, count everything, and store it in the place of what was counted before."""
    before, number = latest(), tally.number(now)
    if explained.is_due(now, before, number):
        Figures.objects.update_or_create(pk=1, defaults={"as_of": now, "found": _figures(now, before, number)})


def latest() -> Figures | None:
    """Return what was counted last; None before the first time."""
    return Figures.objects.filter(pk=1).first()


def _figures(now: datetime, before: Figures | None, number: tally.Number) -> dict[str, Any]:
    """Return the figures; times in seconds. Who left is told by reason as the log of corrections tells it."""
    return {
        **explained.count(number, before),
        **_asked(now),
        "domains": _domains(number),
        **_queue(now),
        **_numbers(number),
    }


def _asked(now: datetime) -> dict[str, Any]:
    """Return how many people asked to sign in the last LINK_DAYS, and how many of them have confirmed."""
    recent = Signup.objects.filter(created_at__gt=now - timedelta(days=settings.LINK_DAYS), rehearsal=False)
    recent = recent.exclude(profession__in=GroupKind.values)
    return recent.aggregate(asked=Count("pk"), asked_confirmed=Count("pk", filter=Q(confirmed_at__isnull=False)))


def _domains(number: tally.Number) -> list[tuple[str, float]]:
    """Return the largest mail domains of those listed by name, with their share."""
    found = (
        Signature.objects.public()
        .people()
        .values_list("domain")
        .annotate(people=Count("pk"))
        .order_by("-people", "domain")
    )
    return [(domain, people / number.named) for domain, people in found[:DOMAINS] if people >= FEWEST and domain]


def _queue(now: datetime) -> dict[str, Any]:
    """Return how long the oldest that is held has waited, and how long all have on average."""
    waited = ExpressionWrapper(Value(now) - F("confirmed_at"), DurationField())
    found = Signature.objects.filter(state=State.HELD).aggregate(longest_wait=Max(waited), average_wait=Avg(waited))
    return {name: wait.total_seconds() if wait else 0 for name, wait in found.items()}


def _numbers(number: tally.Number) -> dict[str, int]:
    """Return the highest number on the list, and how many numbers up to it show nobody."""
    highest = Signature.objects.public().aggregate(highest=Max("number"))["highest"] or 0
    return {"highest": highest, "gaps": max(highest - number.named - number.groups, 0)}
