"""Moves a second of a mass move, beside the bare UPDATE of the same rows in batches of the same size, in turns.

Both are durable: each batch is committed and on disk before the next begins. And a mass move while people sign.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import batched
from statistics import median
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.utils import timezone

from bench import site
from signatories.audit.services import by_organizer
from signatories.lifecycle import mass_moves
from signatories.models import MassMove, Signature
from signatories.models.act import Verb
from signatories.models.mass_move import MassMoveState
from signatories.models.signature import State

SIZE = 10_000
_TURNS = ((Verb.REJECT, State.PUBLISHED), (Verb.HOLD, State.REJECTED), (Verb.PUBLISH, State.HELD))
_UPDATE = "UPDATE signatories_signature SET state = state, changed_at = %s WHERE id = ANY(%s)"


class MoveRate(NamedTuple):
    """Moves a second, those of the slowest verb, rows a second of the bare UPDATE, and seconds to freeze the set."""

    rate: float
    slowest: float
    reference: float
    freezing: float


def measure(rounds: int) -> MoveRate:
    """Reject, hold and publish everybody, `rounds` times each, and update the same rows in turns."""
    organizer = get_user_model().objects.create(username="bench-moves", is_staff=True)
    ids = list(Signature.objects.order_by("pk").values_list("pk", flat=True)[:SIZE])
    rates: dict[Verb, list[float]] = {verb: [] for verb, _before in _TURNS}
    bare, freezing = [], []
    for _ in range(rounds):
        for verb, before in _TURNS:
            bare.append(len(ids) / _timed(_update(ids)))
            began = time.perf_counter()
            with transaction.atomic():
                everyone = Signature.objects.all()
                part = mass_moves.freeze(everyone, mass_moves.shown_now(), verb=verb, before=before)
                move = mass_moves.begin([part], verb=verb, by=by_organizer(organizer, "Bench."))
            freezing.append(time.perf_counter() - began)
            rates[verb].append(len(ids) / _timed(_work(move)))
    each = [median(found) for found in rates.values()]
    return MoveRate(
        median(rate for found in rates.values() for rate in found), min(each), median(bare), median(freezing)
    )


class BesideSigning(NamedTuple):
    """Moves a second while people sign, and the share of their rate that signers keep; medians."""

    rate: float
    kept: float


def measure_beside_signing(urls: site.Urls, plan: site.LoadPlan) -> BesideSigning:
    """Load the sign POST alone and beside a worker that moves people, in turns."""
    organizer = get_user_model().objects.create(username="bench-moves-signing", is_staff=True)
    path = f"{urls.site}/sign/"
    site.load_page(path, 1, "sign.lua")
    rates, kept = [], []
    for _ in range(plan.rounds):
        alone = site.load_page(path, plan.seconds, "sign.lua").rate
        over, moved = threading.Event(), [0]
        worker = threading.Thread(target=_move_until, args=(over, moved, organizer))
        began = time.perf_counter()
        worker.start()
        beside = site.load_page(path, plan.seconds, "sign.lua").rate
        over.set()
        worker.join()
        rates.append(moved[0] / (time.perf_counter() - began))
        kept.append(beside / alone)
    return BesideSigning(median(rates), median(kept))


def _move_until(over: threading.Event, moved: list[int], organizer: AbstractBaseUser) -> None:
    """Reject, hold and publish everybody again and again, as a worker does."""
    while not over.is_set():
        for verb, before in _TURNS:
            with transaction.atomic():
                part = mass_moves.freeze(Signature.objects.all(), mass_moves.shown_now(), verb=verb, before=before)
                move = mass_moves.begin([part], verb=verb, by=by_organizer(organizer, "Bench."))
            for _step in _work(move):
                pass
            moved[0] += SIZE
    connection.close()


def _timed(steps: Iterator[None]) -> float:
    began = time.perf_counter()
    for _ in steps:
        pass
    return time.perf_counter() - began


def _update(ids: Sequence[int]) -> Iterator[None]:
    for part in batched(ids, mass_moves.BATCH):
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE, [timezone.now(), list(part)])
        yield


def _work(move: MassMove) -> Iterator[None]:
    while mass_moves.work_batch(now=timezone.now()):
        yield
    move.refresh_from_db()
    if (move.state, move.moved) != (MassMoveState.DONE, SIZE):
        raise SystemExit(f"{move}: {move.moved} of {SIZE}")
