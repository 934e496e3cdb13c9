"""Organizers who look at many mail addresses in a day (UTC): their account may be in other hands."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count
from django.db.models.functions import TruncDate

from signatories.models import Act
from signatories.models.act import Verb

MOST_A_DAY = 20


class ManyLooks(NamedTuple):
    """An organizer's account, the day, and how often it looked; nothing about the signers."""

    organizer_id: int
    name: str
    day: str
    times: int


def many(now: datetime) -> Iterator[ManyLooks]:
    """Yield who has looked at more than MOST_A_DAY addresses today, or yesterday in the last minute of the day."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    looks = Act.objects.filter(verb=Verb.REVEAL, acted_at__gte=since).exclude(organizer=None).order_by()
    days = looks.values("organizer", "organizer__username", day=TruncDate("acted_at")).annotate(count=Count("pk"))
    for row in days.filter(count__gt=MOST_A_DAY):
        yield ManyLooks(row["organizer"], row["organizer__username"], f"{row['day']:%Y-%m-%d}", row["count"])
