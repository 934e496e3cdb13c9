"""Pages of rules: conditions, the preview of whom they match, the move of exactly those, and the rules kept."""

from datetime import UTC, datetime
from itertools import accumulate

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import fresh_factor, needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.rules.forms import ConditionsForm, MoveForm
from signatories.desk.rules.words import told
from signatories.http import CONFLICT, UNPROCESSABLE, SeeOther
from signatories.models import PreviewedSet, Rule
from signatories.models.organizer import Power
from signatories.plots import charts
from signatories.plots.figure import Plot
from signatories.screening import previews, standing
from signatories.screening.conditions import Conditions

RULES_PAGE = 50


@require_safe
@needs(Power.MOVE_MANY)
def rules(request: HttpRequest) -> HttpResponse:
    """Show the conditions to fill in, as a link may have begun to, and the rules that apply."""
    given = {name: request.GET.getlist(name) if name == "states" else request.GET[name] for name in request.GET}
    return _rules(request, ConditionsForm(initial=given))


def _rules(request: HttpRequest, form: ConditionsForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    kept = Rule.objects.select_related("organizer").order_by("-pk")
    active = [(rule, told(Conditions.stored(rule.conditions))) for rule in kept.active(now)]
    ended = kept.exclude(pk__in=[rule.pk for rule, _told in active])[:RULES_PAGE]
    context = {"form": form, "active": active, "ended": ended}
    return render(request, "desk/rules/rules.html", context, status=status)


@require_POST
@needs(Power.MOVE_MANY)
def make_preview(request: HttpRequest) -> HttpResponse:
    """Freeze whom conditions match, for this organizer to look at; nobody is moved."""
    form = ConditionsForm(request.POST)
    if form.is_valid():
        try:
            frozen = previews.preview(conditions=form.conditions, organizer=organizer_of(request))
        except previews.TooMany:
            form.add_error(None, f"More than {previews.MOST:,} match. Please narrow it down, for example by time.")
        else:
            return SeeOther(reverse("desk-preview", args=[frozen.pk]))
    return _rules(request, form, UNPROCESSABLE)


@require_safe
@needs(Power.MOVE_MANY)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whom conditions have matched."""
    frozen = get_object_or_404(PreviewedSet, pk=pk, organizer=organizer_of(request))
    if frozen.mass_move_id:
        return SeeOther(reverse("desk-mass-move", args=[frozen.mass_move_id]))
    return _preview(request, frozen, MoveForm(initial={"shown": previews.token(frozen)}))


def _preview(request: HttpRequest, frozen: PreviewedSet, form: MoveForm, status: int = 200) -> HttpResponse:
    movable, conditions = previews.movable(frozen), Conditions.stored(frozen.conditions)
    context = {
        "set": frozen,
        "told": told(conditions),
        "query": urlencode(conditions.fields),
        "sample": previews.sample(frozen),
        "plot": _plot(frozen),
        "decisions": [(verb, verb.label, movable[verb]) for verb in movable],
        "form": form,
    }
    return render(request, "desk/rules/preview.html", context, status=status)


def _plot(frozen: PreviewedSet) -> Plot | None:
    """Draw when those of a set confirmed."""
    rows = [(str(moment).replace("T", " "), int(count)) for moment, count in frozen.over_time]
    if len(rows) < 2:
        return None
    moments = [datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment, _count in rows]
    points = list(zip(moments, accumulate(count for _moment, count in rows), strict=True))
    source = f"Those who matched, {frozen.created_at:%d %B %Y, %H:%M} UTC"
    return Plot(
        slug="over-time", title="When they confirmed", source=source,
        headings=("From (UTC)", "Confirmed"), rows=rows, chart=charts.curve(points),
    )  # fmt: skip


@require_POST
@needs(Power.MOVE_MANY)
@fresh_factor
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a previewed set moved, and keep the rule for those who come later if that is wished."""
    organizer, now = organizer_of(request), timezone.now()
    shown = get_object_or_404(PreviewedSet, pk=pk, organizer=organizer)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _preview(request, shown, form, UNPROCESSABLE)
    frozen = previews.by_token(form.cleaned_data["shown"], organizer)
    if frozen is None or frozen.pk != pk:
        raise Http404
    verb, reason = form.verb_chosen, form.cleaned_data["reason"]
    if form.cleaned_data["later"]:
        conditions = Conditions.stored(frozen.conditions)
        try:
            standing.add(
                title=form.cleaned_data["title"], conditions=conditions, verb=verb, reason=reason, organizer=organizer,
                ends_at=form.ends_at, now=now,
            )  # fmt: skip
        except standing.TooManyRules:
            form.add_error("later", f"There are {standing.MOST_RULES} rules already. Please end one first.")
            return _preview(request, shown, form, CONFLICT)
        if not previews.movable(frozen)[verb]:
            tell_result(request, True, "The rule is kept. Nobody is to be moved now.")
            return SeeOther(reverse("desk-rules"))
    begun = previews.begin(frozen=frozen, verb=verb, organizer=organizer, reason=reason)
    if begun is None:
        tell_result(request, False, "")
        return SeeOther(reverse("desk-preview", args=[pk]))
    if begun.left_out:
        names = ", ".join(begun.names) + (" and others" if begun.left_out > len(begun.names) else "")
        messages.info(request, f"Left as they are, because they match only since the preview: {names}.")
    return SeeOther(reverse("desk-mass-move", args=[begun.move.pk]))


@require_POST
@needs(Power.MOVE_MANY)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a rule."""
    done = standing.end(rule_id=pk, organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Ended. Who waits because of it goes on waiting.")
    return SeeOther(reverse("desk-rules"))
