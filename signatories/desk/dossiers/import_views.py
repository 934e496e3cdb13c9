"""Lists of names to watch: the upload, its preview, the press that takes it, and the list as a file."""

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from declaration.web.uploads import TOO_LARGE, UploadRefused, larger_upload
from signatories.desk.access import needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.dossiers import importing
from signatories.desk.dossiers.forms import NamesFileForm
from signatories.gathering.file_reader import MOST_BYTES, Reason
from signatories.gathering.reading import FileRefused
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models.organizer import Power, may

LARGEST_FORM = MOST_BYTES + 100_000  # bytes, with what stands around the file; the Caddyfile has this number, too
SHOWN = 100  # rows of each kind on the preview


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # Django would read the whole file for its token, before anybody has asked who sends it
def upload(request: HttpRequest) -> HttpResponseBase:
    """Show the form; POST reads a file. Only who may add names is read beyond the bound of all forms."""
    if request.method != "POST" or not may(request.user, Power.EDIT_RULES):
        return _upload(request)
    try:
        with larger_upload(request, LARGEST_FORM):
            return _upload(request)
    except UploadRefused as refused:
        too_large = refused.status == TOO_LARGE
        words = (
            str(FileRefused(Reason.TOO_MANY_BYTES)) if too_large else "Another file is being read: please try again."
        )
        return _refused(request, refused.status, words)


@csrf_protect
@needs(Power.EDIT_RULES)
def _upload(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, NamesFileForm())
    form = NamesFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            rows = importing.read(form.cleaned_data["file"])
        except (FileRefused, importing.ListRefused) as refused:
            form.add_error("file", str(refused))
        else:
            file = importing.keep(rows=rows, organizer=organizer_of(request), now=timezone.now())
            return SeeOther(reverse("desk-watched-file", args=[file.pk]))
    return _form(request, form, UNPROCESSABLE)


@needs(Power.EDIT_RULES)
def _refused(request: HttpRequest, status: int, why: str) -> HttpResponse:
    return _form(request, NamesFileForm(), status, refused=why)


def _form(request: HttpRequest, form: NamesFileForm, status: int = 200, **more: object) -> HttpResponse:
    return render(request, "desk/dossiers/upload.html", {"form": form} | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.EDIT_RULES)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a file would do; POST does exactly that."""
    now = timezone.now()
    if request.method == "POST":
        taken = importing.take(file_id=pk, organizer=organizer_of(request), now=now)
        words = f"{taken} name{'' if taken == 1 else 's'} added to the watch list."
        tell_result(request, taken is not None, words)
        return SeeOther(reverse("desk-watched-names"))
    file = importing.find(pk, now)
    if file is None:
        raise Http404
    rows = sorted(importing.rows_of(file), key=lambda row: (row.verdict, row.line))
    found = {verdict: list(of_it) for verdict, of_it in groupby(rows, key=lambda row: row.verdict)}
    order = (importing.REFUSED, importing.TWICE, importing.WATCHED, importing.NEW)
    groups = [(verdict, len(found.get(verdict, ())), found.get(verdict, [])[:SHOWN]) for verdict in order]
    context = {"file": file, "groups": groups, "count": len(found.get(importing.NEW, ())), "shown": SHOWN}
    return render(request, "desk/dossiers/preview.html", context)


@require_POST
@needs(Power.EDIT_RULES)
def export(request: HttpRequest) -> HttpResponse:
    """Hand out the watch list; each time is an act, and so a POST."""
    content = importing.export(organizer=organizer_of(request))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="watched-names.csv"'
    return response
