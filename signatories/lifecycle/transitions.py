"""The one door through which a signature changes its state.

A change is four things that belong together: the row, the tally, an act in the history, and `changed_at`. They are
written here, in one transaction, for a set of signatures at a time; a single move is a set of one. Rows are locked in
the order of their ids, so that two changes never wait for each other in a circle.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import BigIntegerField, BooleanField, CharField, Exists, F, Func, OuterRef, Value
from django.db.models.functions import Coalesce

from signatories.audit import services as audit
from signatories.audit.services import BY_SIGNER, By, Changed
from signatories.lifecycle.thanks import thank
from signatories.models import Act, Signature
from signatories.models.act import MOVES, Actor, Verb
from signatories.models.signature import HELD_BY_ORGANIZER, SignatureQuerySet, State
from signatories.tally import services as tally

PUBLISHED, HELD, REJECTED, WITHDRAWN = State.PUBLISHED, State.HELD, State.REJECTED, State.WITHDRAWN
LIVE = frozenset({PUBLISHED, HELD, REJECTED})
SIGNER, ORGANIZER, RULE, COMMAND = Actor.SIGNER, Actor.ORGANIZER, Actor.RULE, Actor.COMMAND


class Transition(NamedTuple):
    """Who may do it, from which states, to which."""

    actors: frozenset[Actor]
    before: frozenset[State]
    after: frozenset[State]


_SIGNER_OR_HELPER = frozenset({SIGNER, ORGANIZER})  # an organizer acts at the signer's request

# The whole table: nothing else may happen to a signature. A confirmation makes the row, so it has no state before.
TRANSITIONS: tuple[tuple[Verb, Transition], ...] = (
    (Verb.CONFIRM, Transition(frozenset({SIGNER}), frozenset(), frozenset({PUBLISHED, HELD}))),
    (Verb.PUBLISH, Transition(frozenset({ORGANIZER}), frozenset({HELD, REJECTED}), frozenset({PUBLISHED}))),
    (Verb.PUBLISH, Transition(frozenset({RULE}), frozenset({HELD}), frozenset({PUBLISHED}))),
    (Verb.HOLD, Transition(frozenset({ORGANIZER}), frozenset({PUBLISHED, REJECTED}), frozenset({HELD}))),
    (Verb.HOLD, Transition(frozenset({RULE}), frozenset({PUBLISHED}), frozenset({HELD}))),
    (Verb.REJECT, Transition(frozenset({ORGANIZER}), frozenset({PUBLISHED, HELD}), frozenset({REJECTED}))),
    (Verb.CORRECT, Transition(_SIGNER_OR_HELPER, LIVE, LIVE)),
    (Verb.SHOW, Transition(_SIGNER_OR_HELPER, LIVE, LIVE)),
    (Verb.HIDE, Transition(_SIGNER_OR_HELPER, LIVE, LIVE)),
    (Verb.WITHDRAW, Transition(_SIGNER_OR_HELPER | {COMMAND}, LIVE, frozenset({WITHDRAWN}))),
    (Verb.MERGE, Transition(frozenset({ORGANIZER}), frozenset({PUBLISHED}), frozenset({WITHDRAWN}))),
    (Verb.RESTORE, Transition(_SIGNER_OR_HELPER | {COMMAND}, frozenset({WITHDRAWN}), LIVE)),
    (Verb.ERASE, Transition(frozenset({RULE, COMMAND}), frozenset({WITHDRAWN}), frozenset({WITHDRAWN}))),
)
VERB_TO: dict[State, Verb] = {PUBLISHED: Verb.PUBLISH, REJECTED: Verb.REJECT, HELD: Verb.HOLD}


class NotAllowed(ValueError):
    """The table has no such transition: a mistake in the program, not of a person."""


def transition(verb: Verb, by: By) -> Transition:
    """The line of the table. Raises NotAllowed, and ValueError for a decision without a reason."""
    if verb in MOVES and not by.reason.strip():
        raise ValueError("A decision needs a reason.")
    for its_verb, found in TRANSITIONS:
        if its_verb == verb and by.actor in found.actors:
            return found
    raise NotAllowed(f"{by.actor} may not {verb}")


class Locked(NamedTuple):
    """A signature that nobody else changes until the transaction ends, and what it was when it was locked."""

    signature: Signature
    before: State | None
    facets: list[str]


def lock(verb: Verb, by: By, ids: Collection[int], among: SignatureQuerySet | None = None) -> list[Locked]:
    """Lock those of `ids` that may be changed so now, and that are `among` a set, in the order of their ids.

    The database looks at the conditions again after it has waited for a row, so a quicker change is seen. To be called
    in the transaction of the change.
    """
    return _locked(_free(verb, by, ids, among))


def _free(
    verb: Verb, by: By, ids: Collection[int], among: SignatureQuerySet | None, *, verifies: bool = False
) -> SignatureQuerySet:
    """Filter those that may be changed so. Who looks like a watched name is published by what `verifies` it alone."""
    rows = Signature.objects.all() if among is None else among
    rows = rows.filter(_OneOf(ids), state__in=transition(verb, by).before).order_by("pk")
    if verb == Verb.PUBLISH and not verifies:
        rows = rows.verified()
    return rows


def _locked(rows: SignatureQuerySet) -> list[Locked]:
    return [Locked(row, State(row.state), tally.facets(row)) for row in rows.select_for_update(of=("self",))]


class _OneOf(Func):
    """Whether a row is one of `ids`, given as one array: thousands of parameters take longer than all else.

    Not a subquery, which the planner would join from the wrong side while its statistics are old.
    """

    template, arg_joiner = "(%(expressions)s)", " = ANY "
    output_field = BooleanField()

    def __init__(self, ids: Collection[int]) -> None:
        array = Value(list(ids), ArrayField(BigIntegerField()))
        super().__init__("pk", Func(array, template="(%(expressions)s::bigint[])"))


def lock_one(verb: Verb, by: By, signature_id: int) -> Locked | None:
    """Lock one signature; None if it may not be changed so (any more). Raises Signature.DoesNotExist."""
    found = lock(verb, by, [signature_id])
    if not found and not Signature.objects.filter(pk=signature_id).exists():
        raise Signature.DoesNotExist
    return found[0] if found else None


def store(locked: Locked, verb: Verb, *, by: By, now: datetime, changed: Changed | None = None) -> None:
    """Store what was changed in memory on a locked signature: the row, the tally and the act.

    `changed` tells what the person said before and says now; the trail keeps it until the person is erased.
    """
    locked.signature.changed_at = now
    if locked.before != PUBLISHED:
        _wait_unless_verified(locked.signature)
    _number_if_published(locked.signature, now)
    locked.signature.save()
    _write_down(locked, verb, by, changed)


def create(signature: Signature, *, now: datetime) -> None:
    """Store a new signature, which its signer has confirmed. Raises IntegrityError if the place is taken."""
    signature.changed_at = now
    _wait_unless_verified(signature)
    with transaction.atomic():
        _number_if_published(signature, now)
        signature.save(force_insert=True)
        _write_down(Locked(signature, None, []), Verb.CONFIRM, BY_SIGNER)


def _wait_unless_verified(signature: Signature) -> None:
    """Let wait what would come onto the list, looks like a watched name, and was not verified: `_free` for one row."""
    if signature.state == PUBLISHED and signature.is_unverified:
        signature.state = HELD


def move(
    ids: Collection[int], verb: Verb, *, by: By, now: datetime, among: SignatureQuerySet | None = None,
    changes: Mapping[str, Any] | None = None,
) -> list[int]:  # fmt: skip
    """Move a set of signatures to the state that the verb leads to. Returns the ids that were moved.

    One look that locks and four writes, however many they are. Those whose state does not allow it, or that are not
    `among` the given set (any more), are passed over. `changes` are further columns, as for `QuerySet.update`;
    `verified_as` among them is what lets those be published that look like a watched name.
    """
    (to,) = transition(verb, by).after
    with transaction.atomic():
        verifies = bool((changes or {}).get("verified_as"))
        rows = _locked(_free(verb, by, ids, among, verifies=verifies).only(*tally.READ))
        keys = [row.signature.pk for row in rows]
        columns: dict[str, Any] = {"state": to}
        if verb != Verb.ERASE:  # what was withdrawn is erased out of sight: no page and no edition changes
            columns["changed_at"] = now
        if to == PUBLISHED:
            columns |= {"number": _NEXT_NUMBER, "published_at": Coalesce("published_at", Value(now))}
        if to == HELD and by.actor == ORGANIZER:  # no rule that publishes others publishes this one
            columns["held_for"] = with_hold_reason(HELD_BY_ORGANIZER)
        Signature.objects.filter(_OneOf(keys)).update(**columns | dict(changes or {}))
        for row in rows:
            row.signature.state = to
            if to == PUBLISHED:
                row.signature.published_at = row.signature.published_at or now
        _follow(rows)
        audit.record_moved(verb, by=by, before={row.signature.pk: row.before or to for row in rows}, after=to)
    return keys


def _write_down(locked: Locked, verb: Verb, by: By, changed: Changed | None = None) -> None:
    """Write the tally and the act of a change that was made. Raises NotAllowed: then the transaction is undone."""
    signature, before, _facets = locked
    if signature.state not in transition(verb, by).after:
        raise NotAllowed(f"{by.actor} may not {verb} to {signature.state}")
    _follow([locked])
    audit.add(
        [audit.act(verb, by=by, signature=signature, before=before or "", after=signature.state, changed=changed)]
    )


def _follow(rows: Sequence[Locked]) -> None:
    """Write what follows from a change that was made.

    The tally: what counts a signature now, less what counted it before. And a mail of thanks to who stands now.
    """
    counts = Counter[str]()
    for signature, _before, facets in rows:
        counts.update(tally.facets(signature))
        counts.subtract(facets)
    tally.add(counts)
    thank([row.signature.pk for row in rows if row.signature.state == PUBLISHED and row.before != PUBLISHED])


_NEXT_NUMBER = Coalesce("number", Func(template="nextval('signatories_number')", output_field=BigIntegerField()))


def _number_if_published(signature: Signature, now: datetime) -> None:
    if signature.state == PUBLISHED and signature.number is None:
        signature.first_published(number=next_number(), now=now)


def next_number() -> int:
    """The next public number; drawn from a sequence, so it is never used twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('signatories_number')")
        return int(cursor.fetchone()[0])


def undecided(signatures: SignatureQuerySet) -> SignatureQuerySet:
    """Those about whom no organizer has decided: a rule may move only these."""
    decided = Act.objects.filter(signature=OuterRef("pk"), organizer__isnull=False, verb__in=MOVES)
    return signatures.exclude(Exists(decided)).exclude(held_for__contains=[HELD_BY_ORGANIZER])


def keep_waiting(signatures: SignatureQuerySet) -> int:
    """Let those of `signatures` who wait do so until a person decides, for whatever they were held; how many wait."""
    return signatures.filter(state=HELD).update(held_for=with_hold_reason(HELD_BY_ORGANIZER))


def with_hold_reason(code: str) -> Func:
    """The hold reasons of a row with this one at their end, once."""
    return Func(without_hold_reason(code), _text(code), function="array_append")


def without_hold_reason(code: str) -> Func:
    """The hold reasons of a row but this one."""
    return Func(F("held_for"), _text(code), function="array_remove")


def _text(code: str) -> Value:
    return Value(code, CharField(max_length=200))
