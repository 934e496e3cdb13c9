"""What a partner is told about a batch: figures that tell nothing about one person."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from signatories.models import GatheredBatch, Invitee
from signatories.models.gathering import Answer
from signatories.partners.numbers import rounded

FEWEST_PEOPLE = 50  # in a batch whose results are told


@dataclass(frozen=True)
class Results:
    """Of a batch: how many people it has, and rounded down to tens how many had their turn and what they answered.

    None: fewer than ten. The turn counts those who were passed over too, so that it tells nobody who had signed before.
    It is rounded all the same: a turn is taken back while its mail waits, and who was passed over has no mail.
    """

    people: int
    turns: int | None
    signed: int | None
    declined: int | None
    never: int | None
    are_told: bool
    done_at: datetime | None  # the last turn, once everybody had theirs; told as the answers are


def of_batch(batch: GatheredBatch) -> Results:
    """Return the results of a batch."""
    people = Invitee.objects.filter(batch=batch, is_test=False)
    found = people.aggregate(
        people=Count("pk"),
        turns=Count("pk", Q(asked_at__isnull=False)),
        signed=Count("pk", Q(answer=Answer.SIGNED)),
        declined=Count("pk", Q(answer=Answer.DECLINED)),
        never=Count("pk", Q(answer=Answer.NEVER)),
    )
    are_told = found["people"] >= FEWEST_PEOPLE
    told = {key: rounded(found[key]) for key in ("turns", "signed", "declined", "never")}
    return Results(
        people=found["people"], are_told=are_told, done_at=done_at(batch) if are_told else None, **told
    )  # fmt: skip


def done_at(batch: GatheredBatch) -> datetime | None:
    """Return when the last of a batch had their turn, once everybody had: for organizers."""
    if Invitee.objects.to_ask().filter(batch=batch).exists():
        return None
    last: datetime | None = Invitee.objects.filter(batch=batch).aggregate(last=Max("asked_at"))["last"]
    return last
