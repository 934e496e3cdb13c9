"""Previews of rules over a million signatures, in milliseconds, beside a bare count of all."""

import logging
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

from bench import crowd, listing
from declaration.demo import text as demo_text
from signatories.models import PreviewedSet, Signature
from signatories.models.signature import State
from signatories.screening import holds, previews
from signatories.screening.conditions import Conditions
from signatories.tally import services as tally

SIZE, QUICK = 1_000_000, 100_000
BURST = 50_000  # of one mail domain, in the set that is moved
# What an organizer asks for on the day; what has no index reads the whole table.
ASKED = {
    "domain glob": Conditions(domain="b?ts*.example"),
    "part of a name": Conditions(name="quinmaf"),
    "profession and country": Conditions(profession="luthier", country="MT"),
    "nobody": Conditions(domain="nobody.*"),
}


class PreviewTime(NamedTuple):
    """A preview: how many matched, its milliseconds, and those of a bare count of all signatures."""

    name: str
    found: int
    milliseconds: float
    reference: float


def measure(rounds: int, size: int = SIZE) -> Iterator[PreviewTime]:
    """Fill a database of our own, and preview each in turns with the count."""
    with listing.database_of_our_own("rules"):
        logging.getLogger(tally.__name__).setLevel(logging.CRITICAL)  # the drift before the first count is expected
        call_command("migrate", verbosity=0)
        demo_text.publish()
        crowd.fill(size)
        some = Signature.objects.order_by("-pk").values("pk")[:BURST]
        Signature.objects.filter(pk__in=some, state=State.PUBLISHED).update(
            domain="bots7.example", state=State.HELD, held_for=[holds.DOMAIN]
        )
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        organizer = get_user_model().objects.create(username="bench-rules", is_staff=True)
        for name, conditions in ASKED.items():
            taken, bare = [], []
            for _ in range(rounds + 1):  # the first warms up
                bare.append(_timed(Signature.objects.all().count))
                began = time.perf_counter()
                found = previews.preview(conditions=conditions, organizer=organizer)
                taken.append((time.perf_counter() - began) * 1000)
            yield PreviewTime(name, found.total, round(median(taken[1:]), 1), round(median(bare[1:]), 1))
        PreviewedSet.objects.all().delete()


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
