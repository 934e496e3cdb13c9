"""The order of the queue: how much harm a signature of those who wait could do, and who waits nearly too long."""

from datetime import datetime, timedelta

from django.db.models import Case, CharField, DateTimeField, F, Func, IntegerField, Q, Value, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Concat

from signatories.models import settings as site
from signatories.models.signature import LOOKS_LIKE, SignatureQuerySet
from signatories.screening import holds

URGENT_SHARE = 0.5  # of the hours after which a wait raises an alarm: then somebody is urgent
# The first line that fits counts. An invented celebrity on the list does the most harm; a rush alone does none.
RISKS: tuple[tuple[str, int], ...] = (
    (LOOKS_LIKE, 90),
    (holds.REPRESENTED, 80),
    (holds.GROUP, 70),
    (holds.RENAMED, 60),
    (holds.DISPOSABLE, 50),
    (holds.RULE, 45),
    (holds.DOMAIN, 40),
    (holds.SECOND, 30),
    (holds.ORGANIZER, 20),
    (holds.REVIEW, 15),
    (holds.UNSOLVED, 10),
    (holds.CROWD, 5),
)
# The reasons of a row as one text, each with a bar before it.
_CODES = Concat(Value("|"), Func(F("held_for"), Value("|"), function="array_to_string", output_field=CharField()))


def ranked(held: SignatureQuerySet, now: datetime) -> SignatureQuerySet:
    """Add `urgent` (1 or 0) and `risk` to those who wait."""
    risks = [When(codes__contains=f"|{code}", then=Value(weight)) for code, weight in RISKS]
    urgent = When(confirmed_at__lt=urgent_since(now), then=Value(1))
    return held.alias(codes=_CODES).annotate(
        urgent=Case(urgent, default=Value(0), output_field=IntegerField()),
        risk=Case(*risks, default=Value(0), output_field=IntegerField()),
    )


def urgent_since(now: datetime) -> datetime:
    """Return the moment before which somebody who waits is urgent."""
    return now - URGENT_SHARE * timedelta(hours=site.current(now).alarm_held_hours)


def place() -> CombinedExpression:
    """Return where somebody stands in the queue, of those who are ranked: the smallest first."""
    return Value(-1000) * F("urgent") - F("risk")


def nowhere() -> Value:
    """Return the same place for all, where the order goes by time alone."""
    return Value(0, IntegerField())


def backwards(column: str, now: datetime) -> CombinedExpression:
    """Return how long ago a moment was: the newest come first by it."""
    return Value(now, DateTimeField()) - F(column)


def held_for(held: SignatureQuerySet, code: str) -> SignatureQuerySet:
    """Filter those who wait for a reason; codes that name something besides are told by their beginning."""
    if code in (LOOKS_LIKE, holds.RULE):
        return held.alias(codes=_CODES).filter(codes__contains=f"|{code}")
    return held.filter(Q(held_for__contains=[code]))
