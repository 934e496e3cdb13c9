"""The page of a partner's own people: its numbers, its links, and what it sends and prints. Nothing about persons."""

import csv
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from declaration import qr
from signatories.editions import csv_file
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models import Partner, PartnerSheet
from signatories.models.partner import SheetKind, partner_of
from signatories.partners import channels, kit, numbers
from signatories.partners.forms import ChannelForm

_ALL = "*"  # in place of a channel: no link can be called so
type PartnerView = Callable[..., HttpResponse]


def for_partner(view: PartnerView) -> PartnerView:
    """Hand the partner of the account to a view; others get a page that says for whom this is."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, AbstractBaseUser):
            return redirect_to_login(reverse("partner-own") if request.method == "POST" else request.get_full_path())
        partner = partner_of(request.user)
        if partner is None or partner.ended_at:
            return render(request, "partners/not_yours.html", {"partner": partner}, status=403)
        return view(request, partner, *args, **kwargs)

    return guarded


def wanted_language(request: HttpRequest) -> str:
    """The language of the kit that a page asks for; that of the page where it asks for none."""
    asked = request.GET.get("language") or request.POST.get("language") or get_language() or ""
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


@require_safe
@for_partner
def own(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Show numbers, links and kit."""
    return _page(request, partner)


@require_POST
@for_partner
def add_channel(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Register a channel."""
    form = ChannelForm(request.POST)
    if channels.take(form, partner_id=partner.pk, account=_account(request)):
        return _back(request, _("Added."))
    return _page(request, partner, UNPROCESSABLE, channel_form=form)


@require_POST
@for_partner
def remove_channel(request: HttpRequest, partner: Partner, pk: int) -> HttpResponse:
    """Remove a channel."""
    done = channels.remove(partner_id=partner.pk, channel_id=pk, account=_account(request))
    stays = _("It stays: at least ten people came by it, or it was gone before.")
    return _back(request, _("Removed.") if done else stays)


@require_safe
@for_partner
def numbers_file(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Send the numbers as CSV: for each week a line with its sum, and one for each channel."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{partner.slug}.csv"'
    written = csv.writer(response, lineterminator="\r\n")
    written.writerow(["week", "channel", "name", "signatures_rounded_down"])
    for week in numbers.of_partner(partner, timezone.now()).weeks:
        told = [(_ALL, "all", week.count)]
        told += [(row.channel.slug, row.channel.name or "The page itself", row.count) for row in week.rows]
        for slug, name, count in told:
            written.writerow([f"{week.monday:%G-W%V}", slug, csv_file.cell(name), count or "fewer than 10"])
    return response


@require_safe
@for_partner
def code(request: HttpRequest, partner: Partner, pk: int) -> HttpResponse:
    """Send the QR code of a link."""
    return qr_file(partner, pk, wanted_language(request))


@require_POST
@for_partner
def ask_sheet(request: HttpRequest, partner: Partner, pk: int, which: str) -> HttpResponse:
    """Ask for a hand-out or a poster."""
    kit.ask(
        partner_id=partner.pk, channel_id=pk, language=wanted_language(request), kind=SheetKind(which),
        now=timezone.now(),
    )  # fmt: skip
    return SeeOther(f"{reverse('partner-own')}?language={wanted_language(request)}#kit")


@require_safe
@for_partner
def sheet(request: HttpRequest, partner: Partner, pk: int) -> HttpResponse:
    """Send a hand-out or a poster."""
    return sheet_file(partner, pk)


def qr_file(partner: Partner, channel_id: int, language: str) -> HttpResponse:
    """The QR code of a link of this partner. Raises Http404."""
    with translation.override(language):
        found = next((link for link in channels.links(partner) if link.channel.pk == channel_id), None)
    if found is None:
        raise Http404
    response = HttpResponse(qr.file(found.address), content_type="image/svg+xml")
    return _as_file(response, partner, found.channel.slug, language, "svg")


def sheet_file(partner: Partner, sheet_id: int) -> HttpResponse:
    """A sheet of this partner that is made. Raises Http404."""
    linked = PartnerSheet.objects.select_related("channel").filter(channel__in=partner.channels.with_link())
    row = linked.filter(pk=sheet_id).first()
    if row is None or not row.pdf:
        raise Http404
    response = HttpResponse(bytes(row.pdf), content_type="application/pdf")
    return _as_file(response, partner, row.channel.slug, f"{row.kind}-{row.language}", "pdf")


def _as_file(response: HttpResponse, partner: Partner, *parts: str) -> HttpResponse:
    *words, ending = parts
    name = "-".join(filter(None, [partner.slug, *words]))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


def _page(request: HttpRequest, partner: Partner, status: int = 200, **more: object) -> HttpResponse:
    language = wanted_language(request)
    context = {
        "partner": partner,
        "numbers": numbers.of_partner(partner, timezone.now()),
        "fewest": numbers.FEWEST,
        "kit": kit.of_partner(partner, language),
        "kit_language": language,
        "site_languages": settings.LANGUAGES,
        "channel_form": ChannelForm(),
    }
    return render(request, "partners/own.html", context | more, status=status)


def _back(request: HttpRequest, words: str) -> HttpResponse:
    messages.info(request, words)
    return SeeOther(reverse("partner-own"))


def _account(request: HttpRequest) -> AbstractBaseUser:
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - `for_partner` has looked
    return request.user
