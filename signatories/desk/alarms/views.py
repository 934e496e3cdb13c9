"""Pages of the alarms, and of the mass moves that answer them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories.desk.access import ask_for_factor, fresh_factor, needs, organizer_of, require
from signatories.desk.alarms import services
from signatories.desk.alarms.forms import MOVING, AlarmForm
from signatories.desk.common import tell_result
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.lifecycle import mass_moves
from signatories.models import Alarm, MassMove
from signatories.models.alarm import AlarmKind, kinds_answered_by
from signatories.models.mass_move import AT_WORK
from signatories.models.organizer import Power

ALARMS_PAGE, PEOPLE_PAGE, MOVES_PAGE = 50, 500, 20


@require_safe
@needs(Power.ANSWER_ALARMS)
def alarms(request: HttpRequest) -> HttpResponse:
    return _render_alarms(request)


def _render_alarms(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    kinds = kinds_answered_by(request.user)
    rows = list(Alarm.objects.filter(kind__in=kinds).order_by("-pk")[:ALARMS_PAGE])
    at_work = {move.alarm_id: move for move in MassMove.objects.filter(state__in=AT_WORK)}
    shown = services.what_is_shown([alarm for alarm in rows if alarm.closed_at is None])
    context = {
        "open": [(alarm, shown[alarm.pk], at_work.get(alarm.pk)) for alarm in rows if alarm.pk in shown],
        "closed": [alarm for alarm in rows if alarm.closed_at],
        "moves": MassMove.objects.select_related("organizer").order_by("-pk")[:MOVES_PAGE],
    }
    return render(request, "desk/alarms/alarms.html", context | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_PEOPLE, post=Power.ANSWER_ALARMS)
def alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the signatures an alarm is about; POST answers it."""
    if request.method == "POST":
        return _answer(request, pk)
    found = get_object_or_404(Alarm, pk=pk, kind__in=kinds_answered_by(request.user))
    people = services.signatures_of(found)
    context = {"alarm": found, "people": people[:PEOPLE_PAGE], "count": people.count()}
    return render(request, "desk/alarms/alarm.html", context)


def _answer(request: HttpRequest, pk: int) -> HttpResponse:
    form = AlarmForm(request.POST)
    if not form.is_valid():
        return _render_alarms(request, UNPROCESSABLE, wrong_pk=pk, form=form)
    organizer, now, data = organizer_of(request), timezone.now(), form.cleaned_data
    if found := Alarm.objects.filter(pk=pk).first():
        require(organizer, AlarmKind(found.kind).answered_with)
    if data["answer"] in MOVING:
        require(organizer, Power.MOVE_MANY)
        if asked := ask_for_factor(request):
            return asked
    if data["answer"] == "seen":
        tell_result(request, services.close_alarm(alarm_id=pk, organizer=organizer, now=now), "Put aside.")
        return SeeOther(reverse("desk-alarms"))
    shown, reason = data["shown"], data["reason"]
    if data["answer"] == "known":
        words, answer = "Listed as known.", services.accept_domain(
            alarm_id=pk, shown=shown, organizer=organizer, now=now
        )  # fmt: skip
    elif data["answer"] == "hold":
        words = "Who comes from there and is still to confirm will wait."
        answer = services.hold_all(alarm_id=pk, shown=shown, organizer=organizer, reason=reason, now=now)
    else:
        words = "Asked for."
        answer = services.reject_all(alarm_id=pk, shown=shown, organizer=organizer, reason=reason, now=now)
    tell_result(request, answer.done, words if answer.move else f"{words} Nobody is to be moved.")
    return _to_move(answer.move) if answer.move else SeeOther(reverse("desk-alarms"))


@require_safe
@needs(Power.ANSWER_ALARMS)
def mass_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a mass move is; with htmx only that part."""
    found = get_object_or_404(MassMove.objects.select_related("organizer", "undo_of"), pk=pk)
    part = "progress" if request.htmx else "mass_move"  # type: ignore[attr-defined]
    return render(request, f"desk/alarms/{part}.html", {"move": found})


@require_POST
@needs(Power.MOVE_MANY)
def cancel_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a mass move; who was moved stays so until it is undone."""
    found = get_object_or_404(MassMove, pk=pk)
    done = mass_moves.cancel(mass_move_id=pk, organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Cancelled. Who was moved before can be put back by Undo.")
    return _to_move(found)


@require_POST
@needs(Power.MOVE_MANY)
@fresh_factor
def undo_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a mass move to be put back."""
    found = get_object_or_404(MassMove, pk=pk)
    undo = mass_moves.undo(mass_move_id=pk, organizer=organizer_of(request))
    tell_result(request, undo is not None, "Asked for.")
    return _to_move(undo or found)


def _to_move(move: MassMove) -> HttpResponse:
    return SeeOther(reverse("desk-mass-move", args=[move.pk]))
