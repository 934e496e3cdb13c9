"""Figures by the hour for the desk: how many asked, were mailed, confirmed, and were first published.

A job counts the hour that runs and the one before it. What was counted stays: a signup that is purged or erased later
takes nothing away from an hour that is over. So a count never falls.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Sum
from django.db.models.functions import TruncDate

from signatories.models.figures import HourlyFigure, What

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS, DAYS = 24, 30  # that are shown
DOMAINS_KEPT = 20  # mail domains that are counted apart, the largest of each hour
FEWEST = 5  # a domain from which fewer asked is not shown by its name: it may be the name of a person
LATE = 2 * DAY  # a mail that is sent this long after it was asked for is not counted: it would need an index
COUNT_LOCK = 0x7A13
# Every change of a signature moves `changed_at` forward, so what was confirmed or published since then was changed
# since then, too: that column has an index.
_COUNT = f"""
WITH event AS (
    SELECT date_trunc('hour', created_at, 'UTC') AS hour, 'asked' AS what, domain AS key
    FROM signatories_signup WHERE created_at >= %(since)s AND NOT rehearsal
    UNION ALL
    SELECT date_trunc('hour', sent_at, 'UTC'), 'mailed', domain
    FROM signatories_signup WHERE created_at >= %(asked_since)s AND sent_at >= %(since)s AND NOT rehearsal
    UNION ALL
    SELECT date_trunc('hour', confirmed_at, 'UTC'), 'confirmed', domain
    FROM signatories_signature WHERE changed_at >= %(since)s AND confirmed_at >= %(since)s
    UNION ALL
    SELECT date_trunc('hour', published_at, 'UTC'), 'published', domain
    FROM signatories_signature WHERE changed_at >= %(since)s AND published_at >= %(since)s
), counted AS (SELECT hour, what, key, count(*) AS n FROM event GROUP BY hour, what, key),
ranked AS (
    SELECT hour, key, row_number() OVER (PARTITION BY hour ORDER BY sum(n) DESC, key) AS place
    FROM counted WHERE key <> '' GROUP BY hour, key
)
INSERT INTO signatories_hourlyfigure AS f (hour, what, key, count)
SELECT hour, what, '', sum(n) FROM counted GROUP BY hour, what
UNION ALL
SELECT hour, what, key, n FROM counted JOIN ranked USING (hour, key) WHERE place <= {DOMAINS_KEPT}
ON CONFLICT (key, hour, what) DO UPDATE SET count = excluded.count WHERE f.count < excluded.count
"""  # noqa: S608 - our own words

type Counts = Mapping[str, int]


@dataclass(frozen=True)
class Times[Moment]:
    """What happened at each moment, oldest first, without gaps; a moment at which nothing happened counts 0."""

    moments: list[tuple[Moment, Counts]] = field(default_factory=list)

    def total(self, what: What) -> int:
        """Return the sum over all moments."""
        return sum(counts.get(what, 0) for _moment, counts in self.moments)


def count(now: datetime) -> bool:
    """Count the hour of `now` and the one before; after a pause, all since the last that was counted.

    Returns False if another process does so. Safe to repeat.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [COUNT_LOCK])
        if not cursor.fetchone()[0]:
            return False
        since = _since(now)
        cursor.execute(_COUNT, {"since": since, "asked_since": since - LATE})
        return True


def _since(now: datetime) -> datetime:
    """Return the hour from which on to count: not one of which signups may be purged already."""
    last = HourlyFigure.objects.aggregate(last=Max("hour"))["last"]
    oldest = full_hour(now) - timedelta(days=settings.LINK_DAYS) + HOUR
    before = full_hour(now) - HOUR
    return max(min(last, before), oldest) if last else oldest


def full_hour(moment: datetime) -> datetime:
    """Return the beginning of the hour (UTC)."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def by_hour(now: datetime) -> Times[datetime]:
    """Return the last 24 hours, of which the last one has only begun."""
    first = full_hour(now) - (HOURS - 1) * HOUR
    rows = HourlyFigure.objects.filter(key="", hour__gte=first).values_list("hour", "what", "count")
    return Times(list(_filled([first + n * HOUR for n in range(HOURS)], rows)))


def by_day(now: datetime) -> Times[date]:
    """Return the last 30 days (UTC), of which the last one is today."""
    first = now.astimezone(UTC).date() - (DAYS - 1) * DAY
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    rows = (
        HourlyFigure.objects.filter(key="", hour__gte=begin)
        .values_list(TruncDate("hour", tzinfo=UTC), "what")
        .annotate(total=Sum("count"))
    )
    return Times(list(_filled([first + n * DAY for n in range(DAYS)], rows.order_by())))


def by_domain(now: datetime, most: int) -> list[tuple[str, Counts]]:
    """Return the mail domains from which the most asked in the last 24 hours, and under "" all others together."""
    first = full_hour(now) - (HOURS - 1) * HOUR
    totals: dict[str, int] = dict.fromkeys(What.values, 0)
    found: dict[str, dict[str, int]] = {}
    rows = HourlyFigure.objects.filter(hour__gte=first).exclude(key="").values_list("key", "what")
    for key, what, total in rows.annotate(total=Sum("count")).order_by():
        found.setdefault(key, dict.fromkeys(What.values, 0))[what] = total
    for what, total in _totals(first):
        totals[what] = total
    largest = sorted(found.items(), key=lambda item: (-item[1][What.ASKED], item[0]))[:most]
    shown: list[tuple[str, Counts]] = [(key, counts) for key, counts in largest if counts[What.ASKED] >= FEWEST]
    others = {what: total - sum(counts[what] for _key, counts in shown) for what, total in totals.items()}
    return [*shown, ("", others)] if any(others.values()) else shown


def _totals(first: datetime) -> Iterator[tuple[str, int]]:
    rows = HourlyFigure.objects.filter(key="", hour__gte=first).values_list("what")
    yield from rows.annotate(total=Sum("count")).order_by()


def _filled[Moment](moments: list[Moment], rows: object) -> Iterator[tuple[Moment, Counts]]:
    found: dict[Moment, dict[str, int]] = {}
    for moment, what, number in rows:  # type: ignore[attr-defined]
        found.setdefault(moment, {})[what] = number
    for moment in moments:
        yield moment, found.get(moment, {})
