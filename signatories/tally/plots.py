"""The plots of the public numbers: the curve over time, and the breakdowns of those who are listed by name."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext, ngettext
from django_countries import countries

from signatories.models import Profession
from signatories.models.profession import by_field
from signatories.plots import charts
from signatories.plots.figure import Plot
from signatories.tally import history
from signatories.tally import services as tally

MOST_BARS = 15
HOURLY = timedelta(days=7)  # a history shorter than this is drawn by the hour
MILESTONES = tuple(digit * 10**zeros for zeros in range(2, 8) for digit in (1, 5))
MARKED = 4  # milestones, the latest


def plots(now: datetime) -> list[Plot]:
    """Return those for which there are numbers, in the active language."""
    return [found for found in (make(now) for make in _MAKERS.values()) if found]


def plot(slug: str, now: datetime) -> Plot | None:
    """Return one; None if there is none of that name, or nobody to count."""
    return _MAKERS[slug](now) if slug in _MAKERS else None


def milestones(steps: Sequence[history.Step]) -> list[tuple[int, datetime]]:
    """Return the latest round numbers with the hour in which each was reached first."""
    found = []
    for milestone in MILESTONES:
        hour = next((step.hour for step in steps if step.count >= milestone), None)
        if hour:
            found.append((milestone, hour))
    return found[-MARKED:]


def _curve(now: datetime) -> Plot | None:
    number = tally.number(now)
    minute = now.replace(second=0, microsecond=0)  # as its source says: so the picture is the same for a minute
    return curve(minute, number.count, _source(number, all_=True))


def curve(now: datetime, count: int, source: str = "") -> Plot | None:
    """Return the curve up to a moment, at which `count` had signed; None before anybody had."""
    steps = [step for step in history.hours() if step.hour <= now]
    if not steps:
        return None
    began, days = steps[0].hour, [day for day in history.days(now) if day.day <= now.date()]
    if now - began <= HOURLY:
        points = [(began, 0), *((min(step.hour + timedelta(hours=1), now), step.count) for step in steps[:-1])]
    else:
        points = [(began, 0), *((_end(day, now), day.count) for day in days[:-1])]
    points.append((now, count))
    marks = [(min(hour + timedelta(hours=1), now), _at(steps, hour)) for _number, hour in milestones(steps)]
    return Plot(
        slug="curve",
        title=gettext("How many have signed, over time"),
        source=source,
        headings=(gettext("Day (UTC)"), gettext("Signed by its end")),
        rows=[(day.day.isoformat(), day.count) for day in days],
        chart=charts.curve(points, marks),
    )


def _end(day: history.Day, now: datetime) -> datetime:
    midnight = datetime.combine(day.day, datetime.min.time(), now.tzinfo)
    return min(midnight + timedelta(days=1), now)


def _at(steps: Sequence[history.Step], hour: datetime) -> int:
    return next(step.count for step in steps if step.hour == hour)


def _fields(now: datetime) -> Plot | None:
    return fields(tally.by_prefix("profession"), _source(tally.number(now)))


def fields(professions: Mapping[str, int], source: str = "") -> Plot | None:
    """Return the plot by field of counted professions; None of nobody."""
    rows = [(str(field.label), count) for field, count in by_field(professions).items()]
    return _bars("fields", gettext("Signatories by field"), gettext("Field"), rows, source)


def _professions(now: datetime) -> Plot | None:
    rows = [(str(Profession(code).label), count) for code, count in tally.by_prefix("profession").items()]
    return _bars(
        "professions", gettext("Signatories by profession"), gettext("Profession"), rows, _source(tally.number(now))
    )


def _countries(now: datetime) -> Plot | None:
    rows = [(str(countries.name(code)), count) for code, count in tally.by_prefix("country").items()]
    return _bars("countries", gettext("Signatories by country"), gettext("Country"), rows, _source(tally.number(now)))


def _bars(slug: str, title: str, heading: str, rows: list[tuple[str, int]], source: str) -> Plot | None:
    if not rows:
        return None
    left_out = len(rows) - MOST_BARS
    note = ngettext("%(count)d more is in the table.", "%(count)d more are in the table.", left_out)
    return Plot(
        slug=slug,
        title=title,
        source=source,
        headings=(heading, gettext("By name")),
        rows=rows,
        chart=charts.bars(rows[:MOST_BARS]),
        note=note % {"count": left_out} if left_out > 0 else "",
    )


def _source(number: tally.Number, *, all_: bool = False) -> str:
    """Return the line below a plot: whose numbers, of how many, as of when."""
    words = (
        gettext("%(site)s · %(count)s signed, as of %(moment)s UTC")
        if all_
        else gettext("%(site)s · %(count)s by name, as of %(moment)s UTC")
    )
    return words % {
        "site": settings.DECLARATION_NAME or urlsplit(settings.SITE_URL).netloc,
        "count": formats.number_format(number.count if all_ else number.named, use_l10n=True, force_grouping=True),
        "moment": formats.date_format(number.as_of, "DATETIME_FORMAT"),
    }


_MAKERS: dict[str, Callable[[datetime], Plot | None]] = {
    "curve": _curve, "fields": _fields, "professions": _professions, "countries": _countries,
}  # fmt: skip
SLUGS = tuple(_MAKERS)
