"""The pages of updates at the desk: all of them, writing one, publishing it, taking it down."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.news.forms import UpdateForm
from signatories.http import CONFLICT, UNPROCESSABLE, SeeOther, read_number
from signatories.models import Update
from signatories.models.organizer import Power
from signatories.news import services

SHOWN = 30
_LONG_AGO = datetime.fromtimestamp(0, tz=timezone.get_default_timezone())


@require_safe
@needs(Power.SEND_NEWS)
def news(request: HttpRequest) -> HttpResponse:
    """Show the updates, the one begun last first; `?before=12` leads to those begun before update 12."""
    before = read_number(request.GET.get("before", ""))
    found = Update.objects.prefetch_related("texts", "mailings").order_by("-pk")
    rows = list((found.filter(pk__lt=before) if before else found)[: SHOWN + 1])
    shown = rows[:SHOWN]
    context = {"updates": shown, "older": shown[-1].pk if len(rows) > SHOWN else None}
    return render(request, "desk/news/news.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEND_NEWS)
def new(request: HttpRequest) -> HttpResponse:
    """Show an empty form; POST stores a draft, or only shows how it will look."""
    form = UpdateForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or "preview" in request.POST or not form.is_valid():
        return _page(request, form)
    made = services.write(texts=form.words(), organizer=organizer_of(request), now=timezone.now())
    tell_result(request, True, "Stored. Nobody sees it before you publish it.")
    return SeeOther(reverse("desk-update", args=[made.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEND_NEWS)
def update(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an update and its mailings; POST stores other words, or only shows how they will look."""
    found = _found(pk)
    form = UpdateForm(request.POST if request.method == "POST" else None, update=found)
    if request.method != "POST" or "preview" in request.POST or not form.is_valid():
        return _page(request, form, found)
    try:
        done = services.rewrite(
            update_id=pk, texts=form.words(), read=form.moment_read() or _LONG_AGO,
            organizer=organizer_of(request), now=timezone.now(),
        )  # fmt: skip
    except services.ChangedMeanwhile:
        anew = _found(pk)
        data = request.POST.copy()
        data["read"] = anew.words_at.isoformat()
        return _page(request, UpdateForm(data, update=anew), anew, CONFLICT, theirs=anew.in_order)
    tell_result(request, done, "Stored.")
    return SeeOther(reverse("desk-update", args=[pk]))


@require_POST
@needs(Power.SEND_NEWS)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it to everybody."""
    done = services.publish(update_id=_found(pk).pk, organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Published. Nobody is mailed before you start a mailing.")
    return SeeOther(reverse("desk-update", args=[pk]))


@require_POST
@needs(Power.SEND_NEWS)
def take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it to nobody any more."""
    done = services.take_down(update_id=_found(pk).pk, organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Taken down; its mailings are cancelled. Mails that have gone cannot be called back.")
    return SeeOther(reverse("desk-update", args=[pk]))


@require_POST
@needs(Power.SEND_NEWS)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    tell_result(request, services.delete(update_id=_found(pk).pk, organizer=organizer_of(request)), "Deleted.")
    return SeeOther(reverse("desk-news"))


def _found(pk: int) -> Update:
    if pk >= 2**63:
        raise Http404
    return get_object_or_404(Update.objects.prefetch_related("texts", "mailings"), pk=pk)


def _page(
    request: HttpRequest, form: UpdateForm, found: Update | None = None, status: int = 200, **more: object
) -> HttpResponse:  # fmt: skip
    shown = form.as_typed() if form.is_bound or found is None else found.in_order
    context = {"update": found, "form": form, "texts": shown}
    wrong = form.is_bound and "preview" not in request.POST and not form.is_valid()
    return render(request, "desk/news/update.html", context | more, status=UNPROCESSABLE if wrong else status)
