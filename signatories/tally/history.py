"""The history of the public number: what it was at the end of each hour. It is never counted again.

A number that was shown is a fact, and stays when people leave later. So nobody can learn from an old day who of it has
left since; and the difference between two hours tells no more than looking at the page twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from signatories.models.profession import GroupKind
from signatories.models.tally import TallyHistory

_NOTE = """
INSERT INTO signatories_tallyhistory AS h (hour, count, named)
SELECT date_trunc('hour', now(), 'UTC'), coalesce(max(count) FILTER (WHERE facet = 'all'), 0),
    coalesce(max(count) FILTER (WHERE facet = 'named'), 0)
FROM signatories_tally WHERE facet IN ('all', 'named')
ON CONFLICT (hour) DO UPDATE SET count = excluded.count, named = excluded.named
WHERE (h.count, h.named) IS DISTINCT FROM (excluded.count, excluded.named)
"""
_COUNT_BACK = """
INSERT INTO signatories_tallyhistory (hour, count, named)
SELECT hour, sum(sum(1)) OVER (ORDER BY hour), sum(count(*) FILTER (WHERE named)) OVER (ORDER BY hour)
FROM (SELECT date_trunc('hour', published_at, 'UTC') AS hour, named FROM signatories_signature
      WHERE state = 'published' AND profession <> ALL (%s)) AS signature
GROUP BY hour
ON CONFLICT (hour) DO UPDATE SET count = excluded.count, named = excluded.named
"""


@dataclass(frozen=True)
class Step:
    """The number at the end of an hour."""

    hour: datetime
    count: int
    named: int


@dataclass(frozen=True)
class Day:
    """The public number at the end of a day (UTC), of today as it is now: all, and those by name."""

    day: date
    count: int
    named: int


def note() -> None:
    """Note the number of this hour. Call it in the transaction that has changed it."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE)


def count_back() -> None:
    """Count the history from the moments of publication, for signatures that came in with moments of the past."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_BACK, [GroupKind.values])


def hours(since: datetime | None = None) -> list[Step]:
    """Return the hours in which the number changed, oldest first."""
    found = TallyHistory.objects.order_by("hour")
    if since:
        found = found.filter(hour__gte=since)
    return [Step(*row) for row in found.values_list("hour", "count", "named")]


def days(now: datetime) -> list[Day]:
    """Return each day from the first signature to today; a day without change repeats the one before."""
    last = {step.hour.astimezone(UTC).date(): step for step in hours()}
    return list(_filled(last, now.astimezone(UTC).date()))


def _filled(last: dict[date, Step], today: date) -> Iterator[Day]:
    if not last:
        return
    day, step = min(last), last[min(last)]
    while day <= today:
        step = last.get(day, step)
        yield Day(day, step.count, step.named)
        day += timedelta(days=1)
