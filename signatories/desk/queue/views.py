"""The queue of held signatures, and the decisions on them."""

from datetime import datetime

from django.contrib import messages
from django.db.models import Min, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import ACTS_OF_THE_DESK, signature_or_404
from signatories.desk.queue import claims, services
from signatories.desk.queue.entries import PAGE, Filter, entries, held_signatures, page
from signatories.desk.queue.forms import DecideForm, FilterForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number
from signatories.models import Act, Signature
from signatories.models.act import Verb
from signatories.models.organizer import Power
from signatories.models.signature import State


def queue_numbers() -> dict[str, object]:
    """Count the held signatures, and find the time since which the oldest waits."""
    held = held_signatures()
    return {"waiting": held.count(), "oldest": held.aggregate(oldest=Min("confirmed_at"))["oldest"]}


@require_safe
@needs(Power.DECIDE)
def queue(request: HttpRequest) -> HttpResponse:
    """Show those who wait: the urgent ones first, then the riskiest, or as the reader has chosen."""
    now, form = timezone.now(), FilterForm(request.GET)
    shown, more = page(form.chosen, read_number(request.GET.get("after", "")), now)
    prefetch_related_objects(shown, ACTS_OF_THE_DESK)
    found = entries(shown, organizer_of(request), now)
    query = request.GET.copy()
    query["after"] = str(shown[-1].pk) if more else ""
    context = queue_numbers() | {
        "entries": found, "urgent": sum(each.urgent for each in found) if form.chosen.sort == "risk" else 0,
        "more": query.urlencode() if more else "", "form": form, "chosen": form.chosen != Filter(),
    }  # fmt: skip
    return render(request, "desk/queue/queue.html", context)


@require_POST
@needs(Power.DECIDE)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the others see that this organizer looks at an entry; answers who else does."""
    organizer, now = organizer_of(request), timezone.now()
    claims.claim(signature_id=signature_or_404(pk).pk, organizer=organizer, now=now)
    return _claimed(request, [pk], now)


@require_safe
@needs(Power.DECIDE)
def claimed(request: HttpRequest) -> HttpResponse:
    """Answer who else looks at the entries of a page that still wait, for htmx to put beside each."""
    asked = [read_number(each) for each in request.GET.getlist("id")[:PAGE]]
    return _claimed(request, [pk for pk in asked if pk is not None], timezone.now())


def _claimed(request: HttpRequest, keys: list[int], now: datetime) -> HttpResponse:
    waiting = Signature.objects.filter(pk__in=keys, state=State.HELD).values_list("pk", flat=True)
    others = claims.of_others(waiting, organizer_of(request), now)
    return render(request, "desk/queue/claims.html", {"claims": [(pk, others.get(pk, "")) for pk in waiting]})


@require_POST
@needs(Power.DECIDE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, reject or hold one signature. If another organizer was first, the answer shows their decision."""
    signature = signature_or_404(pk)
    form = DecideForm(request.POST, signature=signature)
    if not form.is_valid():
        return _entry(request, signature, form, status=UNPROCESSABLE)
    verb = Verb(form.cleaned_data["verb"])
    done = services.decide(
        verb=verb, signature_id=pk, organizer=organizer_of(request), reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )  # fmt: skip
    claims.release(signature_id=pk, organizer=organizer_of(request))
    signature.refresh_from_db()
    return _decided(request, signature, done)


@require_POST
@needs(Power.DECIDE)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo an own decision; with htmx, a held signature is shown again to be decided."""
    act = get_object_or_404(Act, pk=pk, signature__isnull=False)
    done = services.undo(act_id=pk, organizer=organizer_of(request), now=timezone.now())
    signature = signature_or_404(act.signature_id or 0)
    if done and request.htmx and signature.state == State.HELD:  # type: ignore[attr-defined]
        return _entry(request, signature, None)
    return _decided(request, signature, done)


def _entry(request: HttpRequest, signature: Signature, form: DecideForm | None, status: int = 200) -> HttpResponse:
    """Render the entry of one signature with the form to decide."""
    (entry,) = entries([signature], organizer_of(request), timezone.now())
    shown = {"entry": entry, "signature": signature, "form": form, "opened": True, "swap_numbers": True}
    template = "desk/entry.html" if request.htmx else "desk/one.html"  # type: ignore[attr-defined]
    return render(request, template, queue_numbers() | shown, status=status)


def _decided(request: HttpRequest, signature: Signature, done: bool) -> HttpResponse:
    """Answer a decision: htmx gets a line that replaces the entry, others are redirected."""
    act = signature.acts.of_the_desk().select_related("organizer").order_by("-pk").first()
    if request.htmx:  # type: ignore[attr-defined]
        own = bool(act and act.organizer_id == request.user.pk)
        context = queue_numbers() | {"signature": signature, "act": act, "done": done, "own": own, "swap_numbers": True}
        return render(request, "desk/queue/decided.html", context)
    by = f" by {act.who}" if act and not done else ""
    words = f"{signature.name}: {signature.get_state_display()}{by}."
    messages.info(request, words if done else f"Nothing was changed. {words}")
    return SeeOther(reverse("desk-signature", args=[signature.pk]))
