"""Look-up of as many names as a form takes, in a list of a million: half stand on it, the others nobody bears."""

import logging
import random
import time
from typing import NamedTuple

from django.core.management import call_command
from django.db import connection

from bench import crowd, listing
from declaration.demo import text as demo_text
from signatories.demo import invented_people
from signatories.models import Signature
from signatories.press import presence
from signatories.tally import services as tally

SIZE = 1_000_000


class LookUp(NamedTuple):
    """Milliseconds of a look-up of `asked` names, of which `found` have a hit."""

    milliseconds: float
    asked: int
    found: int


def measure(rounds: int, size: int = SIZE) -> LookUp:
    """Fill a database of our own and look names up, others in each round; returns the median."""
    with listing.database_of_our_own("presence"):
        logging.getLogger(tally.__name__).setLevel(logging.CRITICAL)  # the drift before the first count is expected
        call_command("migrate", verbosity=0)
        demo_text.publish()
        crowd.fill(size)
        tally.repair()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        taken = [_once(seed) for seed in range(1 + rounds)][1:]  # the first warms up
    return sorted(taken)[rounds // 2]


def _once(seed: int) -> LookUp:
    half = presence.MOST // 2
    last = Signature.objects.public().order_by("-number").values_list("number", flat=True)[0] or 0
    chosen = random.Random(seed).sample(range(1, last + 1), 2 * half)
    there = list(Signature.objects.public().filter(number__in=chosen).values_list("name", flat=True)[:half])
    lines = there + [one.name for one in invented_people.people(presence.MOST - len(there), seed=1000 + seed)]
    began = time.perf_counter()
    answers = presence.look_up(lines)
    milliseconds = (time.perf_counter() - began) * 1000
    return LookUp(round(milliseconds, 1), len(lines), sum(bool(answer.hits) for answer in answers))
