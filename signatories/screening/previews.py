"""Previews: the signatures that match conditions, frozen for the organizer who looks at them, and the move of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.db import transaction

from signatories.audit import chain
from signatories.audit.services import by_organizer
from signatories.lifecycle import mass_moves
from signatories.models import MassMove, PreviewedPart, PreviewedSet, Signature
from signatories.models.act import Verb
from signatories.models.signature import SignatureQuerySet, State
from signatories.screening.conditions import Conditions, matching

MOST = 100_000  # signatures in a set
SAMPLE = 20
NAMED = 5  # of those who match by now and are not in the set
KEPT = timedelta(days=1)
# How a set is counted over its time: by the minute, the hour or the day; as letters of "2026-11-29T08:15".
_BY = ((timedelta(hours=3), 16), (timedelta(days=3), 13), (timedelta.max, 10))
_SALT = "previewed set"
# From where each decision moves.
BEFORE: dict[Verb, tuple[State, ...]] = {
    Verb.PUBLISH: (State.HELD, State.REJECTED),
    Verb.HOLD: (State.PUBLISHED, State.REJECTED),
    Verb.REJECT: (State.HELD, State.PUBLISHED),
}


class TooMany(Exception):
    """More than MOST signatures match."""


class Begun(NamedTuple):
    """The mass move that was asked for; and who matches by now and is left out: how many, and some of their names."""

    move: MassMove
    left_out: int
    names: list[str]


def preview(*, conditions: Conditions, organizer: AbstractBaseUser) -> PreviewedSet:
    """Freeze those who match now. Raises TooMany."""
    with transaction.atomic():
        bound = mass_moves.shown_now()
        found = list(_upto(conditions, bound.newest_signature).values_list("pk", "state", "confirmed_at")[: MOST + 1])
        if len(found) > MOST:
            raise TooMany
        listable = _upto(conditions, bound.newest_signature).filter(state__in=BEFORE[Verb.PUBLISH])
        ids = {state: [pk for pk, its, _moment in found if its == state] for state in State}
        frozen = PreviewedSet.objects.create(
            organizer_id=organizer.pk, conditions=conditions.to_store(), total=len(found),
            digest=chain.set_digest(pk for pk, *_ in found), newest_act=bound.newest_act,
            unverified=listable.unverified().count(), over_time=_over_time([moment for *_, moment in found]),
        )  # fmt: skip
        PreviewedPart.objects.bulk_create(
            PreviewedPart(previewed_set=frozen, state=state, ids=keys) for state, keys in ids.items() if keys
        )
        return frozen


def _upto(conditions: Conditions, newest: int) -> SignatureQuerySet:
    return matching(conditions).filter(pk__lte=newest).order_by("pk")


def token(frozen: PreviewedSet) -> str:
    """Return what the form of a preview carries: it names the set, its organizer and its content."""
    return signing.dumps([frozen.pk, frozen.organizer_id, bytes(frozen.digest).hex()], salt=_SALT, compress=True)


def by_token(said: str, organizer: AbstractBaseUser) -> PreviewedSet | None:
    """Return the set that a form of this organizer names; None for a forged, foreign or used one, or one too old."""
    try:
        pk, owner, digest = signing.loads(said, salt=_SALT, max_age=KEPT)
    except (signing.BadSignature, ValueError):
        return None
    if owner != organizer.pk:
        return None
    return PreviewedSet.objects.filter(pk=pk, digest=bytes.fromhex(digest), mass_move=None).first()


def movable(frozen: PreviewedSet) -> dict[Verb, int]:
    """Return how many of a set each decision would move. What looks like a watched name is published one by one."""
    sizes = {part.state: len(part.ids) for part in frozen.parts.all()}
    found = {verb: sum(sizes.get(state, 0) for state in states) for verb, states in BEFORE.items()}
    return found | {Verb.PUBLISH: found[Verb.PUBLISH] - frozen.unverified}


def sample(frozen: PreviewedSet) -> list[Signature]:
    """Return some of a set, evenly from its first to its last."""
    ids = _ids(frozen)
    some = [ids[n * len(ids) // SAMPLE] for n in range(SAMPLE)] if len(ids) > SAMPLE else ids
    return list(Signature.objects.filter(pk__in=some).order_by("pk"))


def _over_time(moments: Sequence[datetime]) -> list[tuple[str, int]]:
    """Count the moments in each minute, hour or day, whichever fits the time they take."""
    if not moments:
        return []
    size = next(size for longest, size in _BY if max(moments) - min(moments) <= longest)
    return sorted(Counter(moment.astimezone(UTC).isoformat()[:size] for moment in moments).items())


def _ids(frozen: PreviewedSet) -> list[int]:
    return sorted(pk for part in frozen.parts.all() for pk in part.ids)


def begin(*, frozen: PreviewedSet, verb: Verb, organizer: AbstractBaseUser, reason: str) -> Begun | None:
    """Have a previewed set moved by a worker: those in it, and nobody else. None if it was asked for before."""
    with transaction.atomic():
        locked = PreviewedSet.objects.select_for_update().filter(pk=frozen.pk, mass_move=None).first()
        if locked is None:
            return None
        parts = [
            mass_moves.FrozenPart(verb=verb, before=State(part.state), ids=part.ids, acts_until=locked.newest_act)
            for part in locked.parts.filter(state__in=BEFORE[verb])
        ]
        locked.mass_move = mass_moves.begin(parts, verb=verb, by=by_organizer(organizer, reason))
        locked.save(update_fields=["mass_move"])
        return Begun(locked.mass_move, *_left_out(locked))


def _left_out(frozen: PreviewedSet) -> tuple[int, list[str]]:
    known = set(_ids(frozen))
    now = matching(Conditions.stored(frozen.conditions)).order_by("-pk").values_list("pk", flat=True)[: MOST + 1]
    new = [pk for pk in now if pk not in known]
    return len(new), list(Signature.objects.filter(pk__in=new[:NAMED]).order_by("pk").values_list("name", flat=True))


def forget(now: datetime) -> int:
    """Delete old previews; what was moved stands in the mass moves."""
    return PreviewedSet.objects.filter(created_at__lt=now - KEPT).delete()[0]
