"""The pages on which a partner hands over names of people who agreed to be asked. It sees its own batches alone."""

import csv
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from declaration.web.uploads import TOO_LARGE, UploadRefused, larger_upload
from signatories.gathering import preparing, results, self_test, services
from signatories.gathering.checking import WORDS, Why
from signatories.gathering.columns import TEMPLATE
from signatories.gathering.file_reader import MOST_BYTES, Reason
from signatories.gathering.forms import ColumnsForm, HeadForm, PaceForm, ProofForm, UploadForm
from signatories.gathering.reading import FileRefused, words_of
from signatories.http import GONE, UNPROCESSABLE, SeeOther
from signatories.identity import mailbox
from signatories.mail.quota import TESTS_A_DAY
from signatories.models import GatheredBatch, Invitee, Partner
from signatories.models.gathering import FEWEST_PEOPLE, Verdict
from signatories.models.partner import partner_of
from signatories.partners.own_views import for_partner

type BatchView = Callable[..., HttpResponse]
ROWS_A_PAGE = 50
LARGEST_FORM = MOST_BYTES + 100_000  # bytes, with what stands around the file; the Caddyfile has this number, too
_SHOWN = (*Verdict.values, "left_out")


def of_own(view: BatchView) -> BatchView:
    """Hand one of the partner's own batches to a view, as long as the partner may hand names over."""

    @for_partner
    @wraps(view)
    def guarded(request: HttpRequest, partner: Partner, pk: int, **kwargs: Any) -> HttpResponse:
        batches = GatheredBatch.objects.select_related("partner").defer("file", "partner__logo")
        batch = get_object_or_404(batches, pk=pk, partner=partner)
        return view(request, batch, **kwargs) if services.may_gather(partner) else _not_allowed(request, partner)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # Django would read the whole file for its token, before anybody has asked who sends it
def batches(request: HttpRequest) -> HttpResponse:
    """Show the batches of a partner; POST takes a file.

    Only a partner that may hand names over is read beyond the bound of all forms, one at a time in a process. For all
    others this is a form like any other.
    """
    partner = partner_of(request.user)
    if request.method != "POST" or partner is None or not services.may_gather(partner) or services.is_over():
        return _batches(request)
    try:
        with larger_upload(request, LARGEST_FORM):
            return _batches(request)
    except UploadRefused as refused:
        too_large = refused.status == TOO_LARGE
        words = FileRefused(Reason.TOO_MANY_BYTES) if too_large else _("Another file is being read: please try again.")
        messages.info(request, str(words))
        return SeeOther(reverse("partner-names"))


@csrf_protect
@for_partner
def _batches(request: HttpRequest, partner: Partner) -> HttpResponse:
    if not services.may_gather(partner):
        return _not_allowed(request, partner)
    over = services.is_over()
    posted = (request.POST, request.FILES) if request.method == "POST" and not over else ()
    form = UploadForm(*posted, initial={"language": get_language()})
    if posted and form.is_valid():
        try:
            made = services.upload(
                partner_id=partner.pk, account=_account(request), content=form.cleaned_data["file"],
                language=form.cleaned_data["language"], file_name=form.file_name(),
            )  # fmt: skip
        except services.TooMany:
            words = _("%(most)d files are not sent yet: finish one of them, or take it back.")
            form.add_error(None, words % {"most": services.MOST_OPEN})
        except services.Over:  # in this moment
            return SeeOther(reverse("partner-names"))
        else:
            return SeeOther(reverse("partner-batch", args=[made.pk]))
    found = GatheredBatch.objects.filter(partner=partner).defer("file", "sample", "specimen").order_by("-pk")
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"partner": partner, "form": form, "page": page, "over": over}
    status = GONE if over and request.method == "POST" else UNPROCESSABLE if form.errors else 200
    return render(request, "gathering/batches.html", context, status=status)


@require_safe
@for_partner
def template(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Send a table to fill in."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="names.csv"'
    csv.writer(response, lineterminator="\r\n").writerows(zip(*TEMPLATE, strict=True))
    return response


@require_safe
@of_own
def batch(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Show a batch: what is to be done with it now."""
    return _page(request, batch)


@require_POST
@of_own
def set_head(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Say which line names the columns."""
    form = HeadForm(request.POST, lines=preparing.heads_of(preparing.sample_of(batch)))
    if not form.is_valid():
        return _page(request, batch, UNPROCESSABLE, head_form=form)
    return _back(request, batch, services.set_head(batch_id=batch.pk, **form.cleaned_data), "")


@require_POST
@of_own
def set_columns(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Say which column holds what."""
    form = ColumnsForm(request.POST, head=preparing.head_of(preparing.sample_of(batch), batch.head))
    if not form.is_valid():
        return _page(request, batch, UNPROCESSABLE, columns_form=form)
    return _back(request, batch, services.set_columns(batch_id=batch.pk, places=form.places()), "")


@require_POST
@of_own
def leave_out(request: HttpRequest, batch: GatheredBatch, invitee: int) -> HttpResponse:
    """Leave a person out, or take them in again."""
    out = "in" not in request.POST
    done = services.leave_out(batch_id=batch.pk, invitee_id=invitee, left_out=out)
    return _back(request, batch, done, _("Left out.") if out else _("Taken in again."))


@require_POST
@of_own
def prove(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Record how these people agreed."""
    form = ProofForm(request.POST, request.FILES, has_specimen=bool(batch.specimen))
    if not form.is_valid():
        return _page(request, batch, UNPROCESSABLE, proof_form=form)
    return _back(request, batch, services.prove(batch_id=batch.pk, proof=form.proof()), _("Saved."))


@require_POST
@of_own
def test(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Mail the invitation to oneself."""
    address = str(getattr(_account(request), "email", ""))
    try:
        done = self_test.send(batch_id=batch.pk, address=address, now=timezone.now())
    except self_test.TooManyTests:
        words = _("You had %(most)d tests today, the most for a day. From midnight (UTC) on there are more.")
        return _back(request, batch, False, "", words % {"most": TESTS_A_DAY})
    return _back(request, batch, done, _("The invitation is on its way to %(address)s.") % {"address": address})


@require_POST
@of_own
def looked(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Say that the test was looked at."""
    done = self_test.looked(batch_id=batch.pk, now=timezone.now())
    return _back(request, batch, done, _("Thank you."), _("The test has not come as a whole: see below."))


@require_POST
@of_own
def ask(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Ask the organizers to approve."""
    words = _("The organizers look at it now. You can still take it back.")
    return _back(request, batch, services.ask(batch_id=batch.pk), words, _("Something is missing yet: see below."))


@require_POST
@of_own
def set_pace(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Say how fast invitations go."""
    form = PaceForm(request.POST)
    if not form.is_valid():
        return _page(request, batch, UNPROCESSABLE, pace_form=form)
    return _back(request, batch, services.set_pace(batch_id=batch.pk, **form.cleaned_data), _("Saved."))


@require_POST
@of_own
def pause(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Send nothing more for the moment."""
    done = services.pause(batch_id=batch.pk, now=timezone.now())
    return _back(request, batch, done, _("Paused: nobody more is written to."))


@require_POST
@of_own
def resume(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Go on."""
    done = services.resume(batch_id=batch.pk, by_desk=False)
    return _back(request, batch, done, _("It goes on."), _("Only the organizers can let it go on."))


@require_POST
@of_own
def undo(request: HttpRequest, batch: GatheredBatch) -> HttpResponse:
    """Take a batch back."""
    done = services.undo(batch_id=batch.pk, account=_account(request), now=timezone.now())
    return _back(request, batch, done, _("Taken back. Whoever has not answered is deleted, and their links say so."))


def rows_page(request: HttpRequest, batch: GatheredBatch) -> tuple[Page[Invitee], str]:
    """The rows of a batch that a page asks for by `?show=`, with their reasons in words, and which these are."""
    shown = request.GET.get("show", "")
    shown = shown if shown in _SHOWN else ""
    rows = Invitee.objects.filter(batch=batch, is_test=False).order_by("line")
    if shown == "left_out":
        rows = rows.filter(left_out=True)
    elif shown:
        rows = rows.filter(verdict=shown, left_out=False)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.reasons = [WORDS[Why(code)] for code in row.why.split()]  # type: ignore[attr-defined]
        row.address = mailbox.unseal(bytes(row.address_sealed)) if row.address_sealed else ""  # type: ignore[attr-defined]
    return page, shown


def _page(request: HttpRequest, batch: GatheredBatch, status: int = 200, **forms: Any) -> HttpResponse:
    context: dict[str, Any] = {"batch": batch, "partner": batch.partner, "fewest_people": FEWEST_PEOPLE}
    if batch.error:
        context["why_failed"] = words_of(batch.error)
    if batch.state in ("columns", "open"):
        lines, head = preparing.sample_of(batch), batch.head
        context["columns_form"] = ColumnsForm(head=preparing.head_of(lines, head), initial=batch.columns)
        context["head_form"] = HeadForm(lines=preparing.heads_of(lines), initial={"head": head})
        context["sample"] = preparing.turned_sample(lines, head)
    if batch.state in ("open", "asked"):
        context["page"], context["shown"] = rows_page(request, batch)
        context["verdicts"] = services.verdicts(batch)
    if batch.state == "open":
        given = {field: getattr(batch, field) for field in ("asked_by", "asked_on", "asked_where", "asked_in")}
        context["proof_form"] = ProofForm(initial=given, has_specimen=bool(batch.specimen))
        context["test"] = self_test.delivery(batch.pk)
    if batch.state == "approved":
        begun = batch.starts_at is not None and batch.starts_at <= timezone.now()
        context |= {"results": results.of_batch(batch), "has_begun": begun}
        context["pace_form"] = PaceForm(initial={"pace": batch.pace})
    return render(request, "gathering/batch.html", context | forms, status=status)


def _not_allowed(request: HttpRequest, partner: Partner) -> HttpResponse:
    return render(request, "gathering/not_allowed.html", {"partner": partner}, status=403)


def _back(request: HttpRequest, batch: GatheredBatch, done: bool, words: str, not_done: str = "") -> HttpResponse:
    told = words if done else not_done or _("Nothing was changed: the file does not allow it now.")
    if told:
        messages.info(request, told)
    return SeeOther(reverse("partner-batch", args=[batch.pk]))


def _account(request: HttpRequest) -> AbstractBaseUser:
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - `for_partner` has looked
    return request.user
