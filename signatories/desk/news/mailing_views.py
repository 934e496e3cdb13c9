"""The pages of a mailing: whom it is for, its test, its start, how far it is, and how to stop it."""

from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_POST

from signatories.desk.access import fresh_factor, needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.news.forms import AudienceForm, PaceForm
from signatories.desk.texts.forms import MomentForm
from signatories.http import CONFLICT, UNPROCESSABLE, SeeOther
from signatories.mail import news as mail
from signatories.models import Mailing, Update
from signatories.models.mailing import MailState
from signatories.models.news import MailingState
from signatories.models.organizer import Power
from signatories.news import services


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEND_NEWS)
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whom a mailing of an update is for; POST stores it. Nothing is sent."""
    update = get_object_or_404(Update.objects.public().prefetch_related("texts"), pk=pk)
    form = AudienceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = services.prepare(update_id=pk, values=form.values(), organizer=organizer_of(request))
        if made:
            return SeeOther(reverse("desk-mailing", args=[made.pk]))
        tell_result(request, False, "")
        return SeeOther(reverse("desk-update", args=[pk]))
    context = {"update": update, "form": form}
    return render(request, "desk/news/new_mailing.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEND_NEWS)
def mailing(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a mailing; POST changes whom it is for, before it starts."""
    found = _found(pk)
    if request.method != "POST":
        return _page(request, found)
    form = AudienceForm(request.POST)
    if not form.is_valid():
        return _page(request, found, UNPROCESSABLE, form=form)
    tell_result(request, services.change(mailing_id=pk, values=form.values()), "Stored.")
    return SeeOther(reverse("desk-mailing", args=[pk]))


@require_POST
@needs(Power.SEND_NEWS)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail the test to the organizer who asks for it."""
    found = _found(pk)
    address = get_user_model().objects.get(pk=organizer_of(request).pk).email
    done = services.send_test(mailing_id=found.pk, address=address, now=timezone.now())
    return _back(request, found, done, f"The test goes to {address}, once in each language.")


@require_POST
@needs(Power.SEND_NEWS)
@fresh_factor
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start it, now or at a moment."""
    found, now = _found(pk), timezone.now()
    form = MomentForm(request.POST)
    if "later" in request.POST and not form.is_valid():
        return _page(request, found, UNPROCESSABLE, moment=form)
    at = form.cleaned_data["at"] if "later" in request.POST else now
    if not services.start(mailing_id=pk, at=at, organizer=organizer_of(request), now=now):
        return _page(request, _found(pk), CONFLICT, refused=True)
    return _back(request, found, True, "Started." if at == now else f"It starts on {at:%-d %B %Y at %H:%M} UTC.")


@require_POST
@needs(Power.SEND_NEWS)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Send nothing more for the moment."""
    found = _found(pk)
    done = services.pause(mailing_id=pk, organizer=organizer_of(request), now=timezone.now())
    return _back(request, found, done, "Paused.")


@require_POST
@needs(Power.SEND_NEWS)
@fresh_factor
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on."""
    found = _found(pk)
    return _back(request, found, services.resume(mailing_id=pk, organizer=organizer_of(request)), "It goes on.")


@require_POST
@needs(Power.SEND_NEWS)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """End it for good."""
    found = _found(pk)
    done = services.cancel(mailing_id=pk, organizer=organizer_of(request), now=timezone.now())
    return _back(request, found, done, "Cancelled. Mails that have gone cannot be called back.")


@require_POST
@needs(Power.SEND_NEWS)
def pace(request: HttpRequest, pk: int) -> HttpResponse:
    """Send so many mails a minute from now on."""
    found, form = _found(pk), PaceForm(request.POST)
    if not form.is_valid():
        return _page(request, found, UNPROCESSABLE, pace_form=form)
    done = services.set_pace(mailing_id=pk, organizer=organizer_of(request), **form.cleaned_data)
    return _back(request, found, done, "Stored.")


def _found(pk: int) -> Mailing:
    mailings = Mailing.objects.select_related("update", "partner").prefetch_related("update__texts")
    return get_object_or_404(mailings, pk=pk)


def _back(request: HttpRequest, found: Mailing, done: bool, words: str) -> HttpResponse:
    tell_result(request, done, words)
    return SeeOther(reverse("desk-mailing", args=[found.pk]))


def _page(request: HttpRequest, found: Mailing, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    columns = {name: getattr(found, name) for name in ("language", "profession", "country", "partner", "pace")}
    unsent = services.unsent_tests(found) if found.tested_at else None
    context = {
        "mailing": found, "update": found.update, "now": now, "may_start": found.may_start(now),
        "at_work": found.state == MailingState.GOING or found.people is None,
        "tests_wait": unsent is not None and unsent.exists(),
        "tests_failed": unsent is not None and unsent.exclude(mail_state=MailState.WAITING).exists(),
        "form": AudienceForm(initial=columns), "pace_form": PaceForm(initial=columns), "moment": MomentForm(),
        "previews": _previews(found),
    }  # fmt: skip
    return render(request, "desk/news/mailing.html", context | more, status=status)


def _previews(found: Mailing) -> list[dict[str, str]]:
    """The mail in each language of the update, as its plain part has it."""
    shown = []
    for text in found.update.in_order:
        with translation.override(text.language):
            context = mail.context(found.update, text.language, "THEIR-OWN-LINK", is_test=False)
            body = render_to_string("emails/news/body.txt", context)
        shown.append(
            {"language": text.language, "name": text.get_language_display(), "subject": text.title, "body": body}
        )
    return shown
