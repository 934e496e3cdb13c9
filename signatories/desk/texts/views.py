"""Pages of the text of the declaration: all versions, one version in all languages, and publishing it."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.texts import columns, services, versions
from signatories.desk.texts.columns import Column
from signatories.desk.texts.forms import MomentForm
from signatories.desk.texts.versions import Version
from signatories.http import CONFLICT, UNPROCESSABLE, SeeOther
from signatories.models.organizer import Power
from signatories.tally import services as tally


@require_safe
@needs(Power.EDIT_TEXTS)
def texts(request: HttpRequest) -> HttpResponse:
    """Show every version in every language, the newest first."""
    every = versions.newest_first()
    context = {
        "versions": every,
        "next": versions.next_number(every),
        "current": versions.shown_now(every),
        "can_be_taken_back": versions.can_be_taken_back(every),
    }
    return render(request, "desk/texts/texts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.EDIT_TEXTS)
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Show a version in all languages side by side; POST stores what was written, or only shows it."""
    if request.method != "POST":
        return _version(request, number)
    every = _versions(number)
    written = _written(every, number, request.POST)
    if "preview" in request.POST:
        return _version(request, number, data=request.POST)
    if any(not column.form.is_valid() for column in written):
        return _version(request, number, data=request.POST, status=UNPROCESSABLE)
    words = {column.code: column.form.words() for column in written if not column.form.is_blank()}
    try:
        done = services.save(version=number, words=words, organizer=organizer_of(request))
    except services.ChangedMeanwhile as changed:
        return _lost(request, number, changed.languages)
    if "publish" in request.POST:
        return SeeOther(reverse("desk-text-publish", args=[number]))
    tell_result(request, done, "Saved.")
    return SeeOther(reverse("desk-text", args=[number]))


def _versions(number: int) -> list[Version]:
    """Return all versions. Raises Http404 unless `number` is one of them, or the one that may be started."""
    every = versions.newest_first()
    if number not in {found.number for found in every} | {versions.next_number(every)}:
        raise Http404
    return every


def _written(every: list[Version], number: int, data: QueryDict) -> list[Column]:
    """Return the columns that an editor could write in: a text that was signed since is among them."""
    return [
        column
        for column in columns.of_version(every, number, data)
        if not column.is_locked or column.form.add_prefix("read") in data
    ]


def _version(
    request: HttpRequest,
    number: int,
    *,
    data: QueryDict | None = None,
    lost: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    every = _versions(number)
    found = next((version for version in every if version.number == number), None)
    shown = columns.of_version(every, number, data)
    for column in shown:
        column.is_lost = column.code in (lost or [])
        if data is not None and not column.is_locked:
            column.form.full_clean()
    context = {
        "number": number, "version": found, "columns": shown, "current": versions.shown_now(every),
        "next": versions.next_number(every), "newest": every[0].number if every else None, "lost": bool(lost),
        "wrong": [column for column in shown if data is not None and not column.is_locked and column.form.errors],
        "editable": any(not column.is_locked for column in shown),
    }  # fmt: skip
    return render(request, "desk/texts/version.html", context, status=status)


def _lost(request: HttpRequest, number: int, languages: list[str]) -> HttpResponse:
    """Show what somebody else has stored beside the words of this editor; saving again puts these in their place."""
    data = request.POST.copy()
    for column in columns.of_version(_versions(number), number):
        data[column.form.add_prefix("read")] = column.stored.sha256 if column.stored else ""
    return _version(request, number, data=data, lost=languages, status=CONFLICT)


@require_POST
@needs(Power.EDIT_TEXTS)
def preview(request: HttpRequest, number: int, language: str) -> HttpResponse:
    """Show the words in the fields of one language as they will stand; stores nothing."""
    every = _versions(number)
    found = {column.code: column for column in columns.of_version(every, number, request.POST)}
    if language not in found:
        raise Http404
    return render(request, "desk/texts/preview.html", {"column": found[language]})


@require_POST
@needs(Power.EDIT_TEXTS)
def delete(request: HttpRequest, number: int, language: str) -> HttpResponse:
    """Delete a draft in one language."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    read = request.POST.get(f"{language}-read", "")
    done = services.delete(version=number, language=language, read=read, organizer=organizer_of(request))
    tell_result(request, done, f"The draft of version {number} ({language}) is deleted.")
    return SeeOther(reverse("desk-texts"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.EDIT_TEXTS)
def publish(request: HttpRequest, number: int) -> HttpResponse:
    """Show a version as readers will see it, and what publishing does; POST publishes it, or takes it back."""
    if request.method != "POST":
        return _publish(request, number)
    now, organizer = timezone.now(), organizer_of(request)
    moment = MomentForm(request.POST)
    if "later" in request.POST and not moment.is_valid():
        return _publish(request, number, moment=moment, status=UNPROCESSABLE)
    at = moment.cleaned_data["at"] if "later" in request.POST else now
    shown = dict(each.split(".", 1) for each in request.POST.getlist("shown") if "." in each)
    try:
        if "back" in request.POST:
            done, words = services.take_back(version=number, organizer=organizer, now=now), "Taken back."
        else:
            done = services.publish(version=number, shown=shown, at=at, organizer=organizer, now=now)
            words = "Published." if at == now else f"It will be published on {at:%-d %B %Y at %H:%M} UTC."
    except services.ChangedMeanwhile:
        return _publish(request, number, problem="changed", status=CONFLICT)
    except services.MainLanguageMissing:
        return _publish(request, number, problem="main", status=UNPROCESSABLE)
    tell_result(request, done, words)
    return SeeOther(reverse("desk-texts"))


def _publish(
    request: HttpRequest, number: int, *, moment: MomentForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:  # fmt: skip
    every = versions.newest_first()
    found = next((version for version in every if version.number == number), None)
    if found is None:
        raise Http404
    now = timezone.now()
    names = dict(settings.LANGUAGES)
    context = {
        "version": found, "columns": [column for column in columns.of_version(every, number) if column.stored],
        "form": moment or MomentForm(initial={"at": found.planned_for}), "problem": problem,
        "missing": [(names[code], versions.earlier(every, number, code)) for code in found.missing],
        "is_first": every[-1].number == number,
        "signed_before": 0 if found.is_signed else tally.number(now).count,
        "can_be_taken_back": number in versions.can_be_taken_back(every),
        "main": names[settings.LANGUAGE_CODE], "now": now,
    }  # fmt: skip
    return render(request, "desk/texts/publish.html", context, status=status)
