"""How many signatures a partner has brought, in figures that tell nothing about one person.

Every figure is rounded down to tens by itself, the sums too, and below ten is not told. So no difference of two figures
is one person, and a channel made for a few tells nothing of them.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Q

from signatories.models import Channel, Partner, Tally

FEWEST = 10


@dataclass(frozen=True)
class Row:
    """A channel in a week, or in all of them. `count` is rounded down to tens; None: fewer than ten."""

    channel: Channel
    count: int | None


@dataclass(frozen=True)
class Week:
    """A week, by its Monday, and its channels."""

    monday: date
    count: int | None
    rows: list[Row]


@dataclass(frozen=True)
class Numbers:
    """All of a partner: its sum, its channels, its weeks from the newest."""

    count: int | None
    rows: list[Row]
    weeks: list[Week]


def rounded(count: int) -> int | None:
    """Return a figure as it may be told."""
    return count - count % FEWEST if count >= FEWEST else None


def of_partner(partner: Partner) -> Numbers:
    """Return the numbers of a partner, as last folded: published signatures, by name and without."""
    channels = {channel.pk: channel for channel in partner.channels.order_by("slug")}
    by_week: dict[date, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    totals: dict[int, int] = defaultdict(int)
    for channel_id, monday, count in _counted(channels):
        by_week[monday][channel_id] += count
        totals[channel_id] += count
    return Numbers(
        count=rounded(sum(totals.values())),
        rows=[Row(channel, rounded(totals[pk])) for pk, channel in channels.items()],
        weeks=[
            Week(monday, rounded(sum(counts.values())), [Row(channels[pk], rounded(n)) for pk, n in counts.items()])
            for monday, counts in sorted(by_week.items(), reverse=True)
        ],
    )


def _counted(channels: dict[int, Channel]) -> list[tuple[int, date, int]]:
    """Return channel, Monday and count of each facet of these channels (see signatories/tally/services.py)."""
    of_these = reduce(or_, (Q(facet__startswith=f"channel:{pk}:") for pk in channels), Q(facet=""))
    found = []
    for facet, count in Tally.objects.filter(of_these, count__gt=0).values_list("facet", "count"):
        _kind, pk, week = facet.split(":")
        year, of_year = week.split("-W")
        found.append((int(pk), date.fromisocalendar(int(year), int(of_year), 1), count))
    return found
