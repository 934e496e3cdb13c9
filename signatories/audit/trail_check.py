"""A check of the whole trail, whose result is kept for the metrics."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from signatories.audit import chain
from signatories.audit.chain import Fault, Head
from signatories.models import Edition, TrailCheck

MOST = 1000  # faults that are named; where there are more, the first tell enough


def run(now: datetime, heads: Iterable[Head] = ()) -> list[Fault]:
    """Check the trail, also against the heads on the covers of all editions, and keep the result.

    Returns the faults, MOST at most.
    """
    covers = Edition.objects.exclude(trail_head="").values_list("trail_head", flat=True)
    faults = list(islice(chain.check([*map(Head.read, covers), *heads]), MOST))
    found = {"checked_at": now, "sealed": chain.head().position, "faults": len(faults)}
    TrailCheck.objects.update_or_create(pk=1, defaults=found)
    return faults
