"""Answers about groups of signatures with one name and profession: one person who signed twice, or different people."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import combinations
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from signatories.audit.services import by_organizer, record
from signatories.desk.duplicates import finding
from signatories.lifecycle import transitions
from signatories.mine import services as mine
from signatories.models import DuplicateGroup, KnownDistinct, Signature
from signatories.models.act import Verb
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.models.signup import new_nonce


class Place(NamedTuple):
    """Where a page of groups goes on: below this score and id."""

    score: int
    pk: int

    def __str__(self) -> str:
        return f"{self.score}.{self.pk}"


class Group(NamedTuple):
    """A stored group with its signatures as they are now, the earliest first."""

    pk: int
    score: int
    members: list[Signature]


class Page(NamedTuple):
    """Groups, likeliest first; `next` is None on the last page."""

    groups: list[Group]
    next: Place | None


def total() -> int:
    """Count the groups that the job has found."""
    return DuplicateGroup.objects.count()


def page(size: int, after: Place | None = None) -> Page:
    """Return a page of groups. Those of which less than two are left since the job looked are passed over."""
    rows = DuplicateGroup.objects.order_by("-score", "-pk")
    if after:
        rows = rows.filter(Q(score__lt=after.score) | Q(score=after.score, pk__lt=after.pk), score__lte=after.score)
    found = list(rows[: size + 1])
    shown = found[:size]
    ids = [pk for row in shown for pk in row.members]
    signatures = Signature.objects.counted().filter(pk__in=ids).select_related("text").in_bulk()
    groups = [Group(row.pk, row.score, _as_they_are(row, signatures)) for row in shown]
    more = Place(shown[-1].score, shown[-1].pk) if len(found) > size else None
    return Page([group for group in groups if len(group.members) > 1], more)


def _as_they_are(row: DuplicateGroup, signatures: dict[int, Signature]) -> list[Signature]:
    found = [signatures[pk] for pk in row.members if pk in signatures]
    return [one for one in found if (one.skeleton, one.profession) == (row.skeleton, row.profession)]


def merge(
    *, keep: int, others: Collection[int], apart: Collection[int] = (), organizer: AbstractBaseUser, reason: str,
    now: datetime,
) -> int:  # fmt: skip
    """Withdraw `others`, who are the person of `keep`, and write to all mailboxes. Returns how many were withdrawn.

    The mail to each of them can undo it. A featured place goes to the one who stays. Those `apart` are known to be
    other people than `keep`. Who does not look like `keep` any more, or has withdrawn meanwhile, is passed over; if
    that is `keep`, nothing happens.
    """
    by = by_organizer(organizer, reason)
    with transaction.atomic():
        alike = _locked([keep, *others, *apart])
        kept = alike.pop(keep, None)
        if kept is None or not (merged := [pk for pk in others if pk in alike]):
            return 0
        for locked in transitions.lock(Verb.MERGE, by, merged):
            if kept.featured is None and locked.signature.featured is not None:
                kept.featured = locked.signature.featured
            mine.take_off(locked, Verb.MERGE, by=by, nonce=new_nonce(), now=now)
            mine.tell(MailKind.MERGED, locked.signature)
        kept.save(update_fields=["featured"])
        mine.tell(MailKind.MERGED, kept)
        _know_apart([(keep, pk) for pk in apart if pk in alike])
        finding.refresh([(kept.skeleton, kept.profession)])
        return len(merged)


def mark_distinct(*, members: Collection[int], organizer: AbstractBaseUser, reason: str) -> int:
    """Record that these are all different people. Returns how many pairs were not known to be so."""
    with transaction.atomic():
        alike = _locked(members)
        pairs = list(combinations(sorted(alike), 2))
        known = KnownDistinct.objects.filter(first__in=alike, second__in=alike).count()
        if len(pairs) == known:
            return 0
        _know_apart(pairs)
        first, *rest = [alike[pk] for pk in sorted(alike)]
        for signature in rest:
            record(Verb.APART, by=by_organizer(organizer, reason), signature=signature)
        finding.refresh([(first.skeleton, first.profession)])
        return len(pairs) - known


def _know_apart(pairs: Sequence[tuple[int, int]]) -> None:
    rows = [KnownDistinct(first_id=min(pair), second_id=max(pair)) for pair in pairs]
    KnownDistinct.objects.bulk_create(rows, ignore_conflicts=True)


def _locked(ids: Collection[int]) -> dict[int, Signature]:
    """Lock the counted ones of these that look like the first of them, in the order of their ids against deadlocks."""
    if not ids:
        return {}
    first = next(iter(ids))
    rows = Signature.objects.select_for_update(of=("self",)).filter(pk__in=set(ids)).order_by("pk")
    found = {row.pk: row for row in rows if row.state == State.PUBLISHED}
    model = found.get(first) or next(iter(found.values()), None)
    if model is None:
        return {}
    key = (model.skeleton, model.profession)
    return {pk: row for pk, row in found.items() if (row.skeleton, row.profession) == key}
