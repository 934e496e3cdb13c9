"""The public log of corrections: what happened on the list by the week, and how the number comes about."""

from datetime import UTC, date, datetime, time

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from declaration.joints import listed
from declaration.web.context import EXPORTED_AT
from declaration.web.requests import stranger_form
from signatories.audit import chain, corrections
from signatories.audit.corrections import Week
from signatories.listing import explained, views
from signatories.models.public_change import ChangeReason
from signatories.tally import services as tally

FEED_WEEKS = 12


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def log_or_report(request: HttpRequest) -> HttpResponse:
    """Show the log. For this release a POST is a report of a reader, whose form stood here."""
    return views.report(request) if request.method == "POST" else log(request)


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the log; `?before=2026-11-23` leads to older weeks. The archive has one page with all."""
    before = _monday(request.GET["before"]) if "before" in request.GET else None
    most = None if EXPORTED_AT in request.META else corrections.WEEKS_SHOWN
    now, found = timezone.now(), explained.latest()
    weeks = corrections.weeks(now, before, most)
    context = {
        "number": tally.number(now),
        "explained": found,
        "gone": [(_words(reason), count) for reason, count in found.gone.items()] if found else [],
        "weeks": [(week, [(_words(reason), count) for reason, count in week.reasons.items()]) for week in weeks],
        "older": weeks[-1].monday if len(weeks) == most else None,
        "head": chain.head(),
    }
    return render(request, "listing/corrections.html", context)


def _monday(text: str) -> date:
    """Read the day of an address. Raises Http404."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


def _words(reason: str) -> str:
    """The reason in words; `other` is no reason of its own."""
    return str(ChangeReason(reason).label)


class LogFeed(Feed[Week, None]):
    """The log as an Atom feed, an entry for each week."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("Corrections of the list")

    def link(self) -> str:
        return reverse("listing-corrections")

    def items(self) -> list[Week]:
        return corrections.weeks(timezone.now(), most=FEED_WEEKS)

    def item_title(self, item: Week) -> str:
        return _("Week of %(day)s") % {"day": date_format(item.monday, "DATE_FORMAT")}

    def item_description(self, item: Week) -> str:
        parts = [
            ngettext("%(count)s added", "%(count)s added", item.added) % {"count": item.added},
            ngettext("%(count)s taken off", "%(count)s taken off", item.taken_off) % {"count": item.taken_off},
            ngettext("%(count)s put back", "%(count)s put back", item.put_back) % {"count": item.put_back},
            ngettext("%(count)s corrected", "%(count)s corrected", item.corrected) % {"count": item.corrected},
        ]
        return listed(parts)

    def item_link(self, item: Week) -> str:
        return f"{reverse('listing-corrections')}#{item.monday.isoformat()}"

    def item_pubdate(self, item: Week) -> datetime:
        return datetime.combine(item.monday, time(), UTC)

    def item_updateddate(self, item: Week) -> datetime:
        return min(timezone.now(), datetime.combine(item.sunday, time(23, 59, 59), UTC))
