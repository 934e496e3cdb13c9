"""The press page, the pages of editions, and their files. Nothing is built in a request."""

import base64

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from declaration.models import PressPage, Text
from declaration.web import rights
from signatories.editions import checksums
from signatories.listing import explained
from signatories.models import Edition, EditionFile, EditionPart, PressAccount, PressPicture, Quote
from signatories.models import settings as site
from signatories.models.edition import EditionState, FileFormat, Part
from signatories.models.embargo import hidden_until
from signatories.press import byte_ranges, citation, embargo, watermark
from signatories.press.list_files import ListFile
from signatories.tally import history, plots
from signatories.tally import services as tally

_TYPES = {
    FileFormat.PDF: "application/pdf",
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.JSON: "application/json",
}
NOT_FOUND, GONE = 404, 410
BIGGEST_NUMBER = 2**31 - 1


@require_safe
def press(request: HttpRequest) -> HttpResponse:
    """Show the line to cite, the latest edition, the current numbers as plots, and the organizers' words."""
    language, now = get_language() or settings.LANGUAGE_CODE, timezone.now()
    shown = site.current(now)
    latest_edition, number = Edition.objects.latest_ready(), tally.number(now)
    text = Text.objects.current(language)
    lists = EditionPart.objects.newest(language) if latest_edition else []
    context = {
        "edition": latest_edition,
        "lists": lists if files_shown(shown) else [],
        "full_list": next((list_ for list_ in lists if list_.part == Part.FULL), None),
        "number": number,
        "cite": citation.line(text, latest_edition, number) if text and number.count else "",
        "explained": explained.latest(),
        "plots": plots.plots(now) if shown.statistics_public else [],
        "milestones": plots.milestones(history.hours()) if shown.statistics_public else [],
        "files_shown": files_shown(shown),
        "text": text,
        "quotes": Quote.objects.shown() if shown.list_public else [],
        "pictures": PressPicture.objects.in_order(),
        "told": PressPage.current(language),
    }
    return render(request, "press/press.html", context)


def files_shown(now: site.SiteSettings) -> bool:
    """Whether pages lead to the files of editions: they hold the names."""
    return now.downloads_public and now.list_public


@require_safe
def cite(request: HttpRequest) -> HttpResponse:
    """Return the line to cite as plain text."""
    text, number = Text.objects.current(get_language() or settings.LANGUAGE_CODE), tally.number(timezone.now())
    if text is None or not number.count:
        raise Http404
    line = citation.line(text, Edition.objects.latest_ready(), number)
    return HttpResponse(f"{line}\n", content_type="text/plain; charset=utf-8")


@require_safe
def latest(request: HttpRequest, format_: str) -> HttpResponseBase:
    """Return the file of the latest edition, always at the same address.

    In another language it is the newest that is ready in that language: it stays until its successor is ready.
    """
    found, language = Edition.objects.latest_ready(), get_language() or settings.LANGUAGE_CODE
    if found is None:
        raise Http404
    wanted, stored = ListFile(Part.FULL, 0, FileFormat(format_)), None
    if language != settings.LANGUAGE_CODE:
        stored = EditionFile.objects.newest(wanted.part, wanted.format, language)
    return _served(request, found, wanted, stored or _stored(found, wanted, settings.LANGUAGE_CODE))


@require_safe
def editions(request: HttpRequest) -> HttpResponse:
    """List all editions, newest first."""
    return render(request, "press/editions.html", {"editions": Edition.objects.published()})


@require_safe
def edition(request: HttpRequest, number: int) -> HttpResponse:
    """Show one edition, at an address to cite; it stays when the files are deleted."""
    found = _published(number)
    return _page(request, found) if found else _no_such(request)


@require_safe
def file(request: HttpRequest, number: int, wanted: ListFile) -> HttpResponseBase:
    """Return a file of an edition; 410 and its page if a person in it has left the list since."""
    found = _published(number)
    if found is None:
        return _no_such(request)
    if found.retired_at:
        return _page(request, found, wanted, status=GONE)
    stored = _stored(found, wanted, get_language() or "")
    if stored is None and (other := _stored(found, wanted, settings.LANGUAGE_CODE)):
        return redirect(other)
    return _served(request, found, wanted, stored)


@require_safe
def sums(request: HttpRequest, number: int) -> HttpResponse:
    """Return the SHA-256 of all files of an edition, as `sha256sum -c` reads them."""
    return _text(_numbered(number).sums.encode(), "text/plain; charset=utf-8")


@require_safe
def sums_signature(request: HttpRequest, number: int) -> HttpResponse:
    """Return the signature of that file: the 64 bytes that `openssl pkeyutl -verify` reads."""
    return _text(base64.b64decode(_numbered(number).sums_signature), "application/octet-stream")


@require_safe
def time_stamp(request: HttpRequest, number: int, wanted: ListFile) -> HttpResponse:
    """Return the time stamp of a file (RFC 3161), which `openssl ts -verify` reads."""
    stored = _stored(_numbered(number), wanted, get_language() or "", deleted=True)
    return _text(bytes(stored.stamp or b"") if stored else b"", "application/timestamp-reply")


@require_safe
def declaration_key(request: HttpRequest) -> HttpResponse:
    """Return the public key that signs now, and below it those that signed older editions."""
    return _text("\n".join(checksums.public_keys()).encode(), "text/plain; charset=utf-8")


@require_safe
def one_key(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """Return one of these keys. openssl reads only the first of a file, so each has an address of its own."""
    return _text(checksums.public_key(fingerprint).encode(), "application/x-pem-file")


def _text(content: bytes, content_type: str) -> HttpResponse:
    if not content:
        raise Http404
    return HttpResponse(content, content_type=content_type, headers={"Cache-Control": "public, max-age=60"})


def _page(request: HttpRequest, found: Edition, wanted: ListFile | None = None, *, status: int = 200) -> HttpResponse:
    """Show the page of an edition, also in place of a file that is gone or not made: it leads to those that are."""
    language = get_language() or settings.LANGUAGE_CODE
    newest, shown = Edition.objects.latest_ready() == found, files_shown(site.current())
    context = {
        "edition": found,
        "newest": newest,
        "lists": [] if found.retired_at or not shown else found.ready_parts(language),
        "full_list": found.full_list(language),
        "files_shown": shown,
        "key": checksums.fingerprint_of(found.signed_by) if found.signed_by else "",
        "being_made": bool(newest and wanted and _is_being_made(found, wanted, language)),
        "not_made": status == NOT_FOUND,
        "instead": _newest(wanted, language) if wanted and shown else None,
        "has_stamps": EditionFile.objects.filter(part__edition=found).exclude(stamp=None).exists(),
    }
    response = render(request, "press/edition.html", context, status=status)
    if status == NOT_FOUND:  # it may be made in a moment
        response.headers["Cache-Control"] = "no-store"
    return response


def _no_such(request: HttpRequest) -> HttpResponse:
    """Say that no edition has this number, as one that is being made has none yet, and lead to the newest."""
    newest = Edition.objects.latest_ready()
    response = render(request, "press/no_edition.html", {"newest": newest}, status=NOT_FOUND)
    response.headers["Cache-Control"] = "no-store"
    return response


def _published(number: int) -> Edition | None:
    return Edition.objects.published().filter(number=number).first() if number <= BIGGEST_NUMBER else None


def _numbered(number: int) -> Edition:
    found = _published(number)
    if found is None:
        raise Http404
    return found


def _stored(found: Edition, wanted: ListFile, language: str, *, deleted: bool = False) -> EditionFile | None:
    files = EditionFile.objects.filter(
        part__edition=found, part__part=wanted.part, part__since=wanted.since, part__language=language,
        part__state=EditionState.READY, format=wanted.format,
    )  # fmt: skip
    return (files if deleted else files.exclude(path="")).select_related("part__edition").first()


def _is_being_made(found: Edition, wanted: ListFile, language: str) -> bool:
    parts = found.parts.filter(part=wanted.part, since=wanted.since, language__in=[language, settings.LANGUAGE_CODE])
    return parts.filter(state__in=[EditionState.ASKED, EditionState.BUILDING]).exists()


def _newest(wanted: ListFile, language: str) -> EditionFile | None:
    """Return the newest file of this kind, for readers of a language."""
    newest = EditionFile.objects.newest
    found = newest(wanted.part, wanted.format, language)
    return found or newest(wanted.part, wanted.format, settings.LANGUAGE_CODE)


def _served(request: HttpRequest, found: Edition, wanted: ListFile, chosen: EditionFile | None) -> HttpResponseBase:
    """Return a file with its SHA-256 as ETag, or 304 if the client has it; without a file the page of the edition."""
    if chosen is None or not default_storage.exists(chosen.path):
        return _page(request, found, wanted, status=NOT_FOUND)
    if account := getattr(request, "early", None):
        return _marked(request, chosen, account)
    etag = f'"{chosen.sha256}"'
    response: HttpResponseBase
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        response = _sent(request, chosen, etag)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=60"
    for name, value in rights.headers().items():
        response.headers[name] = value
    return response


def _sent(request: HttpRequest, chosen: EditionFile, etag: str) -> HttpResponseBase:
    """Return the stored file, or the part of it that is asked for: of formats that no proxy packs on the way."""
    file, content_type = default_storage.open(chosen.path), _TYPES[FileFormat(chosen.format)]
    download = chosen.format != FileFormat.PDF
    in_parts = chosen.format in (FileFormat.PDF, FileFormat.XLSX)
    if in_parts and (part := byte_ranges.asked(request, etag, file.size)) is not None:
        return byte_ranges.partial(
            file, part, size=file.size, content_type=content_type, name=chosen.name, download=download
        )
    response = FileResponse(file, content_type=content_type, filename=chosen.name, as_attachment=download)
    if in_parts:
        response.headers["Accept-Ranges"] = "bytes"
    return response


def _marked(request: HttpRequest, chosen: EditionFile, account: PressAccount) -> HttpResponse:
    """Return the PDF with the name of the invited press on every page; data files come with the release."""
    until = hidden_until()
    if chosen.format != FileFormat.PDF or until is None:
        return embargo.hidden(request)
    with default_storage.open(chosen.path) as stored, override(chosen.part.language):
        content = watermark.marked(stored.read(), name=account.name, account=account.pk, until=until)
    disposition = f'inline; filename="{chosen.name.removesuffix(".pdf")}-embargo-{account.pk}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})
