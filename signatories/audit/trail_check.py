"""A check of the whole trail, whose result is kept for the metrics."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from signatories.audit import chain
from signatories.audit.chain import Fault, Head
from signatories.models import TrailCheck

MOST = 1000  # faults that are named; where there are more, the first tell enough


def run(now: datetime, heads: Iterable[Head] = ()) -> list[Fault]:
    """Check the trail and keep the result; returns the faults, MOST at most."""
    faults = list(islice(chain.check(heads), MOST))
    found = {"checked_at": now, "sealed": chain.head().position, "faults": len(faults)}
    TrailCheck.objects.update_or_create(pk=1, defaults=found)
    return faults
