"""Gathered names at the desk: who may hand them over, and the batches that wait for a decision."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import fresh_factor, needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.forms import ReasonForm
from signatories.gathering import results, services
from signatories.gathering.own_views import rows_page
from signatories.gathering.reading import words_of
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.identity import mailbox
from signatories.models import GatheredBatch, GatheringGrant, Partner
from signatories.models.gathering import ASSESSMENT, CONTRACT, FEWEST_PEOPLE
from signatories.models.organizer import Power
from signatories.models.person import SHORT
from signatories.signing.forms import PlainForm

_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


class GrantForm(PlainForm):
    """That a partner may hand names over: by which contract, and that its risks were weighed."""

    signed_by = forms.CharField(
        label="Signed for the partner by", max_length=SHORT, error_messages={"required": "Please say who signed."}
    )
    signed_on = forms.DateField(
        label="On",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Please say when.", "invalid": "This is no date."},
    )
    contract = forms.BooleanField(
        label=f"Both sides have signed the contract about processing (version {CONTRACT}).",
        error_messages={"required": "Without the contract no names can be taken."},
    )
    assessment = forms.BooleanField(
        label=f"The assessment of the risks (version {ASSESSMENT}) is filled in, and its outcome allows it.",
        error_messages={"required": "Without the assessment no names can be taken."},
    )

    def values(self) -> dict[str, Any]:
        """The columns of the grant."""
        return {field: self.cleaned_data[field] for field in ("signed_by", "signed_on")}


@require_safe
@needs(Power.GATHER_NAMES)
def names(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whether a partner may hand names over, and its batches."""
    return _names(request, get_object_or_404(Partner, pk=pk))


@require_POST
@needs(Power.GATHER_NAMES)
@fresh_factor
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a partner hand names over."""
    partner, form = get_object_or_404(Partner, pk=pk), GrantForm(request.POST)
    if not form.is_valid():
        return _names(request, partner, UNPROCESSABLE, form=form)
    done = services.grant(partner_id=pk, values=form.values(), account=organizer_of(request), now=timezone.now())
    tell_result(request, done, "It may hand names over now.")
    return SeeOther(reverse("desk-partner-names", args=[pk]))


@require_POST
@needs(Power.GATHER_NAMES)
def end_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Take no more names from a partner."""
    done = services.end_grant(partner_id=pk, account=organizer_of(request), now=timezone.now())
    tell_result(request, done, "It may hand no more names over. Its batches are paused.")
    return SeeOther(reverse("desk-partner-names", args=[pk]))


@require_safe
@needs(Power.GATHER_NAMES)
def batch(request: HttpRequest, pk: int, batch: int) -> HttpResponse:
    """Show a batch: its proof, its rows with masked addresses, what became of it."""
    return _batch(request, _found(pk, batch))


@require_safe
@needs(Power.GATHER_NAMES)
def specimen(request: HttpRequest, pk: int, batch: int) -> HttpResponse:
    """Send the form or page on which people agreed."""
    found = _found(pk, batch)
    if not found.specimen:
        raise Http404
    response = HttpResponse(bytes(found.specimen), content_type=found.specimen_type)
    name = f"specimen-{found.pk}.{_ENDINGS[found.specimen_type]}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@needs(Power.GATHER_NAMES)
@fresh_factor
def decide(request: HttpRequest, pk: int, batch: int) -> HttpResponse:
    """Approve a batch, or refuse it with a reason."""
    found, now = _found(pk, batch), timezone.now()
    if "approve" in request.POST:
        done = services.approve(batch_id=found.pk, account=organizer_of(request), now=now)
        return _back(request, found, done, "Approved. The first invitations go in an hour; you can still take it back.")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _batch(request, found, UNPROCESSABLE, refuse_form=form)
    done = services.refuse(batch_id=found.pk, account=organizer_of(request), now=now, **form.cleaned_data)
    return _back(request, found, done, "Refused. Everybody in it is deleted.")


@require_POST
@needs(Power.GATHER_NAMES)
def pause(request: HttpRequest, pk: int, batch: int) -> HttpResponse:
    """Send nothing more for the moment."""
    found = _found(pk, batch)
    return _back(request, found, services.pause(batch_id=found.pk, now=timezone.now()), "Paused.")


@require_POST
@needs(Power.GATHER_NAMES)
def resume(request: HttpRequest, pk: int, batch: int) -> HttpResponse:
    """Go on, also with a batch that was paused because people say that they never agreed."""
    found = _found(pk, batch)
    words = "The alarm is over; nothing more is sent." if _why_nothing_goes(found.partner) else "It goes on."
    return _back(request, found, services.resume(batch_id=found.pk, by_desk=True), words)


@require_POST
@needs(Power.GATHER_NAMES)
def undo(request: HttpRequest, pk: int, batch: int) -> HttpResponse:
    """Take a batch back."""
    found = _found(pk, batch)
    done = services.undo(batch_id=found.pk, account=organizer_of(request), now=timezone.now())
    return _back(request, found, done, "Taken back. Whoever had not answered is deleted.")


def _found(partner_id: int, batch_id: int) -> GatheredBatch:
    batches = GatheredBatch.objects.select_related("partner", "account").defer("file", "sample")
    return get_object_or_404(batches, pk=batch_id, partner=partner_id)


def _names(request: HttpRequest, partner: Partner, status: int = 200, **more: Any) -> HttpResponse:
    given = GatheringGrant.objects.filter(partner=partner).first()
    batches = GatheredBatch.objects.filter(partner=partner).defer("file", "sample", "specimen").order_by("-pk")
    context = {"partner": partner, "grant": given, "batches": batches[: services.MOST_SHOWN], "form": GrantForm()}
    return render(request, "desk/partners/names.html", context | {"version": CONTRACT} | more, status=status)


def _batch(request: HttpRequest, found: GatheredBatch, status: int = 200, **more: Any) -> HttpResponse:
    page, shown = rows_page(request, found)
    for row in page:
        row.address = mailbox.masked(row.address) if row.address else ""  # type: ignore[attr-defined]
    context = {
        "batch": found, "partner": found.partner, "page": page, "shown": shown, "at_desk": True,
        "verdicts": services.verdicts(found), "results": results.of_batch(found, at_desk=True),
        "refuse_form": ReasonForm(), "nothing_goes": _why_nothing_goes(found.partner),
        "fewest_people": FEWEST_PEOPLE, "languages": services.languages_of(found),
        "why_failed": words_of(found.error),
    }  # fmt: skip
    return render(request, "desk/partners/batch.html", context | more, status=status)


def _why_nothing_goes(partner: Partner) -> str:
    """Why nobody can be written to for a partner now; empty where somebody can."""
    if services.is_over():
        return "Signing has ended"
    if partner.ended_at:
        return "This partner has ended"
    return "" if services.may_gather(partner) else "This partner may hand no names over any more"


def _back(request: HttpRequest, found: GatheredBatch, done: bool, words: str) -> HttpResponse:
    tell_result(request, done, words)
    return SeeOther(reverse("desk-partner-batch", args=[found.partner_id, found.pk]))
