"""How the number comes about: how many have confirmed, and why some of them are not counted.

The number itself is live. What explains it is counted once a week, and whenever the number has grown by a tenth, with
the figures of "How we verify", from which page, log and API read it: so no two of them differ. A part of those who
are not counted is told only if it has ten people or more, and if ten or more came to it or left it since the count
before: else the difference between the two could tell why one person is not shown. The others are one sum, `other`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signatories.audit import corrections
from signatories.models import Figures, Signature
from signatories.models.public_change import ChangeReason
from signatories.models.signature import State
from signatories.tally import services as tally

HELD = "held"
GROWN = 0.1  # of the number: on the day of a launch the figures of the morning are soon wrong
_LEVELS = "levels"  # of all parts, as they are; told to nobody, and compared with those of the week after


@dataclass(frozen=True)
class Explained:
    """`confirmed` less `held` less those of `gone` is `count`, of whom `named` are listed by name.

    `held` is 0 where those who wait are told together with others.
    """

    count: int
    named: int
    held: int
    gone: dict[str, int]
    as_of: datetime

    @property
    def confirmed(self) -> int:
        return self.count + self.not_counted

    @property
    def not_counted(self) -> int:
        return self.held + sum(self.gone.values())

    @property
    def unnamed(self) -> int:
        return self.count - self.named


def latest() -> Explained | None:
    """Return what was counted for this week; None before the first time."""
    figures = Figures.objects.filter(pk=1).first()
    return of(figures) if figures else None


def of(figures: Figures) -> Explained | None:
    """Return what these figures explain; None if a release before this one has counted them."""
    found = figures.found
    if _LEVELS not in found:
        return None
    return Explained(found["count"], found["named"], found["held"], found["gone"], figures.as_of)


def is_due(now: datetime, figures: Figures | None, number: tally.Number) -> bool:
    """Whether a week has ended since the figures were counted, or so many have come that they tell little."""
    if figures is None or _LEVELS not in figures.found:
        return Signature.objects.exists()
    ended = corrections.week_of(figures.as_of) < corrections.week_of(now)
    come = number.count - figures.found["count"]
    return ended or come >= max(1, figures.found["count"] * GROWN)


def count(number: tally.Number, before: Figures | None) -> dict[str, Any]:
    """Count anew. `before`: the figures of the last time, to which the parts are compared."""
    levels = _levels()
    told = tell(levels, before.found.get(_LEVELS, {}) if before else {})
    held = told.pop(HELD, 0)
    found = {"count": number.count, "named": number.named, "held": held, "gone": told, _LEVELS: levels}
    # The version before this one shows these two while it runs beside: they can go in the next.
    return found | {"confirmed": number.count + sum(levels.values()), "unnamed": number.unnamed}


def tell(levels: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Return the parts that may be told; the others are one sum, `other`, however few those are.

    One part alone would be told by that sum: then the smallest of those that may be told goes into it, too.
    """
    still = [part for part, n in levels.items() if abs(n - before.get(part, 0)) < corrections.FEWEST]
    told = corrections.tell(levels, together=still)
    told.pop(str(ChangeReason.OTHER), None)
    together = {part: n for part, n in levels.items() if n and part not in told}
    while told and len(together) == 1:
        smallest = min(told, key=told.__getitem__)
        together[smallest] = told.pop(smallest)
    return told | ({str(ChangeReason.OTHER): sum(together.values())} if together else {})


def _levels() -> dict[str, int]:
    off, merged = tally.taken_off(), corrections.merged()
    return {
        HELD: Signature.objects.people().filter(state=State.HELD).count(),
        str(ChangeReason.ASKED): off[State.WITHDRAWN] - merged,
        str(ChangeReason.REFUSED): off[State.REJECTED],
        str(ChangeReason.MERGED): merged,
    }
