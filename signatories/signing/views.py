"""Signing over HTTP: translates requests to the verbs of services.py. GET shows, POST acts."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from declaration.models import Text, TextChanged
from declaration.web.requests import stranger_form
from signatories.http import GONE, TOO_MANY, UNPROCESSABLE, SeeOther
from signatories.identity import addresses, consent, links, mailbox, sealed
from signatories.identity.links import Purpose
from signatories.mail import messages
from signatories.models import Card, Membership, Signature, Signup
from signatories.models import settings as site
from signatories.models.closing import signing_end
from signatories.models.embargo import hidden_until
from signatories.models.signature import State
from signatories.screening import holds, limits, puzzle
from signatories.signing import rehearsal, services
from signatories.signing.forms import (
    NAMED,
    UNNAMED,
    CodeForm,
    ConfirmForm,
    GroupConfirmForm,
    GroupForm,
    RepresentForm,
    SignForm,
)
from signatories.tally import services as tally

SENT, SENT_SECONDS = "sent", 3600  # the page after the form knows for an hour what was typed
type ShowForm = Callable[[HttpRequest, Text, SignForm, int], HttpResponse]
UNAVAILABLE, RETRY_SECONDS = 503, 300
OWN_PAGE_OPEN = timedelta(hours=1)  # after confirming, the page that says so leads to the own page


NEWEST_SHOWN = 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The declaration, the number, the form, the most recent names. The same for everyone."""
    return show_form(request)


def show_form(request: HttpRequest, show: ShowForm | None = None) -> HttpResponse:
    """The page with the empty form, as `show` draws it; where no text is published, the page that says so."""
    current = _current_text()
    return (show or show_home)(request, current, SignForm(current=current), 200) if current else _not_open(request)


def _current_text() -> Text | None:
    return Text.to_sign(get_language() or settings.LANGUAGE_CODE)


def _not_open(request: HttpRequest) -> HttpResponse:
    """Say that there is nothing to sign yet: 200 to readers, so that the page is cached, 404 to a form."""
    return render(request, "signing/not_open.html", status=404 if request.method == "POST" else 200)


def show_home(request: HttpRequest, current: Text, form: SignForm, status: int) -> HttpResponse:
    """The declaration with a form, which may be filled in."""
    return render(request, "signing/home.html", home_context(current, form), status=status)


def home_context(current: Text, form: SignForm) -> dict[str, object]:
    """What the page of the declaration shows; under an embargo no name and no number, of a closed list no name."""
    context: dict[str, object] = {"text": current, "form": form, "consent": consent}
    if hidden_until() is None:
        context["number"] = tally.number(timezone.now())
    if hidden_until() is None and site.current().list_public:
        context |= {
            "featured": Signature.objects.featured_names(),
            "newest": Signature.objects.public().order_by("-published_at")[:NEWEST_SHOWN],
        }
    return context


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def sign(request: HttpRequest) -> HttpResponse:
    """Take a signature; the answer is the same for new, repeated and already signed."""
    if request.method != "POST":
        return redirect(reverse("home") + "#sign")
    return take(request, show_home)


def take(request: HttpRequest, show: ShowForm, origin: services.Origin = services.OURS) -> HttpResponse:
    """Take a form; where it cannot be taken, `show` it again with what was typed. `origin` tells whose page it was."""
    current = _current_text()
    if current is None:
        return _not_open(request)
    if signing_end():
        return show(request, current, SignForm.as_typed(request.POST.dict(), current), GONE)
    form = SignForm(request.POST, current=current)
    if not site.current().signing_open:
        return paused(show(request, current, form, UNAVAILABLE))
    if not form.is_valid():
        return show(request, current, form, UNPROCESSABLE)
    try:
        return _take(request, form, origin)
    except TextChanged:
        current = _current_text() or current
        return show(request, current, SignForm(_unread(request), current=current), UNPROCESSABLE)


def paused(response: HttpResponse) -> HttpResponse:
    """Say when to come again with what was typed while signing is paused."""
    until = site.ends_at("signing_open", timezone.now())
    seconds = (until - timezone.now()).total_seconds() if until else RETRY_SECONDS
    response.headers["Retry-After"] = str(max(1, round(seconds)))
    return response


def _unread(request: HttpRequest) -> QueryDict:
    """The form as typed, for words that changed within the seconds for which this process kept the old ones."""
    typed = request.POST.copy()
    typed["text"] = "unread"
    return typed


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def represent(request: HttpRequest) -> HttpResponse:
    """Take a signature that somebody gives for a person they represent."""
    return _for_others(request, RepresentForm, "signing/represent.html")


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def group(request: HttpRequest) -> HttpResponse:
    """Take the signature of a band, an ensemble, a company or an organisation, given by its speaker."""
    return _for_others(request, GroupForm, "signing/group.html")


def _for_others(request: HttpRequest, kind: type[RepresentForm], template: str) -> HttpResponse:
    current = _current_text()
    if current is None:
        return _not_open(request)
    if request.method == "POST" and signing_end():
        context = {"form": kind.as_typed(request.POST.dict(), current), "text": current, "consent": consent}
        return render(request, template, context, status=GONE)
    form = kind(request.POST if request.method == "POST" else None, current=current)
    closed = request.method == "POST" and not site.current().signing_open
    if request.method == "POST" and not closed and form.is_valid():
        try:
            return _take(request, form)
        except TextChanged:
            current = _current_text() or current
            form = kind(_unread(request), current=current)
    context = {"form": form, "text": current, "consent": consent}
    if closed:
        return paused(render(request, template, context, status=UNAVAILABLE))
    return render(request, template, context, status=UNPROCESSABLE if form.errors else 200)


def _take(request: HttpRequest, form: SignForm, origin: services.Origin = services.OURS) -> HttpResponse:
    verdict = limits.judge(request)
    if verdict.puzzle:
        return ask_puzzle(request, verdict.steps)
    form.sign(held_for=verdict.held_for, network=verdict.network, origin=origin)
    # What was typed travels sealed, so that it stands in no log and no history.
    said = form.typed() | ({"slow": "1"} if holds.UNSOLVED in verdict.held_for else {})
    said |= {"again": request.get_full_path()} if request.path != reverse("signing-sign") else {}
    return SeeOther(f"{_sent_path(get_language())}?to={sealed.seal(SENT, said)}")


@cache
def _sent_path(_language: str | None) -> str:
    return reverse("signing-sent")


def ask_puzzle(request: HttpRequest, steps: int) -> HttpResponse:
    """The form once more, with a puzzle that the browser solves by itself; what was typed is kept in the page."""
    context = {
        "typed": [(name, value) for name, value in request.POST.items() if name not in ("puzzle", "without")],
        "action": request.get_full_path(),
        "puzzle": json.dumps(puzzle.make(timezone.now(), steps)),
    }
    return render(request, "signing/puzzle.html", context, status=TOO_MANY)


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Say what happens next, and take the code of the mail."""
    typed = sealed.unseal(SENT, request.GET.get("to", ""), SENT_SECONDS)
    address, slow, again = typed.pop("email", ""), typed.pop("slow", ""), typed.pop("again", "")
    context = {
        "slow": slow,
        "form": CodeForm(initial={"email": address}),
        "meant": addresses.meant(address),
        "typed": list(typed.items()),
        "again": again or reverse("signing-sign"),
    }
    return render(request, "signing/sent.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def code(request: HttpRequest) -> HttpResponse:
    """The typed code: leads to the same page as the link, or fails with one answer for every failure."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        signup = _of_code(request, form.cleaned_data["email"], links.read_code(form.cleaned_data["code"]))
        if signup:
            link = links.make(Purpose.CONFIRM, signup.pk, signup.nonce)
            return SeeOther(reverse("signing-confirm", args=[link]))
        form.add_error(None, _("This address and code do not belong together, or the code has been used up."))
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "signing/code.html", {"form": form}, status=status)


def _of_code(request: HttpRequest, address: str, code: str) -> Signup | None:
    if len(code) == links.CODE_LENGTH and not limits.may_try_code(request, address):
        return None
    return services.find_by_code(address=address, code=code, now=timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # guarded by the token in the path
def confirm(request: HttpRequest, link: str) -> HttpResponse:
    """Show what is about to be confirmed, or what has been; POST confirms, once."""
    now = timezone.now()
    signup = services.find(link=link, purpose=Purpose.CONFIRM)
    if signup is None:
        if rehearsal.was_confirmed_by(link):
            return SeeOther(reverse("signing-rehearsed"))
        # A whole link may have been one of ours: its row is forgotten when it ends.
        whole = links.row_of(link, Purpose.CONFIRM) is not None
        return render(request, "signing/link_unknown.html", {"ended": whole and settings.LINK_DAYS}, status=404)
    if signup.signature:
        return _confirmed(request, signup, signup.signature)
    if services.expired(signup, now):
        return render(request, "signing/link_expired.html", status=GONE)
    if not site.current(now).confirming_open and not signup.rehearsal:
        return _confirming_paused(request)
    kind = GroupConfirmForm if signup.is_group else ConfirmForm
    form = kind(_with_typed(request, signup) if request.method == "POST" else None, initial=_typed(signup))
    before = services.given_before(signup)
    if request.method == "POST" and form.is_valid():
        if signup.rehearsal:
            rehearsal.confirm(signup_id=signup.pk, now=now)
            return SeeOther(reverse("signing-rehearsed"))
        another = "another" in request.POST
        if another or not before.is_doubtful:
            services.confirm(signup_id=signup.pk, corrections=form.confirmed_input(), now=now, another=another)
            return SeeOther(request.path)
        form.add_error(None, _("Please choose by a button: is this you, or somebody else?"))
    made_on = signup.created_at.date()  # the link to the own page is as old as the mail that led here
    context = {
        "form": form,
        "signup": signup,
        "text": signup.text,
        "before": before,
        "own": [(signature, messages.own_link(signature, made_on)) for signature in before.signatures],
        "listed": services.listed_already(signup),
    }
    return render(request, "signing/confirm.html", context, status=UNPROCESSABLE if form.errors else 200)


def _confirming_paused(request: HttpRequest) -> HttpResponse:
    """Say that confirming is paused; a POST changes nothing, and what was mended in its form is kept."""
    typed = list(request.POST.items())
    response = render(request, "signing/paused.html", {"typed": typed})
    if request.method == "POST":
        response.status_code = UNAVAILABLE
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


@require_safe
def rehearsed(request: HttpRequest) -> HttpResponse:
    """Say to an organizer, perhaps on a telephone where nobody is signed in, that the rehearsal came to its end."""
    return render(request, "signing/rehearsed.html")


def _typed(signup: Signup) -> dict[str, Any]:
    said = services.said_by(signup)
    return {field: getattr(said, field) for field in ConfirmForm.base_fields if field != "appearance"} | {
        "appearance": NAMED if said.named else UNNAMED
    }


def _with_typed(request: HttpRequest, signup: Signup) -> dict[str, Any]:
    """The POST over what was typed before: a bare POST of the button confirms things as they are."""
    return _typed(signup) | {name: request.POST[name] for name in request.POST}


def _confirmed(request: HttpRequest, signup: Signup, signature: Signature) -> HttpResponse:
    if request.method == "POST":
        return SeeOther(request.path)
    # As fresh as a mailed one; an old confirmation mail opens nothing, and tells of no group (T24).
    fresh = signup.confirmed_at and timezone.now() - signup.confirmed_at < OWN_PAGE_OPEN
    link = messages.own_link(signature, signup.confirmed_at.date()) if fresh and signup.confirmed_at else ""
    context = {"signup": signup, "signature": signature, "mine_link": link}
    if fresh:
        context |= _membership(signup, signature)
    if signature.state == State.HELD:
        context["why"] = holds.tell_signer(signature.held_for)
    context |= {
        "share_url": share_url(signature, with_card=bool(link)),
        "card": Card.objects.filter(signature=signature).exists(),
    }
    return render(request, "signing/confirmed.html", context)


def _membership(signup: Signup, signature: Signature) -> dict[str, Any]:
    """Whether a signer who came by the link of a group stands under it; nothing of anybody else."""
    if signup.membership is None or signature.state == State.WITHDRAWN:
        return {}
    of_group = signature.memberships.filter(group=signup.membership.group_id)
    return {
        "places": of_group.standing().select_related("group"),
        "told": set(of_group.told().values_list("pk", flat=True)),
        "missed": Membership.objects.missed_by(signature).filter(group=signup.membership.group_id),
    }


def share_url(signature: Signature, *, with_card: bool = True) -> str:
    """The address that a signer hands on: of the card, else of the entry, else of the site; "" before publication.

    The address of the card is told on pages of the signer alone.
    """
    if signature.state != State.PUBLISHED:
        return ""
    listed = signature.named and site.current().list_public
    card = Card.objects.shown().filter(signature=signature).first() if listed and with_card else None
    own = card or signature
    return settings.SITE_URL + (own.get_absolute_url() if listed else reverse("home"))


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # guarded by the token in the path; RFC 8058 has mail providers POST without cookie or token
def stop(request: HttpRequest, link: str) -> HttpResponse:
    """Stop our mails to a mailbox, or allow them again. Confirms nothing, withdraws nothing."""
    signup = services.find(link=link, purpose=Purpose.STOP)
    before = services.stopped_by(link)
    if signup is None and before is None:
        return render(request, "signing/stop_unknown.html", status=404)
    digests = mailbox.digests_of(signup) if signup else []
    digests += [bytes(before.pk)] if before else []
    if request.method == "POST" and "allow" in request.POST:
        services.allow_mails(digests)
    elif request.method == "POST" and signup:
        services.stop_mails(signup=signup, now=timezone.now())
    context = {"stopped": services.mails_stopped(digests), "can_stop": signup is not None}
    return render(request, "signing/stop.html", context)
