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
    """Pairs, newest first, and the id below which to search on; None if all signatures were compared."""

    pairs: list[Pair]
    further: int | None


def find_pairs(most: int, *, before: int | None = None) -> PairsFound:
    """Find at most `most` pairs among the newest SCANNED counted signatures, or the newest with ids below `before`.

    The number compared is limited because duplicates are rare: on a long list, comparing all takes seconds.
    """
    counted = Signature.objects.counted().order_by("-pk")
    part = counted.filter(pk__lt=before) if before else counted
    floor = part.values_list("pk", flat=True)[SCANNED : SCANNED + 1].first()
    duplicates = Signature.objects.duplicates().select_related("text").order_by("-pk")
    if before:
        duplicates = duplicates.filter(pk__lt=before)
    if floor:
        duplicates = duplicates.filter(pk__gt=floor)
    found = [Pair(_earlier(signature), signature) for signature in duplicates[:most]]
    if len(found) == most:
        return PairsFound(found, found[-1].later.pk)
    return PairsFound(found, floor + 1 if floor else None)


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
