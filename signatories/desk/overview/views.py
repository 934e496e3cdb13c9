"""The first page of the desk."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import is_open
from signatories.desk.overview import decisions, plots, waiting
from signatories.desk.overview.shared import shared
from signatories.desk.presence import services as presence
from signatories.models.organizer import Power, may
from signatories.tally import hourly
from signatories.tally import services as tally

PLOTS_SECONDS = 20  # the figures behind them are counted each minute


@require_safe
@needs(Power.LOOK_AT_NUMBERS)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what needs a person now, who is at the desk, and the day in figures; with htmx what changes of it.

    Until the first text is published, whoever may write one finds the list of steps here.
    """
    if may(request.user, Power.EDIT_TEXTS) and not is_open(request):
        return redirect("desk-start")
    now = timezone.now()
    context: dict[str, Any] = {
        "now": now,
        "waiting": waiting.waiting(organizer_of(request), now),
        "decides": waiting.decides_anything(organizer_of(request)),
        "decisions": decisions.undoable(organizer_of(request), now) if may(request.user, Power.DECIDE) else [],
        "present": presence.at_the_desk(now),
        "number": tally.number(now),
        "of_the_day": _of_the_day(hourly.by_hour(now)),
    }
    context["away"] = _away(context["present"], presence.active(now))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/overview/now.html", context | {"renewed": True})
    drawn = shared("plots", PLOTS_SECONDS, lambda: _draw(now))
    return render(request, "desk/overview/overview.html", context | {"plots": drawn})


def _draw(now: datetime) -> SafeString:
    return render_to_string("desk/overview/plots.html", {"plots": plots.plots(now)})


def _of_the_day(hours: hourly.Times[Any]) -> list[tuple[str, int]]:
    """Return what is told of the last 24 hours, in words."""
    return [(str(what.label), hours.total(what)) for what in plots.WAY]


def _away(present: list[presence.Present], active: list[presence.Present]) -> list[presence.Present]:
    """Return those who were active lately and are not at the desk at this moment."""
    there = {one.account_id for one in present}
    return [one for one in active if one.account_id not in there]
