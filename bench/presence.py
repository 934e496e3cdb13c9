"""Look-up of as many names as a form takes, in a list of a million.

Half of them stand on it, the others nobody bears; then names that a thousand people bear each.
"""

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
# As many names as a form takes, each for one row in a thousand.
_MAKE_COMMON = """
WITH chosen AS (SELECT DISTINCT ON (skeleton) * FROM crowd WHERE name LIKE '%% %%' ORDER BY skeleton, n LIMIT %(most)s),
     common AS (SELECT row_number() OVER () - 1 AS place, * FROM chosen)
UPDATE signatories_signature AS borne
SET name = common.name, filed_under = common.filed_under, sort_key = common.sort_key, letter = common.letter,
    search_key = common.search_key, skeleton = common.skeleton
FROM common WHERE borne.id %% 1000 = common.place AND borne.state = 'published' AND borne.named
RETURNING borne.name
"""


class LookUp(NamedTuple):
    """Milliseconds of a look-up of `asked` names, of which `found` have a hit."""

    milliseconds: float
    asked: int
    found: int


def measure(rounds: int, size: int = SIZE) -> tuple[LookUp, LookUp]:
    """Fill a database of our own and look names up; returns the medians for usual names and for common ones."""
    with listing.database_of_our_own("presence"):
        logging.getLogger(tally.__name__).setLevel(logging.CRITICAL)  # the drift before the first count is expected
        call_command("migrate", verbosity=0)
        demo_text.publish()
        crowd.fill(size)
        tally.repair()
        _vacuum()
        usual = _median([_usual(seed) for seed in range(1 + rounds)])
        common = _make_common()
        _vacuum()
        return usual, _median([common for _round in range(1 + rounds)])


def _median(asked: list[list[str]]) -> LookUp:
    """Look up the names of each round; the first warms up."""
    taken = [_once(lines) for lines in asked][1:]
    return sorted(taken)[len(taken) // 2]


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _usual(seed: int) -> list[str]:
    """Half of them stand on the list."""
    half = presence.MOST // 2
    last = Signature.objects.public().order_by("-number").values_list("number", flat=True)[0] or 0
    chosen = random.Random(seed).sample(range(1, last + 1), 2 * half)
    there = list(Signature.objects.public().filter(number__in=chosen).values_list("name", flat=True)[:half])
    return there + [one.name for one in invented_people.people(presence.MOST - len(there), seed=1000 + seed)]


def _make_common() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_COMMON, {"most": presence.MOST})
        return sorted({name for (name,) in cursor.fetchall()})


def _once(lines: list[str]) -> LookUp:
    began = time.perf_counter()
    answers = presence.look_up(lines)
    milliseconds = (time.perf_counter() - began) * 1000
    return LookUp(round(milliseconds, 1), len(lines), sum(bool(answer.hits) for answer in answers))
