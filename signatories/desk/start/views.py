"""The first hour: the list of steps, the test of the mail, the rehearsal, and the switch that opens the declaration."""

from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories.desk.access import needs
from signatories.desk.common import tell_result
from signatories.desk.start import steps
from signatories.desk.start.steps import Status
from signatories.desk.texts import columns, services, versions
from signatories.desk.texts.forms import MomentForm
from signatories.desk.texts.versions import Version
from signatories.http import CONFLICT, UNPROCESSABLE, SeeOther
from signatories.identity import consent
from signatories.mail import check
from signatories.models import WatchedName
from signatories.models.organizer import Power
from signatories.models.signer_fields import SignerInput
from signatories.signing import rehearsal as rehearsals
from signatories.signing.forms import RehearsalForm


def _account(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - for the type checker
    return request.user


@require_safe
@needs(Power.EDIT_TEXTS)
def start(request: HttpRequest) -> HttpResponse:
    """Show the steps that this organizer may take, each with its state."""
    every = versions.newest_first()
    context = {"steps": steps.steps_of(_account(request)), "opened": steps.opened_at(every)}
    return render(request, "desk/start/start.html", context)


@require_POST
@needs(Power.OPEN)
def test_mail(request: HttpRequest) -> HttpResponse:
    """Have a worker mail the organizer, and look at relay and DNS."""
    asked = check.ask(organizer=_account(request), now=timezone.now())
    tell_result(
        request, asked, "The mail is on its way. What was found stands here within a minute: load the page again."
    )
    return SeeOther(f"{reverse('desk-start')}#mail")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.OPEN)
def rehearsal(request: HttpRequest) -> HttpResponse:
    """Show the newest text with the form below it, as signers will see them; POST mails the link."""
    every, account = versions.newest_first(), _account(request)
    texts = every[0].texts if every else {}
    if not texts:
        return render(request, "desk/start/rehearsal.html", status=404 if request.method == "POST" else 200)
    language = request.GET.get("language") or next(iter(texts))
    if language not in texts or language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        post = request.POST if request.method == "POST" else None
        form = RehearsalForm(post, current=texts[language], address=account.email)
        if post is None or not form.is_valid():
            names = [(code, name) for code, name in settings.LANGUAGES if code in texts]
            context = {"form": form, "text": texts[language], "consent": consent, "written": names}
            status = UNPROCESSABLE if form.errors else 200
            return render(request, "desk/start/rehearsal.html", context, status=status)
    signer, text = form.cleaned_as(SignerInput), form.cleaned_data["text"]
    rehearsals.begin(signer=signer, language=language, text=text, organizer=account)
    tell_result(request, True, f"The mail to {account.email} is on its way. Open its link, and press the button there.")
    return SeeOther(f"{reverse('desk-start')}#rehearsal")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.OPEN)
def open_declaration(request: HttpRequest) -> HttpResponse:
    """Show what opening does and which steps are not done; POST publishes the newest draft, now or at a moment."""
    every = versions.newest_first()
    draft = steps.newest_draft(every)
    if request.method != "POST":
        return _summary(request, every)
    if steps.opened_at(every):
        return _summary(request, every, problem="open", status=CONFLICT)
    if draft is None:
        return _summary(request, every, problem="main", status=UNPROCESSABLE)
    now, moment = timezone.now(), MomentForm(request.POST)
    if "later" in request.POST and not moment.is_valid():
        return _summary(request, every, moment=moment, status=UNPROCESSABLE)
    at = moment.cleaned_data["at"] if "later" in request.POST else now
    shown = dict(each.split(".", 1) for each in request.POST.getlist("shown") if "." in each)
    try:
        done = services.publish(
            version=draft.number, shown=shown, at=at, organizer=_account(request), now=now
        )  # fmt: skip
    except services.ChangedMeanwhile:
        return _summary(request, every, problem="changed", status=CONFLICT)
    except services.MainLanguageMissing:
        return _summary(request, every, problem="main", status=UNPROCESSABLE)
    words = "The declaration is open." if at == now else f"It opens on {at:%-d %B %Y at %H:%M} UTC."
    tell_result(request, done, words)
    return SeeOther(f"{reverse('desk-start')}#open")


def _summary(
    request: HttpRequest,
    every: list[Version],
    *,
    moment: MomentForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    draft, names = steps.newest_draft(every), dict(settings.LANGUAGES)
    shown = columns.of_version(every, draft.number) if draft else []
    undone = [step for step in steps.steps_of(_account(request)) if step.status != Status.DONE and step.key != "open"]
    context = {
        "draft": draft, "columns": [column for column in shown if column.stored], "opened": steps.opened_at(every),
        "missing": [names[code] for code in draft.missing] if draft else [], "undone": undone, "problem": problem,
        "can_open": bool(draft and settings.LANGUAGE_CODE in draft.texts), "main": names[settings.LANGUAGE_CODE],
        "nobody_watched": not WatchedName.objects.exists(),
        "form": moment or MomentForm(initial={"at": draft.planned_for if draft else None}), "now": timezone.now(),
    }  # fmt: skip
    return render(request, "desk/start/open.html", context, status=status)
