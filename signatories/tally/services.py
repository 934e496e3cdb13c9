"""Services of the tally. Each state change writes deltas of facets; one job folds them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import connection, connections, transaction
from django.db.models import Q

from declaration.database import replica
from signatories.models.profession import GroupKind
from signatories.models.signature import Signature, State
from signatories.models.tally import Tally, TallyDelta
from signatories.tally import history

logger = logging.getLogger(__name__)
_FOLD_LOCK, _REPAIR_LOCK = 0x7A11, 0x7A12
TAKEN_OFF: tuple[str, ...] = (State.REJECTED, State.WITHDRAWN)

_FOLD = """
WITH taken AS (DELETE FROM signatories_tallydelta RETURNING facet, n),
     summed AS (SELECT facet, sum(n) AS n FROM taken GROUP BY facet)
INSERT INTO signatories_tally AS t (facet, count) SELECT facet, n FROM summed
ON CONFLICT (facet) DO UPDATE SET count = t.count + excluded.count
"""
_NUMBER = """
SELECT coalesce(max(count) FILTER (WHERE facet = 'all'), 0), coalesce(max(count) FILTER (WHERE facet = 'named'), 0),
    coalesce(max(count) FILTER (WHERE facet = 'groups'), 0), (SELECT min(created_at) FROM signatories_tallydelta)
FROM signatories_tally WHERE facet IN ('all', 'named', 'groups')
"""
# The facet that stores the last drift; it counts nobody.
KEPT = "drift"
# The same rule as `facets`, for all signatures at once; tests/tally/test_tally.py compares the two.
_TRUE = """
SELECT facet, count(*) AS n FROM signatories_signature AS s
CROSS JOIN LATERAL (SELECT CASE WHEN channel_id IS NULL OR published_at IS NULL THEN ARRAY[]::text[]
    ELSE ARRAY['channel:' || channel_id || ':' || to_char(published_at AT TIME ZONE 'UTC', 'IYYY-"W"IW')] END
    AS channel_) AS brought
CROSS JOIN LATERAL unnest(CASE
    WHEN profession = ANY (%(groups)s) AND state <> 'published' THEN ARRAY[]::text[]
    WHEN state IN ('rejected', 'withdrawn') THEN ARRAY[state::text]
    WHEN state <> 'published' THEN ARRAY[]::text[]
    WHEN profession = ANY (%(groups)s) THEN ARRAY['groups', 'group:' || profession, 'letter:' || letter]
    WHEN NOT named THEN ARRAY['all'] || channel_
    ELSE ARRAY['all', 'named', 'letter:' || letter, 'profession:' || profession, 'language:' || language]
        || CASE WHEN country <> '' THEN ARRAY['country:' || country] ELSE ARRAY[]::text[] END
        || CASE WHEN published_at IS NULL THEN ARRAY[]::text[]
                ELSE ARRAY['day:' || to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')] END
        || channel_
    END) AS facet GROUP BY facet
"""
_DRIFT = f"""
WITH counted AS (
    SELECT facet, sum(n) AS n FROM (
        SELECT facet, count AS n FROM signatories_tally WHERE facet <> %(kept)s
        UNION ALL SELECT facet, n FROM signatories_tallydelta) AS both_ GROUP BY facet),
truth AS ({_TRUE})
SELECT facet, coalesce(c.n, 0) - coalesce(t.n, 0) AS drift FROM counted AS c FULL JOIN truth AS t USING (facet)
WHERE coalesce(c.n, 0) <> coalesce(t.n, 0) ORDER BY facet
"""  # noqa: S608 - our own words


@dataclass(frozen=True)
class Number:
    """The public number: published signatures of people by name and without, and the moment up to which it is complete.

    Groups are counted apart: they are never added to people.
    """

    named: int
    unnamed: int
    as_of: datetime
    groups: int = 0

    @property
    def count(self) -> int:
        """Return the sum; held, rejected and withdrawn signatures never count."""
        return self.named + self.unnamed


# The columns that `facets` reads.
READ = ("state", "profession", "language", "country", "published_at", "named", "letter", "channel")


def facets(signature: Signature) -> list[str]:
    """Return the facets that count a signature in its state; a held one has none.

    Whoever is counted without a name is in `all` only, and in that of the channel, which is shown rounded. So each
    breakdown can be counted again from the public list, and no difference tells anything about the unnamed.
    """
    if signature.is_group:
        return _of_group(signature)
    if signature.state != State.PUBLISHED:
        return [signature.state] if signature.state in TAKEN_OFF else []
    brought = []
    if signature.channel_id and signature.published_at:
        brought.append(f"channel:{signature.channel_id}:{signature.published_at:%G-W%V}")
    if not signature.named:
        return ["all", *brought]
    found = ["all", "named", f"letter:{signature.letter}"]
    found += [f"profession:{signature.profession}", f"language:{signature.language}"]
    if signature.country:
        found.append(f"country:{signature.country.code}")
    if signature.published_at:
        found.append(f"day:{signature.published_at:%Y-%m-%d}")
    return found + brought


def _of_group(signature: Signature) -> list[str]:
    """The facets of a group: of those that count people only the letter, by which the list finds its pages."""
    if signature.state != State.PUBLISHED:
        return []
    return ["groups", f"group:{signature.profession}", f"letter:{signature.letter}"]


def add(counts: Mapping[str, int]) -> None:
    """Add to facets. Call it in the transaction of the counted change."""
    TallyDelta.objects.bulk_create([TallyDelta(facet=facet, n=n) for facet, n in counts.items() if n])


def fold() -> bool:
    """Fold the deltas into the tally; False if another process does so. Exact under any order of commits."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_FOLD_LOCK])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(_FOLD)
        if cursor.rowcount:
            history.note()
        return True


def number(now: datetime) -> Number:
    """Return the public number as last folded. `as_of` is now, or the moment of the oldest change not yet folded.

    It is one statement, so that no fold happens in between; the age of a replica is read before it.
    """
    as_of = replica.as_of(now)
    with connections[Tally.objects.db].cursor() as cursor:
        cursor.execute(_NUMBER)
        everyone, named, groups, waiting = cursor.fetchone()
    return Number(named=named, unnamed=everyone - named, as_of=min(waiting or as_of, as_of), groups=groups)


def taken_off() -> dict[str, int]:
    """Return how many confirmed signatures are now `rejected` or `withdrawn`; shown beside the number."""
    return dict.fromkeys(TAKEN_OFF, 0) | dict(Tally.objects.filter(facet__in=TAKEN_OFF).values_list("facet", "count"))


def by_prefix(prefix: str) -> dict[str, int]:
    """Return the counts of the facets `prefix:…`, largest first, without empty ones: of those listed by name."""
    return by_prefixes([prefix])[prefix]


def by_prefixes(prefixes: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the same for several, by their prefix, in one query."""
    of_these = reduce(or_, (Q(facet__startswith=f"{prefix}:") for prefix in prefixes))
    found: dict[str, dict[str, int]] = {prefix: {} for prefix in prefixes}
    for row in Tally.objects.filter(of_these, count__gt=0).order_by("-count", "facet"):
        prefix, _colon, value = row.facet.partition(":")
        found[prefix][value] = row.count
    return found


def repair() -> dict[str, int]:
    """Compare with the signatures and correct the tally; returns and logs (as error) the drift by facet (tally - true).

    No signer waits for it: a change and its deltas commit together, so the one comparing statement sees both or
    neither. Corrections are written as deltas, like any change; a second repair waits before it compares, and so sees
    them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REPAIR_LOCK])
        cursor.execute(_DRIFT, {"kept": KEPT, "groups": GroupKind.values})
        drift = {facet: int(n) for facet, n in cursor.fetchall()}
        TallyDelta.objects.bulk_create([TallyDelta(facet=facet, n=-n) for facet, n in drift.items()])
        _store_drift(sum(map(abs, drift.values())))
    fold()
    if drift:
        logger.error("tally drifted and was repaired: %s", drift)
    return drift


def _store_drift(drift: int) -> None:
    if drift != last_drift():
        Tally.objects.update_or_create(facet=KEPT, defaults={"count": drift})


def last_drift() -> int:
    """Return the drift of the tally at the last repair, summed over all facets."""
    return Tally.objects.filter(facet=KEPT).values_list("count", flat=True).first() or 0
