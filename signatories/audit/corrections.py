"""The public log of corrections: sums by the week, counted once while the acts are sealed.

Sums only: no name, no number, and no reason that explains to a stranger why one person has left. So a reason is told
for whole weeks that are over (`week_of`), and only of ten people or more (`tell`): two looks before and after somebody
has left differ by the number alone. What else is told of people who are not shown follows the same two rules: see
signatories/listing/explained.py.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db import connection
from django.db.models import Sum

from signatories.models.profession import GroupKind
from signatories.models.public_change import ChangeKind, ChangeReason, PublicChange

FEWEST = 10  # a reason that fewer people had is told together with others
WEEKS_SHOWN = 53
# After midnight from Sunday to Monday the jobs seal and fold for this long what happened before it.
SETTLES = timedelta(minutes=10)

# What an act did to the public list of people: groups are counted apart, and not here. Acts that look, send or feature
# leave it as it is.
_COUNT = """
INSERT INTO signatories_publicchange AS stored (week, kind, reason, count)
SELECT date_trunc('week', acted_at AT TIME ZONE 'UTC')::date, kind, reason, count(*) FROM (
    SELECT act.acted_at, CASE
        WHEN act.before = act.after THEN 'corrected'
        WHEN act.after <> 'published' THEN 'taken_off'
        WHEN act.verb = 'restore' OR earlier.published THEN 'put_back'
        ELSE 'added' END AS kind, CASE
        WHEN act.verb = 'restore' AND earlier.merged THEN 'merged'
        WHEN act.before = act.after OR act.after = 'published' THEN ''
        WHEN act.verb = 'withdraw' THEN 'asked'
        WHEN act.verb = 'reject' THEN 'refused'
        WHEN act.verb = 'merge' THEN 'merged'
        WHEN act.actor = 'rule' THEN 'rush'
        ELSE 'checked' END AS reason
    FROM signatories_act AS act LEFT JOIN LATERAL (
        SELECT bool_or(past.after = 'published') AS published, 'merge' = (
            array_agg(past.verb ORDER BY past.id DESC) FILTER (WHERE past.after = 'withdrawn'))[1] AS merged
        FROM signatories_act AS past
        WHERE act.verb IN ('publish', 'restore') AND past.signature_id = act.signature_id AND past.id < act.id
    ) AS earlier ON true
    WHERE act.id = ANY(%s)
        AND NOT EXISTS (SELECT FROM signatories_signature AS s WHERE s.id = act.signature_id AND s.profession = ANY(%s))
        AND 'published' IN (act.before, act.after)
        AND (act.before <> act.after OR act.verb IN ('correct', 'show', 'hide'))
) AS told GROUP BY 1, 2, 3
ON CONFLICT (week, kind, reason) DO UPDATE SET count = stored.count + excluded.count
"""


def count(acts: Sequence[int]) -> None:
    """Add acts to the sums. To be called once for each act, in the transaction that seals it."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(acts), GroupKind.values])


class Week(NamedTuple):
    """What happened from Monday on; `reasons` tell why people were taken off, once the week is over."""

    monday: date
    added: int
    taken_off: int
    put_back: int
    corrected: int
    reasons: dict[ChangeReason, int]

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)


def week_of(now: datetime) -> date:
    """Return the Monday (UTC) that ended the last complete week; what happened before it is told, by reason, too."""
    day = (now - SETTLES).astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def weeks(now: datetime, before: date | None = None, most: int | None = WEEKS_SHOWN) -> list[Week]:
    """Return the weeks in which something happened, newest first, so many at most."""
    rows = PublicChange.objects.filter(week__lt=before) if before else PublicChange.objects.all()
    mondays = rows.order_by("-week").values_list("week", flat=True).distinct()[:most]
    found = PublicChange.objects.filter(week__in=list(mondays)).order_by("-week")
    return [_week(monday, list(group), week_of(now)) for monday, group in groupby(found, key=lambda row: row.week)]


def _week(monday: date, rows: Sequence[PublicChange], this: date) -> Week:
    sums, reasons = Counter[str](), Counter[str]()
    for row in rows:
        sums[row.kind] += row.count
        if row.kind == ChangeKind.TAKEN_OFF and monday < this:
            reasons[row.reason] += row.count
    told = {ChangeReason(reason): count for reason, count in tell(reasons).items()}
    return Week(monday, **{kind: sums[kind] for kind in ChangeKind.values}, reasons=told)


def merged() -> int:
    """Return how many doubles are merged now."""
    of_merges = PublicChange.objects.filter(reason=ChangeReason.MERGED)
    sums = dict(of_merges.order_by().values_list("kind").annotate(Sum("count")))
    return int(sums.get(ChangeKind.TAKEN_OFF, 0)) - int(sums.get(ChangeKind.PUT_BACK, 0))


def tell(counts: Mapping[str, int], together: Collection[str] = ()) -> dict[str, int]:
    """Return the counts that may be told: those of fewer than FEWEST people and those `together` are one sum, "other".

    That sum has at least FEWEST people, too, or takes in the smallest that could be told alone; else a stranger who
    sees one person leave could tell why. Nothing is told where fewer than FEWEST left in all.
    """
    alone = {reason: count for reason, count in counts.items() if count >= FEWEST and reason not in together}
    shown = sorted(((count, reason) for reason, count in alone.items()), reverse=True)
    other = sum(counts.values()) - sum(count for count, _ in shown)
    while shown and 0 < other < FEWEST:
        other += shown.pop()[0]
    found = {reason: count for count, reason in shown}
    return found | ({str(ChangeReason.OTHER): other} if other >= FEWEST else {})
