"""The page of the numbers: nothing on it is about one person, so every role may look at it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe
from django_countries import countries

from signatories.desk.access import needs
from signatories.desk.queue.views import queue_numbers
from signatories.models import Edition, Profession
from signatories.models.organizer import Power
from signatories.models.profession import profession_label
from signatories.tally import services as tally

DAYS = 14


@require_safe
@needs(Power.LOOK_AT_NUMBERS)
def numbers(request: HttpRequest) -> HttpResponse:
    """Show the public number with its breakdowns, how many wait, and who left, as sums."""
    languages = dict(settings.LANGUAGES)
    days = sorted(tally.by_prefix("day").items(), reverse=True)[:DAYS]
    breakdowns = [
        ("Day", [(parse_date(day), count) for day, count in days]),
        ("Profession", [(Profession(code).label, count) for code, count in tally.by_prefix("profession").items()]),
        ("Group, counted apart", [(profession_label(code, ""), n) for code, n in tally.by_prefix("group").items()]),
        ("Country", [(countries.name(code), count) for code, count in tally.by_prefix("country").items()]),
        ("Language", [(languages.get(code, code), count) for code, count in tally.by_prefix("language").items()]),
    ]
    context = queue_numbers() | {
        "number": tally.number(timezone.now()),
        "taken_off": tally.taken_off(),
        "edition": Edition.objects.latest_ready(),
        "breakdowns": breakdowns,
    }
    return render(request, "desk/numbers/numbers.html", context)
