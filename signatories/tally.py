"""The verbs of counting. Facets are written as deltas with each state change and folded by one job."""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Min

from signatories.models.signature import Signature, State
from signatories.models.tally import Tally, TallyDelta

logger = logging.getLogger(__name__)
_FOLD_LOCK = 0x7A11
TAKEN_OFF: tuple[str, ...] = (State.REJECTED, State.WITHDRAWN)

_FOLD = """
WITH taken AS (DELETE FROM signatories_tallydelta RETURNING facet, n),
     summed AS (SELECT facet, sum(n) AS n FROM taken GROUP BY facet)
INSERT INTO signatories_tally AS t (facet, count) SELECT facet, n FROM summed
ON CONFLICT (facet) DO UPDATE SET count = t.count + excluded.count
"""


@dataclass(frozen=True)
class Number:
    """The public number: published signatures by name and without, and the moment up to which it is complete."""

    named: int
    unnamed: int
    as_of: datetime

    @property
    def count(self) -> int:
        """All that count; held, rejected and withdrawn never do."""
        return self.named + self.unnamed


def facets(signature: Signature) -> list[str]:
    """The facets a signature is counted under in its state; a held one under none."""
    if signature.state != State.PUBLISHED:
        return [signature.state] if signature.state in TAKEN_OFF else []
    found = ["all", f"profession:{signature.profession}", f"language:{signature.language}"]
    if signature.country:
        found.append(f"country:{signature.country.code}")
    if signature.published_at:
        found.append(f"day:{signature.published_at:%Y-%m-%d}")
    if signature.named:
        found += ["named", f"letter:{signature.letter}"]
    return found


def record(signature: Signature, n: int) -> None:
    """Count `signature` in (+1) or out (-1), as it is in its state. To be called in the transaction of its change."""
    record_all([signature], n)


def record_all(signatures: Iterable[Signature], n: int) -> None:
    """The same for many at once."""
    total: Counter[str] = Counter()
    for signature in signatures:
        total.update(facets(signature))
    TallyDelta.objects.bulk_create([TallyDelta(facet=facet, n=n * times) for facet, times in total.items()])


def fold() -> bool:
    """Fold the deltas into the tally; False if another process is at it. Exact under any order of commits."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(_FOLD)
        return True


def number(now: datetime) -> Number:
    """The public number as last folded. `as_of` is now, or the moment of the oldest change not yet folded in."""
    counts = dict(Tally.objects.filter(facet__in=["all", "named"]).values_list("facet", "count"))
    waiting = TallyDelta.objects.aggregate(oldest=Min("created_at"))["oldest"]
    named = counts.get("named", 0)
    return Number(named=named, unnamed=counts.get("all", 0) - named, as_of=min(waiting or now, now))


def taken_off() -> dict[str, int]:
    """How many confirmed signatures are now `rejected` or `withdrawn`: told beside the number."""
    return dict.fromkeys(TAKEN_OFF, 0) | dict(Tally.objects.filter(facet__in=TAKEN_OFF).values_list("facet", "count"))


def by_prefix(prefix: str) -> dict[str, int]:
    """The counts of the facets `prefix:…`, largest first, without the empty ones."""
    rows = Tally.objects.filter(facet__startswith=f"{prefix}:", count__gt=0).order_by("-count", "facet")
    return {row.facet.partition(":")[2]: row.count for row in rows}


def repair() -> dict[str, int]:
    """Compare with the truth and set it right; returns and loudly logs the drift by facet (counted minus true)."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Writers of deltas wait for these moments, so truth and tally are read at one point in time.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FOLD_LOCK])
        cursor.execute("LOCK TABLE signatories_tallydelta IN EXCLUSIVE MODE")
        cursor.execute(_FOLD)
        true: Counter[str] = Counter()
        for signature in Signature.objects.iterator():
            true.update(facets(signature))
        counted = Counter(dict(Tally.objects.values_list("facet", "count")))
        drift = {facet: counted[facet] - true[facet] for facet in counted | true if counted[facet] != true[facet]}
        Tally.objects.bulk_create(
            [Tally(facet=facet, count=true[facet]) for facet in drift],
            update_conflicts=True,
            update_fields=["count"],
            unique_fields=["facet"],
        )
    if drift:
        logger.error("tally drifted and was repaired: %s", drift)
    return drift
