"""What is told of a batch: figures that tell nothing about one person, and at the desk when it was done."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from signatories.models import GatheredBatch, Invitee
from signatories.models.gathering import FEWEST_PEOPLE, Answer
from signatories.partners.numbers import rounded


@dataclass(frozen=True)
class Results:
    """Of a batch: how many people it had, and rounded down to tens how many had their turn and what they answered.

    None: fewer than ten. The turn counts those who were passed over too, so that it tells nobody who had signed before.
    It is rounded all the same: a turn is taken back while its mail waits, and who was passed over has no mail.
    """

    people: int  # when it was approved; of older batches, those who are left
    turns: int | None
    signed: int | None
    declined: int | None
    never: int | None
    are_told: bool
    done_at: datetime | None  # the last turn, once everybody had theirs; told as the answers are, at the desk always
    is_emptied: bool  # nobody waits any more, and some were deleted without a turn; for the desk


def of_batch(batch: GatheredBatch, *, at_desk: bool = False) -> Results:
    """Return the results of a batch."""
    found = Invitee.objects.filter(batch=batch, is_test=False).aggregate(
        left=Count("pk"),
        turns=Count("pk", Q(asked_at__isnull=False)),
        last=Max("asked_at"),
        signed=Count("pk", Q(answer=Answer.SIGNED)),
        declined=Count("pk", Q(answer=Answer.DECLINED)),
        never=Count("pk", Q(answer=Answer.NEVER)),
    )
    people = found["left"] if batch.people is None else batch.people
    are_told, done = people >= FEWEST_PEOPLE, found["turns"] == batch.people
    return Results(
        people=people,
        are_told=are_told,
        done_at=found["last"] if done and (at_desk or are_told) else None,
        is_emptied=batch.people is not None and not done and found["turns"] == found["left"],
        **{key: rounded(found[key]) for key in ("turns", "signed", "declined", "never")},
    )
