"""Two signatures under one name and profession: one person who signed twice, or two people."""

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

LOOKED_AT = 20_000


class Pair(NamedTuple):
    """Two published signatures that look alike; `earlier` has the smaller id."""

    earlier: Signature
    later: Signature


class Looked(NamedTuple):
    """Pairs, the newest first, and the id below which to look further; None where everybody was looked at."""

    pairs: list[Pair]
    further: int | None


def look(most: int, *, before: int | None = None) -> Looked:
    """At most `most` pairs among the newest LOOKED_AT that count, or the newest with ids below `before`.

    On a long list doubles may be rare: looking at everybody for the few there are takes seconds.
    """
    counted = Signature.objects.counted().order_by("-pk")
    stretch = counted.filter(pk__lt=before) if before else counted
    floor = stretch.values_list("pk", flat=True)[LOOKED_AT : LOOKED_AT + 1].first()
    doubles = Signature.objects.duplicates().select_related("text").order_by("-pk")
    if before:
        doubles = doubles.filter(pk__lt=before)
    if floor:
        doubles = doubles.filter(pk__gt=floor)
    found = [Pair(_earlier(signature), signature) for signature in doubles[:most]]
    if len(found) == most:
        return Looked(found, found[-1].later.pk)
    return Looked(found, floor + 1 if floor else None)


def _earlier(signature: Signature) -> Signature:
    """The first signature a double may be a double of."""
    alike = Signature.objects.like(signature).filter(pk__lt=signature.pk).select_related("text")
    apart = KnownDistinct.objects.filter(second=signature).values("first")
    return alike.exclude(pk__in=apart).earliest("pk")


def merge(*, earlier: int, later: int, organizer: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """One person: withdraw the later signature, tell both mailboxes. Undoable from the later one's mail.

    False if they are no such pair (any more).
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


def keep_apart(*, earlier: int, later: int, organizer: AbstractBaseUser, reason: str) -> bool:
    """Two people: remember it. False if it was remembered before, or they are no such pair (any more)."""
    with transaction.atomic():
        pair = _locked(earlier, later)
        if pair is None or KnownDistinct.objects.filter(first=pair.earlier, second=pair.later).exists():
            return False
        KnownDistinct.objects.create(first=pair.earlier, second=pair.later)
        record(Verb.APART, by=by_organizer(organizer, reason), signature=pair.later)
        return True


def _locked(earlier: int, later: int) -> Pair | None:
    """Both rows, locked in the order of their ids, if both stand and still look alike."""
    rows = list(Signature.objects.select_for_update(of=("self",)).filter(Q(pk=earlier) | Q(pk=later)).order_by("pk"))
    if [row.pk for row in rows] != [earlier, later]:
        return None
    return Pair(*rows) if Signature.objects.like(rows[1]).filter(pk=earlier).exists() else None
