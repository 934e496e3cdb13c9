"""Pages of the alarms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from signatories.desk.access import organizer_of, organizers_only
from signatories.desk.alarms import services
from signatories.desk.alarms.forms import AlarmForm
from signatories.desk.common import tell_result
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models import Alarm

ALARMS_PAGE, PEOPLE_PAGE = 50, 500


@require_safe
@organizers_only
def alarms(request: HttpRequest) -> HttpResponse:
    return _render_alarms(request)


def _render_alarms(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    rows = list(Alarm.objects.order_by("-pk")[:ALARMS_PAGE])
    context = {
        "open": [(alarm, services.signatures_of(alarm).count()) for alarm in rows if alarm.closed_at is None],
        "closed": [alarm for alarm in rows if alarm.closed_at],
    }
    return render(request, "desk/alarms/alarms.html", context | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@organizers_only
def alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the signatures an alarm is about; POST answers it."""
    if request.method == "POST":
        return _answer(request, pk)
    found = get_object_or_404(Alarm, pk=pk)
    people = services.signatures_of(found)
    context = {"alarm": found, "people": people[:PEOPLE_PAGE], "count": people.count()}
    return render(request, "desk/alarms/alarm.html", context)


def _answer(request: HttpRequest, pk: int) -> HttpResponse:
    form = AlarmForm(request.POST)
    if not form.is_valid():
        return _render_alarms(request, UNPROCESSABLE, wrong_pk=pk, form=form)
    organizer, now, data = organizer_of(request), timezone.now(), form.cleaned_data
    if data["answer"] == "seen":
        tell_result(request, services.close_alarm(alarm_id=pk, organizer=organizer, now=now), "Put aside.")
    elif data["answer"] == "known":
        published = services.accept_domain(alarm_id=pk, organizer=organizer, now=now)
        tell_result(request, published is not None, f"Listed as known; {published} published.")
    elif data["answer"] == "hold":
        held = services.hold_all(alarm_id=pk, organizer=organizer, reason=data["reason"], now=now)
        tell_result(request, held is not None, f"{held} held; who comes from there and is still to confirm waits too.")
    else:
        rejected = services.reject_all(alarm_id=pk, organizer=organizer, reason=data["reason"], now=now)
        tell_result(request, rejected is not None, f"{rejected} rejected.")
    return SeeOther(reverse("desk-alarms"))
