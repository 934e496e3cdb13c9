"""The page of the exports: ask, approve, cancel, download."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from signatories.audit.services import by_organizer
from signatories.desk.access import DeskView, fresh_factor, needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.exports.forms import ExportForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models import Export
from signatories.models.export import ExportKind
from signatories.models.organizer import Power
from signatories.privacy import export_files
from signatories.privacy import exports as services

SHOWN = 50


def _guarded(view: DeskView) -> DeskView:
    """Let in who may export and has just shown the second factor."""
    return needs(Power.EXPORT)(fresh_factor(view))


@require_http_methods(["GET", "HEAD", "POST"])
@_guarded
def exports(request: HttpRequest) -> HttpResponse:
    """Show the exports and the forms for a new one; POST asks for one."""
    return _ask(request) if request.method == "POST" else _page(request)


def _page(request: HttpRequest, wrong: ExportForm | None = None, status: int = 200, **more: object) -> HttpResponse:
    rows = list(Export.objects.select_related("asked_by", "approved_by").order_by("-pk")[:SHOWN])
    approvable = {export.pk for export in rows if services.may_approve(organizer_of(request), export)}
    forms = [wrong if wrong and wrong.kind == kind else ExportForm(kind=kind) for kind in ExportKind]
    return render(
        request,
        "desk/exports/exports.html",
        {"exports": rows, "approvable": approvable, "forms": forms} | more,
        status=status,
    )


def _ask(request: HttpRequest) -> HttpResponse:
    kind = ExportKind.ADDRESSES if request.POST.get("kind") == ExportKind.ADDRESSES else ExportKind.PUBLIC
    form = ExportForm(request.POST, kind=kind)
    if not form.is_valid():
        return _page(request, form, UNPROCESSABLE)
    asked = services.ask(kind=kind, organizer=organizer_of(request), now=timezone.now(), **form.cleaned_data)
    if asked is None:
        return _page(request, form, UNPROCESSABLE, one_is_open=True)
    if asked.passphrase:  # no redirect: it is told in this answer, and nowhere else
        return render(request, "desk/exports/asked.html", asked._asdict())
    tell_result(request, True, "Asked for: it is made in a moment.")
    return SeeOther(reverse("desk-exports"))


@require_POST
@_guarded
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    done = services.approve(export_id=pk, organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Approved: the file is made in a moment.")
    return SeeOther(reverse("desk-exports"))


@require_POST
@_guarded
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    done = services.cancel(export_id=pk, by=by_organizer(organizer_of(request), "cancelled"))
    tell_result(request, done, "Cancelled.")
    return SeeOther(reverse("desk-exports"))


@require_POST
@_guarded
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out the file to who asked for it; each download is an act, and so a POST."""
    export = services.take(export_id=pk, organizer=organizer_of(request), now=timezone.now())
    if export is None:
        raise Http404
    content = default_storage.open(export.file)
    return FileResponse(content, as_attachment=True, filename=export_files.download_name(export))
