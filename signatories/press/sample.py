"""A repeatable sample of names, for those who look up signatories by their own, public contacts."""

import random
from collections.abc import Sequence

from signatories.models import Signature

MOST = 200
_TRIES = 20  # numbers drawn for each name that is wanted; many show nobody


def highest() -> int:
    """Return the highest number on the list; 0 while it is empty."""
    newest = Signature.objects.public().order_by("-number").values_list("number", flat=True).first()
    return newest or 0


def draw(size: int, seed: str, up_to: int) -> Sequence[Signature]:
    """Return `size` public signatures with numbers up to `up_to`, or as many as are found.

    The numbers come from Python's Mersenne Twister, seeded with the text `seed` (version 2 of its seeding). The same
    three values draw the same numbers, whatever the list holds by now: who has left is missing, and nothing else moves.
    """
    drawn = random.Random(seed).sample(range(1, up_to + 1), min(up_to, size * _TRIES))  # noqa: S311 - to be repeated
    shown = {row.number: row for row in Signature.objects.public().filter(number__in=drawn)}
    return [shown[number] for number in drawn if number in shown][:size]
