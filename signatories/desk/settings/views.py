"""Pages to edit the settings, the page for the press and the watched names."""

from collections.abc import Sequence

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from declaration.models import PressPage
from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.settings import changes, services
from signatories.desk.settings.forms import PressPageForm, WatchForm
from signatories.desk.settings.settings_form import SettingsForm
from signatories.http import UNPROCESSABLE, SeeOther, read_number
from signatories.identity import names
from signatories.models import WatchedName
from signatories.models.organizer import Power
from signatories.models.settings import NUMBERS, SWITCHES, Group


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.EDIT_TEXTS, post=Power.SWITCH)
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show the switches and links to everything else that is edited; POST stores the switches."""
    return _settings(request, SWITCHES, "desk/settings/settings.html", "desk-settings")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.EDIT_RULES)
def limits(request: HttpRequest) -> HttpResponse:
    """Show the limits and the numbers from which alarms are raised; POST stores them."""
    return _settings(request, NUMBERS, "desk/settings/limits.html", "desk-limits")


def _settings(request: HttpRequest, groups: Sequence[Group], template: str, here: str) -> HttpResponse:
    now = timezone.now()
    form = SettingsForm(request.POST if request.method == "POST" else None, groups=groups, now=now)
    if form.is_bound and form.is_valid():
        done = changes.change(changes=form.changes(), organizer=organizer_of(request), now=now)
        tell_result(request, bool(done), "Saved; it counts everywhere within ten seconds.")
        return SeeOther(reverse(here))
    context = {"form": form, "languages": settings.LANGUAGES}
    return render(request, template, context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.EDIT_TEXTS)
def press_page(request: HttpRequest, language: str) -> HttpResponse:
    """Edit the page for the press in one language."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    post = request.POST if request.method == "POST" else None
    form = PressPageForm(post, instance=PressPage.current(language))
    if post is not None and form.is_valid():
        services.write_press_page(page=form.save(commit=False), organizer=organizer_of(request))
        tell_result(request, True, "Saved; it stands on the page for the press.")
        return SeeOther(reverse("desk-press-page", args=[language]))
    context = {"form": form, "language": language, "languages": settings.LANGUAGES}
    return render(request, "desk/settings/press_page.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.EDIT_RULES)
def watched_names(request: HttpRequest) -> HttpResponse:
    """List the watched names, a page at a time; POST adds one."""
    form = WatchForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        watched = services.add_watched_name(**form.cleaned_data, organizer=organizer_of(request))
        tell_result(request, True, "Who looks like this name waits from now on.")
        return SeeOther(reverse("desk-watched", args=[watched.pk]))
    sought = request.GET.get("q", "").replace("\0", "")[: names.LONGEST_NAME]
    at = read_number(request.GET.get("after", ""))
    after = None if at is None else WatchedName.objects.filter(pk=at).first()
    page = services.watched_page(sought=sought, after=after)
    more = page[services.WATCHED_PAGE - 1] if page[services.WATCHED_PAGE :] else None
    context = {"form": form, "watched_names": page[: services.WATCHED_PAGE], "q": sought, "more": more}
    return render(request, "desk/settings/watched_names.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_safe
@needs(Power.EDIT_RULES)
def watched(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one watched name and the counted signatures that look like it."""
    row = get_object_or_404(WatchedName, pk=pk)
    return render(request, "desk/settings/watched.html", {"watched": row, "alike": services.look_alikes(row)})


@require_POST
@needs(Power.EDIT_RULES)
def unwatch(request: HttpRequest, pk: int) -> HttpResponse:
    tell_result(
        request, services.remove_watched_name(watched_id=pk, organizer=organizer_of(request)), "No longer watched."
    )
    return SeeOther(reverse("desk-watched-names"))
