"""Pages to find a person, and to act at their request."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories.desk import looks
from signatories.desk.access import needs, organizer_of, require
from signatories.desk.common import signature_or_404
from signatories.desk.forms import LookForm, ReasonForm
from signatories.desk.people import finding, support, timeline, writing
from signatories.desk.people.forms import AtRequestForm, FindForm, GroupAtRequestForm, WriteForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.mine.forms import as_it_stands
from signatories.models import Act, Signature, Signup
from signatories.models.organizer import Power
from signatories.models.signature import State
from signatories.screening import holds

_AT_REQUEST = {
    "withdraw": support.withdraw, "restore": support.restore, "elsewhere": support.show_nowhere_else,
}  # fmt: skip
_STOPPED = "No mail is sent: the owner of this mailbox has stopped our mails. Allow them again first, if they ask."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_PEOPLE)
def find(request: HttpRequest) -> HttpResponse:
    """Search for a person. By POST, so that no address stands in a log or in the history of the browser."""
    form = FindForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        support.record_search(organizer=organizer_of(request))
        found = finding.find(form.cleaned_data["q"])
        notes = holds.notes(found.signatures)
        context["signatures"] = [(row, timeline.of_signature(row, notes)[-1]) for row in found.signatures]
        context["signups"] = [(row, timeline.of_signup(row)[-1]) for row in found.signups]
        context["searched"] = True
    return render(request, "desk/people/find.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_safe
@needs(Power.SEE_PEOPLE)
def signature(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything about one signature except its address."""
    return _person(request, signature_or_404(pk))


def _person(request: HttpRequest, row: Signature, address: str = "", status: int = 200, **more: object) -> HttpResponse:
    context = {
        "signature": row,
        "events": timeline.of_signature(row),
        "notes": holds.notes([row]),
        "stopped": timeline.mails_stopped(row),
        "acts": Act.objects.filter(signature=row).select_related("organizer", "detail").order_by("-pk"),
        "address": address,
    }
    return render(request, "desk/people/signature.html", context | more, status=status)


@require_POST
@needs(Power.LOOK_AT_ADDRESSES)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the address, in this answer only."""
    row = signature_or_404(pk)
    if not row.address_sealed:
        raise Http404
    form = LookForm(request.POST)
    if not form.is_valid():
        return _person(request, row, status=UNPROCESSABLE, look_form=form)
    address = looks.reveal(row=row, organizer=organizer_of(request), reason=form.cleaned_data["reason"])
    return _person(request, row, address=address)


@require_POST
@needs(Power.HELP_SIGNERS)
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    row = signature_or_404(pk)
    if row.state == State.WITHDRAWN or not row.address_sealed:
        raise Http404
    support.resend(row=row, organizer=organizer_of(request), now=timezone.now())
    messages.info(request, "The mail with the link waits to be sent; the list below says when it was.")
    return SeeOther(reverse("desk-signature", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.HELP_SIGNERS)
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a signature with the form of the own page."""
    row = signature_or_404(pk)
    if row.state == State.WITHDRAWN:
        raise Http404
    kind = GroupAtRequestForm if row.is_group else AtRequestForm
    form = kind(request.POST if request.method == "POST" else None, initial=as_it_stands(row))
    if request.method == "POST" and form.is_valid():
        done = support.correct(
            signature=row, update=form.signature_update(), organizer=organizer_of(request),
            reason=form.cleaned_data["reason"], now=timezone.now(),
        )  # fmt: skip
        messages.info(request, "Saved." if done else "Nothing was changed.")
        return SeeOther(reverse("desk-signature", args=[pk]))
    context = {"form": form, "signature": row}
    return render(request, "desk/people/correct.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.HELP_SIGNERS)
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to a signer: choose a text, see the mail, send it."""
    row = signature_or_404(pk)
    if row.state == State.WITHDRAWN or not row.address_sealed:
        raise Http404
    form = WriteForm(request.POST if request.method == "POST" else None, signature=row)
    context: dict[str, object] = {"form": form, "signature": row, "stopped": timeline.mails_stopped(row)}
    if request.method == "POST" and form.is_valid() and request.POST.get("do") != "change":
        said = form.cleaned_data
        if request.POST.get("do") == "send":
            messages.info(request, _written(request, row, said))
            return SeeOther(reverse("desk-signature", args=[pk]))
        context["preview"] = writing.preview(signature=row, now=timezone.now(), **said)
    return render(request, "desk/people/write.html", context, status=UNPROCESSABLE if form.errors else 200)


def _written(request: HttpRequest, row: Signature, said: dict[str, Any]) -> str:
    """Send the mail; returns what the organizer is told."""
    try:
        done = writing.write(signature_id=row.pk, organizer=organizer_of(request), now=timezone.now(), **said)
    except support.MailsStopped:
        return _STOPPED
    except writing.TooMany:
        return f"No mail is sent: this mailbox was written to {writing.MOST_A_DAY} times today. Try again tomorrow."
    sent = "The mail waits to be sent; the list below says when it was."
    return sent if done else "Nothing more is sent: the same was written today, or the signature has changed since."


@require_POST
@needs(Power.HELP_SIGNERS)
def at_request(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Withdraw, undo a withdrawal, or let nobody else show the name any more, as `verb` says."""
    row = signature_or_404(pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _person(request, row, status=UNPROCESSABLE, reason_form=form, asked=verb)
    service = _AT_REQUEST[verb]
    reason = form.cleaned_data["reason"]
    done = service(signature=row, organizer=organizer_of(request), reason=reason, now=timezone.now())
    told = "Done; the mailbox is told." if verb == "withdraw" and row.address_sealed else "Done."
    messages.info(request, told if done else "Nothing was changed.")
    return SeeOther(reverse("desk-signature", args=[pk]))


@require_POST
@needs(Power.HELP_SIGNERS)
def allow_mails(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """Allow mails again to a mailbox whose owner asks for it, of a signature or of a signup."""
    signups = Signup.objects.of_signers()
    row = signature_or_404(int(pk)) if kind == "signature" else get_object_or_404(signups, pk=int(pk))
    form = ReasonForm(request.POST)
    if form.is_valid():
        done = support.allow_mails(row=row, organizer=organizer_of(request), reason=form.cleaned_data["reason"])
        messages.info(request, "Mails are allowed again." if done else "They were allowed already.")
    else:
        messages.error(request, "Please say why; it stays on record.")
    return SeeOther(reverse(f"desk-{kind}", args=[pk]))


def _resent(request: HttpRequest, row: Signup) -> str:
    """Mail the link to confirm again; returns what the organizer is told."""
    try:
        done = support.resend(row=row, organizer=organizer_of(request), now=timezone.now())
    except support.MailsStopped:
        return _STOPPED
    return "The mail waits to be sent; the list below says when it was." if done else "It waits to be sent already."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_PEOPLE, post=Power.HELP_SIGNERS)
def signup(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a signup that is not confirmed; POST mails the link again, or shows the address."""
    row = get_object_or_404(Signup.objects.of_signers().select_related("text"), pk=pk)
    if row.signature_id:
        return redirect("desk-signature", row.signature_id)
    address, look_form = "", None
    if request.method == "POST" and "reveal" in request.POST:
        require(request.user, Power.LOOK_AT_ADDRESSES)
        look_form = LookForm(request.POST)
        if look_form.is_valid():
            reason = look_form.cleaned_data["reason"]
            address = looks.reveal(row=row, organizer=organizer_of(request), reason=reason)
    elif request.method == "POST":
        messages.info(request, _resent(request, row))
        return SeeOther(request.path)
    context = {
        "signup": row,
        "events": timeline.of_signup(row),
        "stopped": timeline.mails_stopped(row),
        "address": address,
        "look_form": look_form,
    }
    status = UNPROCESSABLE if look_form and look_form.errors else 200
    return render(request, "desk/people/signup.html", context, status=status)
