"""The page of a dossier. GET shows everything, each form has an address of its own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.desk.access import fresh_factor, needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.dossiers import services
from signatories.desk.dossiers.forms import AnswerForm, ContactForm, EnquiryForm, MailboxForm, ProofForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models import WatchedName
from signatories.models.organizer import Power

SHOWN = 50  # signatures that wait, or were verified


@require_safe
@needs(Power.DECIDE)
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is known about a watched name, and who waits because of it."""
    return _page(request, get_object_or_404(WatchedName, pk=pk))


def _page(request: HttpRequest, watched: WatchedName, wrong: forms.Form | None = None, of: int = 0) -> HttpResponse:
    """Show a dossier; `wrong` is the form that was not taken, `of` the enquiry that it answers."""
    every: dict[str, forms.Form] = {
        "contact_form": ContactForm(), "enquiry_form": EnquiryForm(watched=watched), "proof_form": ProofForm(),
        "mailbox_form": MailboxForm(watched=watched), "answer_form": AnswerForm(),
    }  # fmt: skip
    if wrong:
        every |= {name: wrong for name, form in every.items() if type(form) is type(wrong)}
    rows: dict[str, Any] = {
        "contacts": watched.contacts.select_related("organizer").order_by("pk"),
        "enquiries": watched.enquiries.select_related("organizer", "contact").order_by("-asked_at", "-pk"),
        "proofs": watched.proofs.select_related("organizer").order_by("pk"),
        "mailboxes": watched.mailboxes.select_related("organizer", "proof").defer("address_sealed").order_by("pk"),
        "waiting": services.waiting_for(watched)[:SHOWN],
        "verified": services.verified_as(watched)[:SHOWN],
    }
    context = every | rows | {"watched": watched, "wrong": wrong, "wrong_of": of}
    return render(request, "desk/dossiers/dossier.html", context, status=UNPROCESSABLE if wrong else 200)


def _taken(request: HttpRequest, watched: WatchedName, done: bool, words: str, part: str) -> SeeOther:
    tell_result(request, done, words)
    return SeeOther(f"{reverse('desk-dossier', args=[watched.pk])}#{part}")


def _too_many(request: HttpRequest, watched: WatchedName, form: forms.Form) -> HttpResponse:
    form.add_error(None, f"There are {services.MOST} of these in the dossier, the most that are possible.")
    return _page(request, watched, form)


@require_POST
@needs(Power.DECIDE)
def add_contact(request: HttpRequest, pk: int) -> HttpResponse:
    watched, form = get_object_or_404(WatchedName, pk=pk), ContactForm(request.POST)
    if not form.is_valid():
        return _page(request, watched, form)
    try:
        done = services.add_contact(watched_id=pk, organizer=organizer_of(request), **form.cleaned_data)
    except services.TooMany:
        return _too_many(request, watched, form)
    return _taken(request, watched, done is not None, "The contact is noted.", "contacts")


@require_POST
@needs(Power.DECIDE)
def remove_contact(request: HttpRequest, pk: int, contact: int) -> HttpResponse:
    watched = get_object_or_404(WatchedName, pk=pk)
    done = services.remove_contact(watched_id=pk, contact_id=contact, organizer=organizer_of(request))
    return _taken(request, watched, done, "Removed.", "contacts")


@require_POST
@needs(Power.DECIDE)
def add_enquiry(request: HttpRequest, pk: int) -> HttpResponse:
    watched = get_object_or_404(WatchedName, pk=pk)
    form = EnquiryForm(request.POST, watched=watched)
    if not form.is_valid():
        return _page(request, watched, form)
    try:
        services.add_enquiry(
            watched_id=pk, organizer=organizer_of(request), now=timezone.now(), **form.cleaned_data
        )  # fmt: skip
    except services.TooMany:
        return _too_many(request, watched, form)
    return _taken(request, watched, True, "The enquiry is logged.", "enquiries")


@require_POST
@needs(Power.DECIDE)
def answer(request: HttpRequest, pk: int, enquiry: int) -> HttpResponse:
    watched, form = get_object_or_404(WatchedName, pk=pk), AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, watched, form, of=enquiry)
    done = services.answer_enquiry(
        watched_id=pk, enquiry_id=enquiry, answer=form.cleaned_data["answer"], organizer=organizer_of(request),
        now=timezone.now(),
    )  # fmt: skip
    return _taken(request, watched, done, "The answer is logged.", "enquiries")


@require_POST
@needs(Power.DECIDE)
def add_proof(request: HttpRequest, pk: int) -> HttpResponse:
    watched, form = get_object_or_404(WatchedName, pk=pk), ProofForm(request.POST)
    if not form.is_valid():
        return _page(request, watched, form)
    try:
        services.add_proof(watched_id=pk, organizer=organizer_of(request), **form.cleaned_data)
    except services.TooMany:
        return _too_many(request, watched, form)
    return _taken(request, watched, True, "The proof is recorded.", "proofs")


@require_POST
@needs(Power.DECIDE)
@fresh_factor
def announce_mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    """Announce a mailbox. It publishes without a further look, so the second factor must be fresh."""
    watched = get_object_or_404(WatchedName, pk=pk)
    form = MailboxForm(request.POST, watched=watched)
    if not form.is_valid():
        return _page(request, watched, form)
    try:
        done = services.announce_mailbox(watched_id=pk, organizer=organizer_of(request), **form.cleaned_data)
    except services.TooMany:
        return _too_many(request, watched, form)
    if done is None:
        messages.info(request, "This mailbox is announced already.")
        return SeeOther(f"{reverse('desk-dossier', args=[pk])}#mailboxes")
    return _taken(request, watched, True, "A signature from there need not wait for this name.", "mailboxes")


@require_POST
@needs(Power.DECIDE)
def take_back_mailbox(request: HttpRequest, pk: int, mailbox: int) -> HttpResponse:
    watched = get_object_or_404(WatchedName, pk=pk)
    done = services.take_back_mailbox(watched_id=pk, mailbox_id=mailbox, organizer=organizer_of(request))
    return _taken(request, watched, done, "Taken back.", "mailboxes")
