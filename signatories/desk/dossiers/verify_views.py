"""The page on which a signature that looks like a watched name is verified."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import factor_for_decision, needs, organizer_of
from signatories.desk.common import signature_or_404, tell_result
from signatories.desk.dossiers import services, verification
from signatories.desk.dossiers.forms import AgreeForm, NamesakeForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models import Signature
from signatories.models.organizer import Power
from signatories.models.signature import LOOKS_LIKE, State
from signatories.screening import holds

_NOTHING_BESIDE = (
    "This signature shows neither a profession nor an affiliation, so readers could not tell the two apart. Please "
    "write to the signer and ask for one of them first."
)


@require_safe
@needs(Power.DECIDE)
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is known about the names that a signature looks like, and the two ways to publish it."""
    return _page(request, _looking_like_one(pk))


def _looking_like_one(pk: int) -> Signature:
    """Load a signature that looks like a watched name. Raises Http404."""
    signature = signature_or_404(pk)
    if not any(code.startswith(LOOKS_LIKE) for code in signature.held_for):
        raise Http404
    return signature


def _page(request: HttpRequest, signature: Signature, wrong: forms.Form | None = None) -> HttpResponse:
    watched, organizer, now = services.watched_of(signature), organizer_of(request), timezone.now()
    standing = verification.current(signature) if signature.state == State.HELD else None
    every: dict[str, forms.Form] = {
        "namesake_form": NamesakeForm(),
        "agree_form": AgreeForm(watched=watched, initial={"proof": standing.proof_id if standing else None}),
    }
    if wrong:
        every |= {name: wrong for name, form in every.items() if type(form) is type(wrong)}
    context = {
        "signature": signature, "watched_names": watched, "forgotten": services.forgotten_names(signature, watched),
        "standing": standing, "own": bool(standing and standing.first_by_id == organizer.pk),
        "alone": verification.is_alone(now, organizer), "delay": verification.DELAY.seconds // 60,
        "waits": signature.state == State.HELD and signature.is_unverified, "notes": holds.notes([signature]),
        "has_proof": any(each.proofs.all() for each in watched), "wrong": wrong,
    }  # fmt: skip
    return render(request, "desk/dossiers/verify.html", every | context, status=UNPROCESSABLE if wrong else 200)


def _back(signature: Signature) -> SeeOther:
    return SeeOther(reverse("desk-verify", args=[signature.pk]))


@require_POST
@needs(Power.DECIDE)
def namesake(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a signature as that of another person with a similar name."""
    signature, form = _looking_like_one(pk), NamesakeForm(request.POST)
    if form.is_valid():
        try:
            done = verification.declare_namesake(
                signature_id=pk, organizer=organizer_of(request), reason=form.cleaned_data["reason"], now=timezone.now()
            )
        except verification.NothingBeside:
            form.add_error(None, _NOTHING_BESIDE)
        else:
            tell_result(request, done, "Published as a namesake.")
            return SeeOther(reverse("desk-signature", args=[pk]))
    return _page(request, signature, form)


@require_POST
@needs(Power.DECIDE)
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree that a signature is the person's own. Whoever is alone shows the second factor for it."""
    signature, organizer, now = _looking_like_one(pk), organizer_of(request), timezone.now()
    form = AgreeForm(request.POST, watched=services.watched_of(signature))
    if not form.is_valid():
        return _page(request, signature, form)
    standing = verification.current(signature)
    first = standing is None or standing.first_by_id == organizer.pk
    alone = first and verification.is_alone(now, organizer)
    if alone and (to_show_it := factor_for_decision(request)):
        return to_show_it
    made = verification.agree(
        signature_id=pk, proof_id=form.cleaned_data["proof"].pk, organizer=organizer, alone=alone, now=now
    )
    if made is None:
        tell_result(request, False, "")
    elif made.done_at:
        messages.info(request, "Verified by two organizers, and published.")
        return SeeOther(reverse("desk-signature", args=[pk]))
    elif made.due_at:
        messages.info(request, f"It is published at {made.due_at:%H:%M} UTC, unless somebody stops it before.")
    else:
        messages.info(request, "Your agreement is stored. It is published once another organizer agrees.")
    return _back(signature)


@require_POST
@needs(Power.DECIDE)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an agreement that has not published yet, one's own or another organizer's."""
    signature = _looking_like_one(pk)
    done = verification.stop(signature_id=pk, organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Stopped: it waits as before.")
    return _back(signature)
