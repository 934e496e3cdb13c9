"""The page of an invitation: who gave the address and why, the form, two ways to say no. GET shows, POST acts."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from declaration.models import Text, TextChanged
from signatories.gathering import answers
from signatories.gathering.forms import InvitedForm, filled_in
from signatories.http import GONE, UNPROCESSABLE, SeeOther
from signatories.identity import consent, links
from signatories.identity.links import Purpose
from signatories.mail import messages
from signatories.models import Invitee, Signup
from signatories.models import settings as site
from signatories.models.closing import signing_end
from signatories.models.gathering import Answer
from signatories.signing import services as signing
from signatories.signing import views as signing_views


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # guarded by the token in the path
def invited(request: HttpRequest, link: str) -> HttpResponse:
    """Show the declaration and the form to somebody who was asked; POST signs."""
    invitee = answers.find(link)
    if invitee is None:
        return render(request, "gathering/link_unknown.html", status=404)
    if answers.is_over(invitee, timezone.now()):
        return _answered(request, invitee)
    current = Text.to_sign(invitee.language)
    if current is None:
        return render(request, "signing/not_open.html", status=404)
    posted = request.POST if request.method == "POST" else None
    form = InvitedForm(posted, current=current, initial=filled_in(invitee))
    ended = signing_end() is not None and not invitee.is_test
    if posted is not None and ended:
        form, posted = InvitedForm.as_typed(posted.dict(), current), None
    closed = posted is not None and not site.current().taking_signatures
    if posted is not None and not closed and form.is_valid():
        if invitee.is_test:
            return _tested(request, invitee, Answer.SIGNED)
        try:
            return _sign(invitee, form)
        except TextChanged:
            current = Text.to_sign(invitee.language) or current
            form = InvitedForm(_unread(request), current=current)
    context = {
        "form": form, "invitee": invitee, "partner": invitee.batch.partner, "batch": invitee.batch, "text": current,
        "consent": consent, "link": link, "days": settings.LINK_DAYS, "gathers": True,
        "ends_at": answers.ends_at(invitee.asked_at) if invitee.asked_at else None,
    }  # fmt: skip
    context |= invitee.batch.partner.told_duties()
    if closed:
        return signing_views.paused(
            render(request, "gathering/invited.html", context, status=signing_views.UNAVAILABLE)
        )
    status = GONE if ended and request.method == "POST" else UNPROCESSABLE if form.errors else 200
    return render(request, "gathering/invited.html", context, status=status)


def _sign(invitee: Invitee, form: InvitedForm) -> HttpResponse:
    signup = answers.sign(
        invitee_id=invitee.pk,
        said=form.confirmed_input(),
        news=form.cleaned_data["news"],
        text=form.cleaned_data["text"],
        consent_version=form.consent_version(),
        now=timezone.now(),
    )
    return SeeOther(_page_of(signup) if signup else "")


def _unread(request: HttpRequest) -> QueryDict:
    """The form as typed, for a text that changed while it was sent."""
    typed = request.POST.copy()
    typed["text"] = "unread"
    return typed


def _page_of(signup: Signup) -> str:
    return reverse("signing-confirm", args=[links.make(Purpose.CONFIRM, signup.pk, signup.nonce)])


def _answered(request: HttpRequest, invitee: Invitee, *, allowed: bool = False) -> HttpResponse:
    """Say what became of an invitation. Who has signed is led to the page that says so, as long as it knows them.

    Whoever was erased on request said no without a stop of mails; `allowed`: a stop has just been taken back.
    """
    if invitee.answer == Answer.SIGNED and (signup := answers.signup_of(invitee)):
        return SeeOther(_page_of(signup))
    said_no = invitee.answer in (Answer.DECLINED, Answer.NEVER)
    stopped = said_no and signing.mails_stopped([bytes(invitee.address_digest)])
    context = {
        "invitee": invitee, "said_no": said_no, "stopped": stopped, "allowed": allowed,
        "link": messages.invitation_link(invitee), "has_text": Text.to_sign(invitee.language) is not None,
    }  # fmt: skip
    return render(request, "gathering/over.html", context, status=200 if said_no else GONE)


def _tested(request: HttpRequest, invitee: Invitee, answer: Answer) -> HttpResponse:
    """Say to who tries an invitation out what its person would read after this answer. Nothing was stored."""
    return render(request, "gathering/tested.html", {"invitee": invitee, "answer": answer.value})


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # guarded by the token in the path; RFC 8058 has mail providers POST without cookie or token
def no(request: HttpRequest, link: str) -> HttpResponse:
    """Take a no: "No, thank you", or, with `never`, "I never agreed to be asked"; with `allow` it is taken back.

    The answer is no redirect, which RFC 8058 forbids.
    """
    invitee = answers.find(link)
    if invitee is None:
        return render(request, "gathering/link_unknown.html", status=404)
    if request.method != "POST":
        return SeeOther(reverse("gathering-invited", args=[link]))
    if invitee.is_test:
        return _tested(request, invitee, Answer.NEVER if "never" in request.POST else Answer.DECLINED)
    allowed = "allow" in request.POST
    if allowed:
        answers.allow_again(invitee)
    else:
        answers.refuse(invitee_id=invitee.pk, never="never" in request.POST, now=timezone.now())
    invitee.refresh_from_db()
    return _answered(request, invitee, allowed=allowed)
