"""Charts as SVG: bars of counts, and a curve over time, in the site's own type and colours. Pure: numbers in, SVG out.

`leather` draws them; here it is told how they look, and what it leaves out is added: the value beside each bar, and
classes in place of colours, which a style sheet sets for light and dark.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import leather
from django.utils import formats

from declaration import shaping
from signatories.plots import labels

SVG = "http://www.w3.org/2000/svg"
WIDTH = 480  # small enough that labels can be read on a phone
ROW_HEIGHT, TWO_LINES_HEIGHT, BAR_HEIGHT, CURVE_HEIGHT = 28, 42, 16, 246
LABEL_SIZE = labels.SIZE
BELOW = 10  # the baseline of the lowest labels: Arabic letters reach deep
_LABEL_WIDTH = 8.6  # of a figure of that size, and a little more
# Stand for classes until the chart is drawn: leather writes colours.
MARK, INK, FAINT, HAIR = "#a51e16", "#1c1916", "#5f584e", "#cdc4b3"
CLASSES = {MARK: "mark", INK: "ink", FAINT: "faint", HAIR: "hair"}
_WHOLE = 100
_ROOM_FOR_VALUE = 1.2  # the axis is this much longer than the longest bar
MOST_TICKS, MOST_TIMES = 6, 5


class _Line(leather.Line):  # type: ignore[misc]  # leather brings no types
    """A line that is in no legend."""

    def legend_to_svg(self, *_ignored: object) -> list[object]:
        """Return nothing to be shown."""
        return []


class _Dots(leather.Dots):  # type: ignore[misc]  # leather brings no types
    """Dots that are in no legend."""

    def legend_to_svg(self, *_ignored: object) -> list[object]:
        """Return nothing to be shown."""
        return []


leather.theme.background_color = "none"
leather.theme.margin = 0.0
leather.theme.legend_font_char_height = 0
leather.theme.legend_gap = 0
leather.theme.tick_color = HAIR
leather.theme.zero_color = HAIR
leather.theme.label_color = FAINT
leather.theme.tick_font_family = "EB Garamond"
leather.theme.tick_font_size = LABEL_SIZE
leather.theme.tick_font_char_height = LABEL_SIZE
leather.theme.tick_font_char_width = _LABEL_WIDTH


def bars(rows: Sequence[tuple[str, int]]) -> ET.Element:
    """Draw horizontal bars of labelled counts, in their order, each with its value. At least one row."""
    broken = [labels.broken(label) for label, _count in rows]
    room = max(labels.width(line) for lines in broken for line in lines)
    keyed = [(_key(place, room), count) for place, (_label, count) in enumerate(rows)]
    chart = leather.Chart()
    chart.add_bars([(count, label) for label, count in keyed], fill_color=MARK)
    chart.add_x_scale(0, max(max(count for _label, count in keyed), 1) * _ROOM_FOR_VALUE)
    height = len(rows) * (TWO_LINES_HEIGHT if any(len(lines) > 1 for lines in broken) else ROW_HEIGHT)
    root = _drawn(chart, height + LABEL_SIZE + 8)  # leather keeps room for an axis below
    root.set("height", str(height))
    root.set("viewBox", f"0 0 {WIDTH} {height}")
    _remove_axis(root, "bottom", every=True)
    _remove_axis(root, "left", every=False)
    _write_labels(root, broken)
    _tell_values(root, [count for _label, count in reversed(keyed)])
    return root


def curve(points: Sequence[tuple[datetime, int]], marks: Sequence[tuple[datetime, int]] = ()) -> ET.Element:
    """Draw a number over time, with moments in UTC, oldest first, and dots on it. At least two points."""
    moments = [_naive(moment) for moment, _count in points]
    first, last = moments[0], max(moments[-1], moments[0] + timedelta(hours=1))
    numbers = round_ticks(max(count for _moment, count in points))
    chart = leather.Chart()
    chart.add_series(leather.Series(_places(points, first, last)), _Line(MARK, 2.5))
    if marks:
        chart.add_series(leather.Series(_places(marks, first, last)), _Dots(MARK, 4))
    times = _apart(_time_ticks(first, last), first, last)
    chart.add_x_scale(0, _WHOLE)
    chart.add_x_axis(ticks=[_share(time, first, last) for time in times], tick_formatter=_told_by(times))
    chart.add_y_scale(0, numbers[-1])
    chart.add_y_axis(ticks=numbers, tick_formatter=number)
    root = _drawn(chart, CURVE_HEIGHT)
    _remove_axis(root, "bottom", every=False)
    height = LABEL_SIZE + CURVE_HEIGHT + BELOW  # the uppermost label reaches above the uppermost line
    root.set("height", str(height))
    root.set("viewBox", f"0 {-LABEL_SIZE} {WIDTH} {height}")
    return root


def _drawn(chart: leather.Chart, height: int) -> ET.Element:
    """Draw, with classes instead of colours."""
    # leather writes no names from outside but the labels, which ElementTree escapes.
    root = ET.fromstring(chart.to_svg(width=WIDTH, height=height))  # noqa: S314
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")  # a prefix would be written, and some readers know none
    root.set("xmlns", SVG)
    root.set("viewBox", f"0 0 {WIDTH} {height}")
    root.set("direction", "ltr")  # in a page from right to left, too: labels end where the bars begin
    for parent in root.iter():
        for child in list(parent):
            if child.tag == "rect" and child.get("fill") == "none":
                parent.remove(child)
    for element in root.iter():
        for attribute in ("fill", "stroke"):
            if name := CLASSES.get(element.get(attribute, "")):
                element.set("class", f"{name}-{attribute}")
                del element.attrib[attribute]
    for label in root.iter("text"):
        direct(label)
    return root


def direct(label: ET.Element) -> None:
    """Give a label the direction of its words, and keep it where it stands: it then starts at its right end."""
    if shaping.is_leftward(label.text or ""):
        label.set("direction", "rtl")
        anchor = label.get("text-anchor", "start")
        label.set("text-anchor", _TURNED.get(anchor, anchor))


_TURNED = {"start": "end", "end": "start"}


def _key(place: int, room: float) -> str:
    """Return what stands for a label until the chart is drawn: so many letters that leather keeps `room` for them.

    It knows no widths, and takes two rows with one label for one bar.
    """
    return str(place).ljust(math.ceil(room / _LABEL_WIDTH))


def _write_labels(root: ET.Element, broken: Sequence[Sequence[str]]) -> None:
    """Write the labels in place of their keys, a second line below the first one."""
    for tick in root.iter("g"):
        if tick.get("class") != "tick" or (key := tick.find("text")) is None:
            continue
        lines = broken[int(key.text or 0)]
        tick.remove(key)
        for place, words in enumerate(lines):
            down = 0.32 + labels.LEADING * (place - (len(lines) - 1) / 2)
            label = ET.SubElement(tick, "text", key.attrib | {"dy": f"{down:.2f}em"})
            label.text = words
            direct(label)


def _remove_axis(root: ET.Element, side: str, *, every: bool) -> None:
    """Remove the lines of an axis; with `every`, its labels, too."""
    for parent in root.iter():
        for group in list(parent):
            if group.get("class") != f"axis {side}":
                continue
            if every:
                parent.remove(group)
            for tick in list(group):
                for line in tick.findall("line"):
                    tick.remove(line)


def _tell_values(root: ET.Element, counts: Sequence[int]) -> None:
    """Write the value beside each bar, and set the bar thinner, so that its row has air."""
    group = next(element for element in root.iter() if element.get("class") == "series bars")
    for bar, count in zip(list(group), counts, strict=True):
        top, height = float(bar.get("y", 0)), float(bar.get("height", 0))
        bar.set("y", f"{top + (height - BAR_HEIGHT) / 2:.1f}")
        bar.set("height", str(BAR_HEIGHT))
        value = ET.SubElement(group, "text", {"class": "ink-fill", "dy": "0.32em"})
        value.set("x", f"{float(bar.get('x', 0)) + float(bar.get('width', 0)) + 8:.1f}")
        value.set("y", f"{top + height / 2:.1f}")
        value.set("font-family", "EB Garamond")
        value.set("font-size", str(LABEL_SIZE))
        value.text = number(count)


def number(value: float, _place: int = 0, _of: int = 0) -> str:
    return formats.number_format(int(value), use_l10n=True, force_grouping=True)


def round_ticks(most: int) -> list[int]:
    """Return round numbers from 0 to `most` or the next one above."""
    step = 1
    while math.ceil(most / step) >= MOST_TICKS:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return [step * place for place in range(max(math.ceil(most / step), 1) + 1)]


def _time_ticks(first: datetime, last: datetime) -> list[datetime]:
    """Return midnights (or full hours in the first two days), as many as have room."""
    unit = timedelta(hours=1) if last - first <= timedelta(days=2) else timedelta(days=1)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    steps = 1
    while (last - midnight) / (unit * steps) >= MOST_TIMES:
        steps += 1
    found = [midnight + unit * steps * place for place in range(MOST_TIMES + 1)]
    clear = (last - first) / 12  # of the edges: a label is centred below its moment
    return [moment for moment in found if first + clear <= moment <= last - clear] or [first + (last - first) / 2]


def _apart(times: list[datetime], first: datetime, last: datetime) -> list[datetime]:
    """Leave out as many moments as their labels need to stand clear of each other."""
    told, distance = _told_by(times), (last - first) * (LABEL_SIZE / WIDTH)
    widest = max(labels.width(told(0, place, 0)) for place in range(len(times))) * ((last - first) / WIDTH)
    kept = times[:1]
    for moment in times[1:]:
        if moment - kept[-1] >= widest + distance:
            kept.append(moment)
    return kept


def _told_by(times: Sequence[datetime]) -> Callable[[float, int, int], str]:
    """Return what writes the label of a time: the day, or the hour where all are within two days."""
    within_days = times[-1] - times[0] <= timedelta(days=2) and any(time.hour for time in times)
    return lambda _value, place, _of: _tick(times[place], with_hour=within_days)


def _tick(moment: datetime, *, with_hour: bool) -> str:
    day = formats.date_format(moment, "MONTH_DAY_FORMAT")
    return f"{day} {moment:%H:%M}" if with_hour else str(day)


def _places(points: Sequence[tuple[datetime, int]], first: datetime, last: datetime) -> list[tuple[float, int]]:
    return [(_share(_naive(moment), first, last), count) for moment, count in points]


def _share(moment: datetime, first: datetime, last: datetime) -> float:
    """Return how much of the time has gone by. In hours leather would lengthen the axis to a round number of them."""
    return (moment - first) / (last - first) * _WHOLE


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
