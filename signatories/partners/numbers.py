"""How many signatures a partner has brought, in figures that tell nothing about one person.

Every figure is rounded down to tens by itself, the sums too, and below ten is not told. So no difference of two figures
is one person, and a channel made for a few tells nothing of them. Which figures there are follows from the channels and
from the time that has passed, never from who came: whether nobody or nine did, pages and files are the same.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from signatories.models import Channel, Closing, Partner, Tally
from signatories.models.partner import INVITED

FEWEST = 10
WEEKS_SHOWN = 26  # on a page; the file has all
_WEEK = timedelta(days=7)

type _Counts = Counter[tuple[int | None, date]]  # by channel and Monday


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

    def staying(self) -> set[int]:
        """The channels that cannot be removed any more, as their figures tell."""
        return {row.channel.pk for row in self.rows if row.count}

    def newest_weeks(self) -> list[Week]:
        """The weeks that a page shows."""
        return self.weeks[:WEEKS_SHOWN]


def rounded(count: int) -> int | None:
    """Return a figure as it may be told."""
    return count - count % FEWEST if count >= FEWEST else None


def of_partner(partner: Partner, now: datetime) -> Numbers:
    """Return the numbers of a partner, as last folded: published signatures, by name and without.

    The sums hold those who came by channels that were removed, too.
    """
    counts = _counted(partner.channels.values_list("pk", flat=True))
    of_channels, of_weeks = Counter[int | None](), Counter[date]()
    for (pk, monday), count in counts.items():
        of_channels[pk] += count
        of_weeks[monday] += count
    listed = _listed(partner)
    return Numbers(
        count=rounded(counts.total()),
        rows=[Row(channel, rounded(of_channels[channel.pk])) for channel in listed],
        weeks=[
            Week(monday, rounded(of_weeks[monday]), [Row(one, rounded(counts[one.pk, monday])) for one in listed])
            for monday in sorted(_mondays(partner, now) | _told(of_weeks), reverse=True)
        ],
    )


def of_channel(channel: Channel) -> int | None:
    """Return how many came by a channel, as it may be told."""
    return rounded(_counted([channel.pk]).total())


def _listed(partner: Partner) -> list[Channel]:
    """The channels with a line of their own.

    That of invitations stands there from the right to hand names over on. Its row, which the first signature makes
    where there is none, does not matter.
    """
    found = {channel.slug: channel for channel in partner.channels.kept().exclude(slug=INVITED)}
    if hasattr(partner, "gathering"):
        stored = partner.channels.filter(slug=INVITED).first()
        found[INVITED] = stored or Channel(partner=partner, slug=INVITED, name="Invitations")
    return [found[slug] for slug in sorted(found)]


def _mondays(partner: Partner, now: datetime) -> set[date]:
    """The Mondays from the week in which a partner came until now, or until people could confirm by its links."""
    end = Closing.current().end
    ends = [partner.ended_at or now, end.confirming_until if end else now]
    first, last = _monday(partner.created_at.date()), _monday(min(now, *ends).date())
    return {first + n * _WEEK for n in range((last - first) // _WEEK + 1)}


def _told(of_weeks: Counter[date]) -> set[date]:
    """The Mondays of weeks with a sum that is told, whenever they were: a decision at the desk can come late."""
    return {monday for monday, count in of_weeks.items() if rounded(count) is not None}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _counted(channels: Iterable[int]) -> _Counts:
    """Return the counts of these channels, from their facets (see signatories/tally/services.py)."""
    of_these = reduce(or_, (Q(facet__startswith=f"channel:{pk}:") for pk in channels), Q(facet=""))
    found: _Counts = Counter()
    for facet, count in Tally.objects.filter(of_these, count__gt=0).values_list("facet", "count"):
        _kind, pk, week = facet.split(":")
        year, of_year = week.split("-W")
        found[int(pk), date.fromisocalendar(int(year), int(of_year), 1)] += count
    return found
