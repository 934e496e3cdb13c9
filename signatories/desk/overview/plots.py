"""The day as plots: by the hour, by the day, by mail domain; and who is listed, by language, country and profession.

All numbers are counted by jobs. None is about one person: a domain of few is not named.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

from django.conf import settings

from signatories.models.figures import What
from signatories.plots import charts, nested
from signatories.plots.figure import Plot
from signatories.tally import hourly
from signatories.tally import plots as of_tally
from signatories.tally import services as tally

WAY = (What.ASKED, What.CONFIRMED, What.PUBLISHED)
WHOLE_WAY = (What.ASKED, What.MAILED, What.CONFIRMED, What.PUBLISHED)
MOST_DOMAINS = 8
_EACH_HOURS, _EACH_DAYS = 4, 7  # of which the label stands below a column


def plots(now: datetime) -> list[Plot]:
    """Return the plots for which there are numbers."""
    made = (
        _hours(now),
        _days(now),
        _domains(now),
        _languages(now),
        *(of_tally.plot(slug, now) for slug in ("professions", "countries")),
    )
    return [plot for plot in made if plot]


def _hours(now: datetime) -> Plot | None:
    source = "Each column is an hour (UTC); the last one has only begun"
    return _columns("hours", "The last 24 hours", source, "From (UTC)", hourly.by_hour(now), _hour_of, _EACH_HOURS)


def _days(now: datetime) -> Plot | None:
    source = "Each column is a day (UTC); the last one is today"
    return _columns("days", "The last 30 days", source, "Day (UTC)", hourly.by_day(now), _day_of, _EACH_DAYS)


def _hour_of(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M}"


def _day_of(day: date) -> str:
    return f"{day.day} {day:%b}"


def _columns[Moment](
    slug: str,
    title: str,
    source: str,
    heading: str,
    times: hourly.Times[Moment],
    label: Callable[[Moment], str],
    each: int,
) -> Plot | None:
    groups = [(counts.get(WAY[0], 0), counts.get(WAY[1], 0), counts.get(WAY[2], 0)) for _at, counts in times.moments]
    labels = [label(moment) for moment, _counts in times.moments]
    if not any(map(any, groups)):
        return None
    below = [(place, words) for place, words in enumerate(labels) if (len(labels) - 1 - place) % each == 0]
    return Plot(
        slug=slug,
        title=title,
        source=source,
        headings=(heading, *(what.label for what in WAY)),
        rows=[(words, *group) for words, group in zip(labels, groups, strict=True)],
        chart=nested.columns(groups, below, [what.label for what in WAY]),
    )


def _domains(now: datetime) -> Plot | None:
    found = hourly.by_domain(now, MOST_DOMAINS)
    if not found:
        return None
    asked, mailed, confirmed, published = WHOLE_WAY
    rows = [
        (key or "all others", counts[asked], counts[mailed], counts[confirmed], counts[published])
        for key, counts in found
    ]
    return Plot(
        slug="domains",
        title="From asking to the list, by mail domain",
        source="What happened in the last 24 hours; at the right, how many were published for a hundred who asked",
        headings=("Mail domain", *(what.label for what in WHOLE_WAY)),
        rows=rows,
        chart=nested.rows(rows, [what.label for what in WHOLE_WAY]),
        note=f"A domain from which fewer than {hourly.FEWEST} asked is among all others.",
    )


def _languages(now: datetime) -> Plot | None:
    names = dict(settings.LANGUAGES)
    rows = [(str(names.get(code, code)), count) for code, count in tally.by_prefix("language").items()]
    if not rows:
        return None
    return Plot(
        slug="languages",
        title="Signatories by language",
        source=f"Those listed by name, as of {tally.number(now).as_of:%H:%M} UTC",
        headings=("Language", "By name"),
        rows=rows,
        chart=charts.bars(rows),
    )
