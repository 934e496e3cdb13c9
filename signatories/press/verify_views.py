"""The page on which a file of an edition is checked by its SHA-256."""

import re
import threading

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from django_stubs_ext import StrOrPromise

from declaration.web.requests import stranger_form
from signatories.editions.since import changes
from signatories.http import UNPROCESSABLE
from signatories.models import Edition, EditionFile
from signatories.models.edition import EditionState
from signatories.press import beside
from signatories.press.hashing_upload import LARGEST, HashingHandler
from signatories.screening import limits

_DIGEST = re.compile(r"(?:sha-?256[:=( ]*)?([0-9a-f]{64})(?![0-9a-f]).*", re.IGNORECASE | re.DOTALL)
LONGEST = 500  # characters: what a tool prints, with the name of the file
MOST_FILES = 20  # with the same bytes, that are told
# A file is read as it comes, for as long as its sender likes: in one thread of the process, so that the others answer.
# Not the lock of declaration/web/uploads.py: strangers keep no organizer from sending.
_one_upload = threading.Lock()


class VerifyForm(forms.Form):
    """A SHA-256, as any tool prints it."""

    sha256 = forms.CharField(
        label=_("SHA-256 of the file"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={"required": _("Please paste the SHA-256."), "max_length": _("This is too long.")},
    )

    def clean_sha256(self) -> str:
        """Return the 64 hexadecimal digits: capitals, spaces between them and what stands around them do not matter."""
        typed = str(self.cleaned_data["sha256"]).strip()
        joined = re.sub(r"\s+", "", typed)
        found = _DIGEST.fullmatch(typed) or _DIGEST.fullmatch(joined)
        if found is None:
            raise forms.ValidationError(_("A SHA-256 has 64 digits and letters from a to f."))
        return found[1].lower()


class FileForm(forms.Form):
    """The file itself, for browsers without script; with script the browser computes the SHA-256 by itself."""

    file = forms.FileField(
        label=_("The file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.csv,.xlsx,.json"}),
        error_messages={"required": _("Please choose a file."), "invalid": _("Please choose a file.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@stranger_form
def verify(request: HttpRequest) -> HttpResponse:
    """Show the forms; with `?sha256=` say which file of which edition it is, and what has changed since.

    POST computes the SHA-256 of a file on its way in, and leads to that answer.
    """
    if request.method == "POST":
        return _hash_upload(request)
    asked = "sha256" in request.GET
    form = VerifyForm(request.GET if asked else None)
    context: dict[str, object] = {"form": form, "file_form": FileForm()}
    if asked and form.is_valid():
        context |= {"asked": form.cleaned_data["sha256"]} | _found(form.cleaned_data["sha256"])
    response = render(request, "press/verify.html", context, status=UNPROCESSABLE if form.errors else 200)
    if asked:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _hash_upload(request: HttpRequest) -> HttpResponse:
    """Lead to the answer for the file; where too many or too large ones come, say how to compute its SHA-256."""
    if not limits.may_upload(request):
        return _refused(request, FileForm(), 429, _("Many files came from your network. Please compute it yourself."))
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return _refused(request, FileForm(), 413, _("This file is larger than any of ours."))
    if not _one_upload.acquire(blocking=False):
        return _refused(
            request, FileForm(), 429, _("Another file is being read. Please try again, or compute it yourself.")
        )
    handler = HashingHandler(request)
    request.upload_handlers = [handler]
    try:
        form = FileForm(request.POST, request.FILES)
    except MultiPartParserError:
        form = FileForm({})
    finally:
        _one_upload.release()
    if not form.is_valid():
        return _refused(request, form, UNPROCESSABLE)
    return redirect(reverse("press-verify", query={"sha256": handler.sha256}) + "#answer")


def _refused(request: HttpRequest, form: FileForm, status: int, why: StrOrPromise = "") -> HttpResponse:
    context = {"form": VerifyForm(), "file_form": form, "refused": why}
    return render(request, "press/verify.html", context, status=status)


def _found(sha256: str) -> dict[str, object]:
    """Return the files with this digest, the newest edition of them, and how many came, left, were corrected since.

    Lists of nobody may have the same bytes; so may lists that were made before files bore a mark.
    """
    same = EditionFile.objects.filter(sha256=sha256, part__state=EditionState.READY)
    files = list(same.select_related("part__edition").order_by("-part__edition", "part")[:MOST_FILES])
    if not files:
        return {"files": files, "beside": beside.find(sha256), "is_empty": sha256 == beside.EMPTY}
    edition, latest = files[0].part.edition, Edition.objects.latest_ready()
    since = changes(edition, latest) if latest and latest != edition else None
    return {"files": files, "edition": edition, "latest": latest, "since": since}
