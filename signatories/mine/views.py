"""The own page over HTTP. GET shows, POST acts; guarded by the token in the path."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from declaration.web.requests import stranger_form
from signatories.http import GONE, UNPROCESSABLE, SeeOther
from signatories.identity import consent, links, mailbox
from signatories.identity.links import Purpose
from signatories.mail import messages
from signatories.mine import services
from signatories.mine.forms import AskForm, GroupMendForm, MendForm, as_it_stands
from signatories.models import Card, Membership, Signature
from signatories.models.closing import signing_end
from signatories.models.signature import State
from signatories.screening import limits
from signatories.signing.views import ask_puzzle, share_url

type SignerView = Callable[[HttpRequest, str, Signature], HttpResponse]


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def ask(request: HttpRequest) -> HttpResponse:
    """Have the link mailed; the answer is the same for every address."""
    if (end := signing_end()) and end.addresses_deleted_at:
        return render(request, "mine/ask.html", status=GONE if request.method == "POST" else 200)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        verdict = limits.judge(request, limits.Scope.ASK)
        if verdict.puzzle:
            return ask_puzzle(request, verdict.steps)
        services.ask(
            address=form.cleaned_data["email"], language=get_language() or settings.LANGUAGE_CODE, now=timezone.now()
        )
        return SeeOther(reverse("mine-asked"))
    return render(request, "mine/ask.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200)


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Say what happens next."""
    return render(request, "mine/asked.html", {"link_days": settings.OWN_PAGE_DAYS})


def own(view: SignerView) -> Callable[[HttpRequest, str], HttpResponse]:
    """A page behind the private link; anything but a good link gets a kind page and has no effect."""

    @csrf_exempt  # guarded by the token in the path
    @wraps(view)
    def shown(request: HttpRequest, link: str) -> HttpResponse:
        signature = services.find(link=link, purpose=Purpose.MINE)
        if signature is None:
            return render(request, "mine/link_unknown.html", {"form": AskForm()}, status=404)
        if links.is_expired(Purpose.MINE, links.made_on(link), timezone.now()):
            return render(request, "mine/link_expired.html", {"form": AskForm()}, status=410)
        return view(request, link, signature)

    return shown


@require_http_methods(["GET", "HEAD", "POST"])
@own
def page(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """How the signature stands; POST mends it."""
    kind = GroupMendForm if signature.is_group else MendForm
    form = kind(request.POST if request.method == "POST" else None, initial=as_it_stands(signature))
    if request.method == "POST" and form.is_valid():
        services.mend(signature_id=signature.pk, update=form.signature_update(), now=timezone.now())
        return SeeOther(f"{request.path}?saved#saved")  # else the browser keeps the #form of the address it posted to
    context = {
        "form": form, "signature": signature, "link": link, "saved": "saved" in request.GET,
        "consent": consent, "taken": "taken" in request.GET,
        "places": signature.memberships.standing().select_related("group").order_by("pk"),
        "told": set(signature.memberships.told().values_list("pk", flat=True)),
        "missed": Membership.objects.missed_by(signature),
        "offered": Membership.objects.offered_to(signature, mailbox.digests_of(signature)),
        "share_url": share_url(signature), "card": Card.objects.filter(signature=signature).exists(),
    }  # fmt: skip
    return render(request, "mine/page.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@own
def elsewhere(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """Let others show the name, too, with the consent that is posted; without one no more."""
    services.show_elsewhere(signature_id=signature.pk, agreed=request.POST.get("consent", ""))
    return SeeOther(f"{reverse('mine-page', args=[link])}?saved#saved")


@require_http_methods(["GET", "HEAD", "POST"])
@own
def withdraw(request: HttpRequest, link: str, signature: Signature) -> HttpResponse:
    """Say what withdrawing means; POST does it, and leads to the page that undoes it."""
    if request.method == "POST":
        services.withdraw(signature_id=signature.pk, now=timezone.now())
        signature.refresh_from_db()
        return SeeOther(reverse("mine-undo", args=[messages.undo_link(signature)]))
    context = {"signature": signature, "link": link, "undo_days": settings.UNDO_DAYS}
    return render(request, "mine/withdraw.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # guarded by the token in the path
def undo(request: HttpRequest, link: str) -> HttpResponse:
    """The page of a withdrawn signature: POST brings it back as long as that can be done."""
    now = timezone.now()
    signature = services.find(link=link, purpose=Purpose.UNDO)
    if signature is None:
        return render(request, "mine/undo_too_late.html", status=404)
    if request.method == "POST":
        services.undo(signature_id=signature.pk, now=now)
        return SeeOther(request.path)
    context = {"signature": signature, "undo_days": settings.UNDO_DAYS, "stands": signature.state != State.WITHDRAWN}
    if services.undoable(signature, now):
        context["signed_anew"] = services.signed_anew(signature)
    elif context["stands"] and services.restored_lately(signature, now):
        context["mine_link"] = messages.own_link(signature, now.date())
    elif not context["stands"] or links.is_expired(Purpose.UNDO, links.made_on(link), now):
        return render(request, "mine/undo_too_late.html", status=410)
    return render(request, "mine/undo.html", context)
