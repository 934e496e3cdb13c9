"""Acts sealed and checked a second, and what the queue for the seal costs whoever writes acts."""

import time
from statistics import median
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from signatories.audit import chain

SIZE = 50_000
SINGLE = 1_000  # acts written in transactions of their own, as confirmations do
_INSERT = """
INSERT INTO signatories_act (verb, actor, organizer_id, before, after, reason)
SELECT 'find', 'organizer', %s, '', '', 'bench' FROM generate_series(1, %s)
"""


class TrailRate(NamedTuple):
    """Acts sealed a second, acts checked a second, and the time of one INSERT of an act with and without the queue."""

    sealing: float
    checking: float
    queued: float
    bare: float


def measure(rounds: int) -> TrailRate:
    """Write and seal SIZE acts `rounds` times; write single acts in turns with the trigger on and off."""
    organizer = get_user_model().objects.create(username="bench-trail", is_staff=True)
    chain.seal_waiting()
    sealing, checking, queued, bare = [], [], [], []
    for _ in range(rounds):
        _write(organizer.pk, SIZE)
        began = time.perf_counter()
        if chain.seal_waiting() != SIZE:
            raise SystemExit("not every act was sealed")
        sealing.append(SIZE / (time.perf_counter() - began))
        began = time.perf_counter()
        if faults := list(chain.check()):
            raise SystemExit(faults[0].words)
        checking.append(chain.head().position / (time.perf_counter() - began))
        queued.append(_singles(organizer.pk))
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE signatories_act DISABLE TRIGGER act_to_be_sealed")
        bare.append(_singles(organizer.pk))
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE signatories_act ENABLE TRIGGER act_to_be_sealed")
            cursor.execute(
                "INSERT INTO signatories_unsealedact SELECT id FROM signatories_act act"
                " WHERE NOT EXISTS (SELECT FROM signatories_seal seal WHERE seal.act_id = act.id)"
                " ON CONFLICT DO NOTHING"
            )
        chain.seal_waiting()
    return TrailRate(median(sealing), median(checking), median(queued), median(bare))


def _write(organizer: int, count: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT, [organizer, count])


def _singles(organizer: int) -> float:
    """Return the seconds of one act, written and on disk."""
    began = time.perf_counter()
    for _ in range(SINGLE):
        _write(organizer, 1)
    return (time.perf_counter() - began) / SINGLE
