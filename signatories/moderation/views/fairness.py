"""Limits, lists of networks and mail domains, alarms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories.models import Alarm, Limits, Listed
from signatories.models.fairness import ListKind
from signatories.moderation import fairness
from signatories.moderation.access import organizer_of, organizers_only
from signatories.moderation.forms import AlarmForm, LimitsForm, ListForm
from signatories.moderation.views.common import say
from signatories.signing.views import UNPROCESSABLE, SeeOther

ALARMS_PAGE, PEOPLE_PAGE = 50, 500


@require_http_methods(["GET", "HEAD", "POST"])
@organizers_only
def limits(request: HttpRequest) -> HttpResponse:
    """From where how much is taken."""
    form = LimitsForm(request.POST if request.method == "POST" else None, instance=Limits.current())
    if request.method == "POST" and form.is_valid():
        done = fairness.set_limits(limits=form.cleaned_data, organizer=organizer_of(request))
        say(request, done, "Saved; it counts everywhere within seconds.")
        return SeeOther(reverse("desk-limits"))
    return render(request, "desk/limits.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@organizers_only
def lists(request: HttpRequest) -> HttpResponse:
    """What is treated in its own way; POST lists one more."""
    form = ListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        row = fairness.put_on_list(**form.cleaned_data, organizer=organizer_of(request))
        say(request, True, f"{row.value} is listed: {row.get_kind_display()}.")
        return SeeOther(reverse("desk-lists"))
    rows = Listed.objects.order_by("value")
    kinds = [(kind.label, [row for row in rows if row.kind == kind]) for kind in ListKind]
    return render(
        request, "desk/lists.html", {"form": form, "kinds": kinds}, status=UNPROCESSABLE if form.errors else 200
    )


@require_POST
@organizers_only
def unlist(request: HttpRequest, pk: int) -> HttpResponse:
    """List something no longer."""
    say(request, fairness.take_off_list(listed_id=pk, organizer=organizer_of(request)), "No longer listed.")
    return SeeOther(reverse("desk-lists"))


@require_safe
@organizers_only
def alarms(request: HttpRequest) -> HttpResponse:
    """What organizers should look at now, and what they have looked at."""
    return _alarms(request)


def _alarms(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    rows = list(Alarm.objects.order_by("-pk")[:ALARMS_PAGE])
    context = {
        "open": [(alarm, fairness.people_of(alarm).count()) for alarm in rows if alarm.closed_at is None],
        "closed": [alarm for alarm in rows if alarm.closed_at],
    }
    return render(request, "desk/alarms.html", context | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@organizers_only
def alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom an alarm is about; POST answers it."""
    if request.method == "POST":
        return _answer(request, pk)
    found = get_object_or_404(Alarm, pk=pk)
    people = fairness.people_of(found)
    context = {"alarm": found, "people": people[:PEOPLE_PAGE], "count": people.count()}
    return render(request, "desk/alarm.html", context)


def _answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has looked, knows the domain, or holds or rejects those it is about."""
    form = AlarmForm(request.POST)
    if not form.is_valid():
        return _alarms(request, UNPROCESSABLE, wrong_pk=pk, form=form)
    organizer, now, said = organizer_of(request), timezone.now(), form.cleaned_data
    if said["answer"] == "seen":
        say(request, fairness.close_alarm(alarm_id=pk, organizer=organizer, now=now), "Put aside.")
    elif said["answer"] == "known":
        published = fairness.domain_is_known(alarm_id=pk, organizer=organizer, now=now)
        say(request, published is not None, f"Listed as known; {published} published.")
    elif said["answer"] == "hold":
        held = fairness.hold_all(alarm_id=pk, organizer=organizer, reason=said["reason"], now=now)
        say(request, held is not None, f"{held} held; who comes from there and is still to confirm waits too.")
    else:
        gone = fairness.reject_all(alarm_id=pk, organizer=organizer, reason=said["reason"], now=now)
        say(request, gone is not None, f"{gone} rejected.")
    return SeeOther(reverse("desk-alarms"))
