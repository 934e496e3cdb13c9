"""What a partner is told about a batch: figures that tell nothing about one person."""

from dataclasses import dataclass

from django.db.models import Count, Q

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
    had_all_turns: bool  # told as the answers are
    are_told: bool


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
    had_all = are_told and found["turns"] == found["people"]
    told = {key: rounded(found[key]) for key in ("turns", "signed", "declined", "never")}
    return Results(people=found["people"], had_all_turns=had_all, are_told=are_told, **told)


def are_all_asked(batch: GatheredBatch) -> bool:
    """Return whether nobody of a batch waits for their turn any more: for organizers."""
    return not Invitee.objects.to_ask().filter(batch=batch).exists()
