"""The job that finds groups of signatures with one name and profession, and says how likely they are one person's.

A request that compares a whole list takes seconds, so it is done here: every few seconds for what was changed since.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from itertools import combinations
from typing import NamedTuple

from django.db import connection, transaction

from signatories.models import DuplicateGroup, DuplicateSearch, KnownDistinct, Listed, Signature
from signatories.models.duplicate import lock_search
from signatories.models.limits import ListKind
from signatories.models.signature import IN_FLIGHT

MOST_MEMBERS = 20  # of a group that are compared and shown; the earliest
_LOOKED_AT = 200  # of one name and profession
BATCH = 2000  # changed signatures that are looked at in one transaction
MINUTES, A_DAY = timedelta(minutes=10), timedelta(days=1)

type Key = tuple[str, str]


class Member(NamedTuple):
    """What is compared of a signature."""

    pk: int
    name: str
    country: str
    affiliation: str
    domain: str
    network: bytes
    signed_at: datetime


def look(now: datetime) -> int:
    """Look at what was changed since the last time; returns how many groups were written. Safe to repeat.

    The first time it looks at everything.
    """
    search = DuplicateSearch.objects.filter(pk=1).first()
    found = _changed_since(search.looked_until - IN_FLIGHT, now) if search else _everything()
    DuplicateSearch.objects.update_or_create(pk=1, defaults={"looked_until": now})
    return found


def _everything() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT skeleton, profession FROM signatories_signature WHERE state = 'published' AND skeleton <> ''"
            " GROUP BY skeleton, profession HAVING count(*) > 1"
        )
        keys = cursor.fetchall()
    return sum(refresh(keys[start : start + BATCH]) for start in range(0, len(keys), BATCH))


def _changed_since(since: datetime, now: datetime) -> int:
    """Look at the names of those changed since, and at the groups in which they stood until then."""
    found, changed = 0, Signature.objects.filter(changed_at__gte=since, changed_at__lte=now + IN_FLIGHT)
    place = 0
    while rows := list(changed.filter(pk__gt=place).order_by("pk").values_list("pk", "skeleton", "profession")[:BATCH]):
        place = rows[-1][0]
        left = DuplicateGroup.objects.filter(members__overlap=[pk for pk, *_key in rows])
        keys = {(skeleton, profession) for _pk, skeleton, profession in rows if skeleton}
        found += refresh(keys | set(left.values_list("skeleton", "profession")))
    return found


def refresh(keys: Collection[Key]) -> int:
    """Write the groups of these names and professions anew, or delete them; returns how many there are.

    Those whose name was deleted have no skeleton in common, but none.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        lock_search()
        groups = {key: members for key, members in _members(keys).items() if len(members) > 1}
        open_groups = _without_known(groups)
        cursor.execute(_DELETE, [*_columns(set(keys) - open_groups.keys())])
        providers = set(Listed.objects.filter(kind=ListKind.PROVIDER).values_list("value", flat=True))
        DuplicateGroup.objects.bulk_create(
            [
                DuplicateGroup(
                    skeleton=skeleton,
                    profession=profession,
                    members=[member.pk for member in members],
                    score=max(likeness(one, other, providers) for one, other in combinations(members, 2)),
                )
                for (skeleton, profession), members in open_groups.items()
            ],
            update_conflicts=True,
            unique_fields=["skeleton", "profession"],
            update_fields=["members", "score"],
        )
    return len(open_groups)


def likeness(one: Member, other: Member, providers: Set[str]) -> int:
    """How much two signatures of one name and profession have in common besides; a provider of mail says nothing."""
    apart = abs(one.signed_at - other.signed_at)
    return (
        (3 if apart <= MINUTES else 1 if apart <= A_DAY else 0)
        + 3 * (one.network == other.network and bool(one.network))
        + 3 * (one.affiliation.casefold() == other.affiliation.casefold() and bool(one.affiliation))
        + 2 * (one.domain == other.domain and one.domain not in providers)
        + (one.country == other.country and bool(one.country))
        + (one.name == other.name)
    )


_DELETE = """
DELETE FROM signatories_duplicategroup AS stored USING unnest(%s::text[], %s::text[]) AS gone(skeleton, profession)
WHERE stored.skeleton = gone.skeleton AND stored.profession = gone.profession
"""
_MEMBERS = """
SELECT found.skeleton, found.profession, found.id, found.name, found.country, found.affiliation, found.domain,
       coalesce((SELECT network FROM signatories_signup WHERE signature_id = found.id LIMIT 1), ''), found.signed_at
FROM unnest(%s::text[], %s::text[]) AS sought(skeleton, profession) CROSS JOIN LATERAL (
    SELECT * FROM signatories_signature
    WHERE state = 'published' AND skeleton <> '' AND skeleton = sought.skeleton AND profession = sought.profession
    ORDER BY id LIMIT %s
) AS found
"""


def _columns(keys: Iterable[Key]) -> tuple[list[str], list[str]]:
    every = list(keys)
    return [skeleton for skeleton, _profession in every], [profession for _skeleton, profession in every]


def _members(keys: Iterable[Key]) -> dict[Key, list[Member]]:
    """The counted signatures of each key, the earliest first."""
    found: dict[Key, list[Member]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [*_columns(keys), _LOOKED_AT])
        for skeleton, profession, *compared in cursor.fetchall():
            member = Member._make(compared)
            found[skeleton, profession].append(member._replace(network=bytes(member.network)))
    return found


def _without_known(groups: Mapping[Key, Sequence[Member]]) -> dict[Key, list[Member]]:
    """Leave out who is known to be another person than all others, and groups of which nothing is left."""
    every = [member.pk for members in groups.values() for member in members]
    known = set(KnownDistinct.objects.filter(first__in=every, second__in=every).values_list("first", "second"))
    found = {}
    for key, members in groups.items():
        pairs = combinations([member.pk for member in members], 2)
        undecided = {pk for pair in pairs if pair not in known for pk in pair} if known else {m.pk for m in members}
        if undecided:
            found[key] = [member for member in members if member.pk in undecided][:MOST_MEMBERS]
    return found
