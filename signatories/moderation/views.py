"""The desk over HTTP: thin doors to services.py and helping.py. GET shows, POST acts and leaves a row on the trail."""

from django.contrib import messages
from django.db.models import F, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories import holds
from signatories.mine.forms import as_it_stands
from signatories.models import Act, Signature, Signup
from signatories.models.act import Verb
from signatories.models.signature import SignatureQuerySet, State
from signatories.moderation import finding, helping, services, story
from signatories.moderation.access import organizer_of, organizers_only
from signatories.moderation.forms import AtRequestForm, DecideForm, FindForm, ReasonForm
from signatories.signing.views import UNPROCESSABLE, SeeOther

QUEUE_PAGE = 50
TRAIL_PAGE = 100
_DECIDE = {Verb.PUBLISH: services.publish, Verb.REJECT: services.reject, Verb.HOLD: services.hold}


def waiting() -> SignatureQuerySet:
    """Who waits for a person, oldest first."""
    return Signature.objects.filter(state=State.HELD).order_by("confirmed_at", "pk")


def numbers() -> dict[str, object]:
    """How many wait, and since when the oldest does."""
    held = waiting()
    return {"waiting": held.count(), "oldest": held.aggregate(oldest=Min("confirmed_at"))["oldest"]}


@require_safe
@organizers_only
def queue(request: HttpRequest) -> HttpResponse:
    """Who waits, with the reasons in plain words."""
    held = waiting().select_related("text").prefetch_related("acts__organizer")
    after = request.GET.get("after", "")
    last = Signature.objects.filter(pk=int(after)).first() if after.isascii() and after.isdigit() else None
    if last:
        held = held.filter(confirmed_at__gte=last.confirmed_at).exclude(confirmed_at=last.confirmed_at, pk__lte=last.pk)
    page = list(held[: QUEUE_PAGE + 1])
    context = numbers() | {"held": page[:QUEUE_PAGE], "more": page[QUEUE_PAGE - 1] if page[QUEUE_PAGE:] else None}
    return render(request, "desk/queue.html", context)


@require_POST
@organizers_only
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, reject or hold one signature; whoever comes second is told what the first decided."""
    signature = _signature(pk)
    form = DecideForm(request.POST, signature=signature)
    if not form.is_valid():
        return _entry(request, signature, form, status=UNPROCESSABLE)
    verb = Verb(form.cleaned_data["verb"])
    done = _DECIDE[verb](
        signature_id=pk, organizer=organizer_of(request), reason=form.cleaned_data["reason"], now=timezone.now()
    )
    signature.refresh_from_db()
    return _decided(request, signature, done)


@require_POST
@organizers_only
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own last decision."""
    act = get_object_or_404(Act, pk=pk, signature__isnull=False)
    done = services.undo(act_id=pk, organizer=organizer_of(request), now=timezone.now())
    signature = _signature(act.signature_id or 0)
    if done and request.htmx and signature.state == State.HELD:  # type: ignore[attr-defined]
        return _entry(request, signature, None)
    return _decided(request, signature, done)


def _entry(request: HttpRequest, signature: Signature, form: DecideForm | None, status: int = 200) -> HttpResponse:
    """The entry of one signature, to be decided (again)."""
    context = numbers() | {"signature": signature, "form": form, "swap_numbers": True}
    template = "desk/entry.html" if request.htmx else "desk/one.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


def _decided(request: HttpRequest, signature: Signature, done: bool) -> HttpResponse:
    """What became of it: in the place of the entry, or after a redirect."""
    act = signature.acts.select_related("organizer").order_by("-pk").first()
    if request.htmx:  # type: ignore[attr-defined]
        own = bool(act and act.organizer_id == request.user.pk)
        context = numbers() | {"signature": signature, "act": act, "done": done, "own": own, "swap_numbers": True}
        return render(request, "desk/decided.html", context)
    by = f" by {act.organizer}" if act and not done else ""
    words = f"{signature.name}: {signature.get_state_display()}{by}."
    messages.info(request, words if done else f"Nothing was changed. {words}")
    return SeeOther(reverse("desk-signature", args=[signature.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@organizers_only
def find(request: HttpRequest) -> HttpResponse:
    """Look for a person; by POST, so that nobody's address stands in a log or a history."""
    form = FindForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        helping.look_for(organizer=organizer_of(request))
        found = finding.find(form.cleaned_data["q"])
        context["signatures"] = [(row, story.of_signature(row)[-1]) for row in found.signatures]
        context["signups"] = [(row, story.of_signup(row)[-1]) for row in found.signups]
        context["looked"] = True
    return render(request, "desk/find.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_safe
@organizers_only
def signature(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one signature but its address."""
    return _person(request, _signature(pk))


def _person(request: HttpRequest, row: Signature, address: str = "", status: int = 200, **more: object) -> HttpResponse:
    context = {
        "signature": row,
        "events": story.of_signature(row),
        "reasons": [holds.explain(code) for code in row.held_for],
        "stopped": story.mails_stopped(row),
        "acts": row.acts.select_related("organizer").order_by("-pk"),
        "address": address,
    }
    return render(request, "desk/signature.html", context | more, status=status)


@require_POST
@organizers_only
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the address, once, in this answer alone."""
    row = _signature(pk)
    if row.erased_at:
        raise Http404
    return _person(request, row, address=helping.reveal(row=row, organizer=organizer_of(request)))


@require_POST
@organizers_only
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail the link to the own page again."""
    row = _signature(pk)
    if row.state == State.WITHDRAWN:
        raise Http404
    helping.resend(row=row, organizer=organizer_of(request), now=timezone.now())
    messages.info(request, "The link to the own page is on its way.")
    return SeeOther(reverse("desk-signature", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@organizers_only
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The signer's own form, filled in at their request."""
    row = _signature(pk)
    if row.state == State.WITHDRAWN:
        raise Http404
    form = AtRequestForm(request.POST if request.method == "POST" else None, initial=as_it_stands(row))
    if request.method == "POST" and form.is_valid():
        done = helping.correct(
            signature=row, mended=form.mended(), organizer=organizer_of(request),
            reason=form.cleaned_data["reason"], now=timezone.now(),
        )  # fmt: skip
        messages.info(request, "Saved." if done else "Nothing was changed.")
        return SeeOther(reverse("desk-signature", args=[pk]))
    context = {"form": form, "signature": row}
    return render(request, "desk/correct.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@organizers_only
def at_request(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Withdraw, or undo a withdrawal, at the signer's request."""
    row = _signature(pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _person(request, row, status=UNPROCESSABLE, reason_form=form)
    act = helping.withdraw if verb == "withdraw" else helping.restore
    reason = form.cleaned_data["reason"]
    done = act(signature=row, organizer=organizer_of(request), reason=reason, now=timezone.now())
    messages.info(request, "Done; the mailbox is told." if done else "Nothing was changed.")
    return SeeOther(reverse("desk-signature", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@organizers_only
def signup(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody who has not confirmed; POST mails the link again, or shows the address."""
    row = get_object_or_404(Signup.objects.select_related("text"), pk=pk)
    if row.signature_id:
        return redirect("desk-signature", row.signature_id)
    address = ""
    if request.method == "POST" and "reveal" in request.POST:
        address = helping.reveal(row=row, organizer=organizer_of(request))
    elif request.method == "POST":
        done = helping.resend(row=row, organizer=organizer_of(request), now=timezone.now())
        messages.info(request, "The mail is on its way." if done else "The mail was waiting to be sent already.")
        return SeeOther(request.path)
    context = {"signup": row, "events": story.of_signup(row), "stopped": story.mails_stopped(row), "address": address}
    return render(request, "desk/signup.html", context)


@require_safe
@organizers_only
def trail(request: HttpRequest) -> HttpResponse:
    """Every act and look of every organizer, newest first: they see each other's."""
    acts = Act.objects.select_related("organizer", "signature").order_by("-pk")
    before, verb, who = (request.GET.get(name, "") for name in ("before", "verb", "organizer"))
    if before.isascii() and before.isdigit():
        acts = acts.filter(pk__lt=int(before[:18]))
    if verb in Verb.values:
        acts = acts.filter(verb=verb)
    if who.isascii() and who.isdigit():
        acts = acts.filter(organizer_id=int(who[:9]))
    page = list(acts[: TRAIL_PAGE + 1])
    organizers = Act.objects.exclude(organizer=None).order_by("organizer").distinct("organizer")
    context = {
        "acts": page[:TRAIL_PAGE],
        "more": page[TRAIL_PAGE - 1].pk if page[TRAIL_PAGE:] else None,
        "verbs": Verb.choices, "verb": verb, "who": who,
        "organizers": organizers.values_list("organizer", F("organizer__username")),
    }  # fmt: skip
    return render(request, "desk/trail.html", context)


def _signature(pk: int) -> Signature:
    return get_object_or_404(Signature.objects.select_related("text").prefetch_related("acts__organizer"), pk=pk)
