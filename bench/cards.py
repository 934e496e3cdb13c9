"""Cards: milliseconds of processor to draw one, from its words to the file, beside the picture of the number.

Both are drawn in each round. Nothing is taken from a cache. The faces are open before: a process opens each once.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import NamedTuple

from signatories.plots.raster import png
from signatories.sharing import card_pictures
from signatories.sharing.embeds import draw_counter
from signatories.tally.services import Number

_TITLE = "Our work is not raw material"
NAMES = {
    "usual": "Aveline Ashgrove",
    "Arabic": "محمد العَلي الرمّاني",
    "Han": "風見坂奏太",
    "Thai": "สมชาย ใจดี ณ อยุธยา",
    "200 letters": ("Maximiliana Theodora von und zu Hohenstaufen-Lichtenberg " * 4)[:200],
    "200 letters without a break": "W" * 200,
    "200 signs from right to left": ("نورس بن الرمّاني 123 " * 12)[:200],
    "four marks on each letter": ("a\u0301\u0302\u0303\u0304" * 40)[:200],
}


class Drawn(NamedTuple):
    """Milliseconds of processor for a card with a kind of name, and those of the picture of the number."""

    kind: str
    milliseconds: float
    reference: float


def measure(rounds: int) -> list[Drawn]:
    """Draw each card, and the picture of the number beside it, in each round; returns the medians."""
    taken: dict[str, list[float]] = {kind: [] for kind in NAMES}
    references: dict[str, list[float]] = {kind: [] for kind in NAMES}
    for turn in range(1 + rounds):  # the first warms up
        for kind, name in NAMES.items():
            card, reference = _milliseconds(partial(_card, name)), _milliseconds(_number)
            if turn:
                taken[kind].append(card)
                references[kind].append(reference)
    return [Drawn(kind, round(median(taken[kind]), 1), round(median(references[kind]), 1)) for kind in NAMES]


def _milliseconds(act: Callable[[], bytes]) -> float:
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000


def _card(name: str) -> bytes:
    card = card_pictures.with_name(
        name=name, beside="Singer", signed="has signed", title=_TITLE, address="declaration.example"
    )
    return png(card_pictures.svg(card, "light"), scale=1)


def _number() -> bytes:
    number = Number(named=10_000, unnamed=1_532, as_of=datetime(2026, 11, 29, tzinfo=UTC), groups=0)
    return png(draw_counter({"title": _TITLE, "number": number}, "light"))
