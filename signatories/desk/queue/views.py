"""The queue of held signatures, and the decisions on them."""

from django.contrib import messages
from django.db.models import Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import ACTS_OF_THE_DESK, signature_or_404
from signatories.desk.queue import services
from signatories.desk.queue.forms import DecideForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number
from signatories.models import Act, Signature
from signatories.models.act import Verb
from signatories.models.organizer import Power
from signatories.models.signature import SignatureQuerySet, State
from signatories.screening import holds

QUEUE_PAGE = 50


def held_signatures() -> SignatureQuerySet:
    """Return the signatures that wait for a decision, oldest first."""
    return Signature.objects.filter(state=State.HELD).order_by("confirmed_at", "pk")


def queue_numbers() -> dict[str, object]:
    """Count the held signatures, and find the time since which the oldest waits."""
    held = held_signatures()
    return {"waiting": held.count(), "oldest": held.aggregate(oldest=Min("confirmed_at"))["oldest"]}


@require_safe
@needs(Power.DECIDE)
def queue(request: HttpRequest) -> HttpResponse:
    """Show the held signatures with their reasons."""
    held = held_signatures().select_related("text").prefetch_related(ACTS_OF_THE_DESK)
    after = read_number(request.GET.get("after", ""))
    last = None if after is None else Signature.objects.filter(pk=after).first()
    if last:
        held = held.filter(confirmed_at__gte=last.confirmed_at).exclude(confirmed_at=last.confirmed_at, pk__lte=last.pk)
    page = list(held[: QUEUE_PAGE + 1])
    more = page[QUEUE_PAGE - 1] if page[QUEUE_PAGE:] else None
    context = queue_numbers() | {"held": page[:QUEUE_PAGE], "notes": holds.notes(page), "more": more}
    return render(request, "desk/queue/queue.html", context)


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
    shown = {"signature": signature, "notes": holds.notes([signature]), "form": form, "swap_numbers": True}
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
