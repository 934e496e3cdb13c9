"""Pairs of signatures with one name and profession: one person who signed twice, or two people."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from signatories.audit.services import by_organizer, record
from signatories.lifecycle import transitions
from signatories.mine import services as mine
from signatories.models import KnownDistinct, Signature
from signatories.models.act import Verb
from signatories.models.outbound_mail import MailKind
from signatories.models.signup import new_nonce

SCANNED = 20_000  # signatures that one request compares


class Pair(NamedTuple):
    """Two published signatures that look alike. `earlier` has the smaller id."""

    earlier: Signature
    later: Signature


class PairsFound(NamedTuple):
    """One page of the pairs among the signatures compared, newest first.

    `total` counts all pairs among them, on all `pages`. The search goes on below the id `further`, which is None if the
    oldest signature was compared.
    """

    pairs: list[Pair]
    total: int
    page: int
    pages: int
    further: int | None


def find_pairs(size: int, *, page: int = 1, before: int | None = None) -> PairsFound:
    """Find pairs among the newest SCANNED counted signatures, or the newest with ids below `before`.

    The number compared is limited because duplicates are rare: on a long list, comparing all takes seconds. So is their
    total, which counts all pairs among those compared. A page beyond the last one is the last one.
    """
    floor = _floor(before)
    duplicates = Signature.objects.duplicates().order_by("-pk")
    if before:
        duplicates = duplicates.filter(pk__lt=before)
    if floor:
        duplicates = duplicates.filter(pk__gt=floor)
    found = list(duplicates.values_list("pk", flat=True))
    pages = max(-(-len(found) // size), 1)
    page = min(max(page, 1), pages)
    later = Signature.objects.filter(pk__in=found[(page - 1) * size : page * size]).select_related("text")
    pairs = [Pair(_earlier(signature), signature) for signature in later.order_by("-pk")]
    return PairsFound(pairs, len(found), page, pages, floor + 1 if floor else None)


def count_pairs(most: int) -> int:
    """Count the pairs among the newest SCANNED counted signatures, at most so many."""
    return Signature.objects.duplicates().filter(pk__gt=_floor() or 0)[:most].count()


def _floor(before: int | None = None) -> int | None:
    """Return the id of the newest signature that is not compared; None where all are."""
    counted = Signature.objects.counted().order_by("-pk")
    part = counted.filter(pk__lt=before) if before else counted
    return part.values_list("pk", flat=True)[SCANNED : SCANNED + 1].first()


def _earlier(signature: Signature) -> Signature:
    """Return the earliest signature that looks like this one and is not known to be another person."""
    alike = Signature.objects.like(signature).filter(pk__lt=signature.pk).select_related("text")
    distinct = KnownDistinct.objects.filter(second=signature).values("first")
    return alike.exclude(pk__in=distinct).earliest("pk")


def merge(*, earlier: int, later: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Withdraw the later of two signatures of one person, and write to both mailboxes.

    The mail to the later mailbox can undo it. A featured place goes to the earlier signature. Returns False if they are
    no such pair (any more).
    """
    by = by_organizer(organizer, reason)
    with transaction.atomic():
        pair = _locked(earlier, later)
        if pair is None:
            return False
        pair.earlier.featured = pair.earlier.featured or pair.later.featured
        pair.earlier.save(update_fields=["featured"])
        for locked in transitions.lock(Verb.MERGE, by, [later]):
            mine.take_off(locked, Verb.MERGE, by=by, nonce=new_nonce(), now=now)
            for signature in (pair.earlier, locked.signature):
                mine.tell(MailKind.MERGED, signature)
        return True


def mark_distinct(*, earlier: int, later: int, organizer: AbstractBaseUser, reason: str) -> bool:
    """Record that a pair is two people. Returns False if that is known, or they are no such pair (any more)."""
    with transaction.atomic():
        pair = _locked(earlier, later)
        if pair is None or KnownDistinct.objects.filter(first=pair.earlier, second=pair.later).exists():
            return False
        KnownDistinct.objects.create(first=pair.earlier, second=pair.later)
        record(Verb.APART, by=by_organizer(organizer, reason), signature=pair.later)
        return True


def _locked(earlier: int, later: int) -> Pair | None:
    """Lock both rows, in the order of their ids against deadlocks. Returns None if they no longer look alike."""
    rows = list(Signature.objects.select_for_update(of=("self",)).filter(Q(pk=earlier) | Q(pk=later)).order_by("pk"))
    if [row.pk for row in rows] != [earlier, later]:
        return None
    return Pair(*rows) if Signature.objects.like(rows[1]).filter(pk=earlier).exists() else None
