"""Plots: milliseconds of processor for each as a part of a page, as SVG and as PNG, beside an empty PNG.

All are drawn in each round. The faces are open before: a process opens each once.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import NamedTuple
from xml.etree import ElementTree as ET

from signatories.models import Profession
from signatories.models.profession import by_field
from signatories.plots import charts, figure
from signatories.plots.figure import Plot
from signatories.plots.raster import png
from signatories.tally import plots

_BEGAN = datetime(2026, 10, 1, tzinfo=UTC)
FORMS: Mapping[str, Callable[[Plot], object]] = {
    "in a page": lambda plot: plot.inline,
    "SVG": lambda plot: plot.picture("light"),
    "PNG": lambda plot: plot.png("dark"),
}


class Drawn(NamedTuple):
    """Milliseconds of processor for a plot of `size` rows in a form, and those of an empty PNG of the most pixels."""

    plot: str
    form: str
    size: int
    milliseconds: float
    reference: float


def measure(rounds: int) -> list[Drawn]:
    """Draw each plot in each form, and an empty picture beside it, in each round; returns the medians."""
    taken: dict[tuple[str, str, int], list[tuple[float, float]]] = {}
    for turn in range(1 + rounds):  # the first warms up
        for make in (_curve, _fields, _professions):
            for form, draw in FORMS.items():
                # Other words in each round, as in each minute: what has been drawn is kept.
                plot = make(f"declaration.example · 11,532 signed, as of 29 Nov 2026, 12:{turn:02} UTC")
                took = _milliseconds(partial(draw, plot)), _milliseconds(_empty)
                if turn:
                    taken.setdefault((plot.slug, form, len(plot.rows)), []).append(took)
    return [
        Drawn(*what, *(round(median(times), 1) for times in zip(*took, strict=True))) for what, took in taken.items()
    ]


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000


def _empty() -> bytes:
    """Draw paper alone, as large as a plot can be."""
    side = figure.MOST_PIXELS**0.5
    paper = '<rect width="100%" height="100%" fill="#fbf8f0"/>'
    return png(f'<svg xmlns="{charts.SVG}" width="{side:g}" height="{side:g}">{paper}</svg>', 1)


def _curve(source: str) -> Plot:
    """The curve of two months, with milestones."""
    points = [(_BEGAN + timedelta(days=day), 190 * day) for day in range(61)]
    chart = charts.curve(points, [points[day] for day in (6, 27, 53)])
    rows = [(moment.date().isoformat(), count) for moment, count in points]
    return _plot("curve", "How many have signed, over time", rows, chart, source)


def _fields(source: str) -> Plot:
    rows = [(str(field.label), count) for field, count in by_field(_counted()).items()]
    return _plot("fields", "Signatories by field", rows, charts.bars(rows), source)


def _professions(source: str) -> Plot:
    rows = [(str(Profession(code).label), count) for code, count in _counted().most_common()]
    return _plot("professions", "Signatories by profession", rows, charts.bars(rows[: plots.MOST_BARS]), source)


def _plot(slug: str, title: str, rows: list[tuple[str, int]], chart: ET.Element, source: str) -> Plot:
    return Plot(slug=slug, title=title, source=source, headings=("What", "How many"), rows=rows, chart=chart)


def _counted() -> Counter[str]:
    return Counter({code.value: 4_000 // place for place, code in enumerate(Profession, 1)})
