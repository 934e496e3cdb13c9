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
    """Of a batch: how many people it has, how many had their turn, and rounded down to tens what they answered.

    The turn counts those who were passed over too, so it tells nobody who had signed. None: fewer than ten.
    """

    people: int
    turns: int
    signed: int | None
    declined: int | None
    never: int | None
    are_told: bool
    done_at: datetime | None  # the last turn, once everybody had theirs


def of_batch(batch: GatheredBatch) -> Results:
    """Return the results of a batch."""
    people = Invitee.objects.filter(batch=batch, is_test=False)
    found = people.aggregate(
        people=Count("pk"),
        turns=Count("pk", Q(asked_at__isnull=False)),
        last=Max("asked_at"),
        signed=Count("pk", Q(answer=Answer.SIGNED)),
        declined=Count("pk", Q(answer=Answer.DECLINED)),
        never=Count("pk", Q(answer=Answer.NEVER)),
    )
    told = {key: rounded(found[key]) for key in ("signed", "declined", "never")}
    return Results(
        people=found["people"],
        turns=found["turns"],
        are_told=found["people"] >= FEWEST_PEOPLE,
        done_at=found["last"] if found["turns"] == found["people"] else None,
        **told,
    )
