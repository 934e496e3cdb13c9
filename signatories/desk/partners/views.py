"""The pages of partners at the desk."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories.accounts.invitations import AccountExists, open_ones
from signatories.desk.access import fresh_factor, needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.forms import ReasonForm
from signatories.desk.partners import services
from signatories.desk.partners.forms import NAME_TAKEN, SLUG_TAKEN, NewPartnerForm, PartnerForm, PartnerInvitationForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models import Partner
from signatories.models.organizer import Power
from signatories.models.partner import SheetKind
from signatories.partners import channels, kit, numbers
from signatories.partners.forms import ChannelForm
from signatories.partners.own_views import qr_file, sheet_file, wanted_language


@require_safe
@needs(Power.MANAGE_PARTNERS)
def partners(request: HttpRequest) -> HttpResponse:
    """Show all partners."""
    found = Partner.objects.order_by("ended_at", "name", "pk")
    return render(request, "desk/partners/partners.html", {"partners": found, "most": services.MOST})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_PARTNERS)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form of a new partner; POST adds it."""
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = NewPartnerForm(*posted)
    if request.method == "POST" and form.is_valid():
        try:
            partner = services.add(values=form.values(), organizer=organizer_of(request))
        except services.NameTaken:  # in this moment
            form.add_error("name", NAME_TAKEN)
        except services.SlugTaken:  # in this moment
            form.add_error("slug", SLUG_TAKEN)
        except services.TooMany:
            form.add_error(None, f"There are {services.MOST} partners, the most that are possible.")
        else:
            tell_result(request, True, "Added. Its page is open now.")
            return SeeOther(reverse("desk-partner", args=[partner.pk]))
    return render(request, "desk/partners/new.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_PARTNERS)
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a partner: its page, channels, numbers and accounts; POST changes what its page says."""
    found = get_object_or_404(Partner, pk=pk)
    if request.method != "POST":
        return _page(request, found)
    form = PartnerForm(request.POST, request.FILES, partner_id=pk)
    if form.is_valid():
        try:
            services.change(partner_id=pk, values=form.values(), organizer=organizer_of(request))
        except services.NameTaken:  # in this moment
            form.add_error("name", NAME_TAKEN)
        else:
            return _back(request, pk, True, "Saved.")
    return _page(request, found, UNPROCESSABLE, form=form)


@require_POST
@needs(Power.MANAGE_PARTNERS)
def add_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Register a channel."""
    found, form = get_object_or_404(Partner, pk=pk), ChannelForm(request.POST)
    if channels.take(form, partner_id=pk, account=organizer_of(request)):
        return _back(request, pk, True, "Added.")
    return _page(request, found, UNPROCESSABLE, channel_form=form)


@require_POST
@needs(Power.MANAGE_PARTNERS)
def remove_channel(request: HttpRequest, pk: int, channel: int) -> HttpResponse:
    """Remove a channel, if fewer than ten people came by it."""
    done = channels.remove(partner_id=pk, channel_id=channel, account=organizer_of(request))
    return _back(request, pk, done, "Removed.")


@require_POST
@needs(Power.MANAGE_PARTNERS)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a partner, or let it go on."""
    found, form = get_object_or_404(Partner, pk=pk), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, found, UNPROCESSABLE, end_form=form)
    service: Callable[..., bool] = services.resume if "resume" in request.POST else services.end
    done = service(partner_id=pk, organizer=organizer_of(request), now=timezone.now(), **form.cleaned_data)
    words = "It goes on: its page takes signatures again." if "resume" in request.POST else "Ended. Its page says so."
    return _back(request, pk, done, words)


@require_POST
@needs(Power.MANAGE_PARTNERS)
@fresh_factor
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite somebody who works for a partner."""
    found, form = get_object_or_404(Partner, pk=pk), PartnerInvitationForm(request.POST)
    if form.is_valid():
        try:
            done = services.invite(
                partner_id=pk, organizer=organizer_of(request), now=timezone.now(), **form.cleaned_data
            )
        except AccountExists:
            form.add_error("address", "This address has an account.")
        else:
            return _back(request, pk, done, "Invited. The mail with the link is on its way.")
    return _page(request, found, UNPROCESSABLE, invitation_form=form)


@require_POST
@needs(Power.MANAGE_PARTNERS)
@fresh_factor
def revoke(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    """End an invitation."""
    done = services.revoke(partner_id=pk, invitation_id=invitation, organizer=organizer_of(request), now=timezone.now())
    return _back(request, pk, done, "Revoked. The link opens nothing any more.")


@require_POST
@needs(Power.MANAGE_PARTNERS)
@fresh_factor
def set_account(request: HttpRequest, pk: int, account: int, is_open: bool) -> HttpResponse:
    """Close an account of a partner, or open it again."""
    done = services.set_account_open(
        partner_id=pk, account_id=account, is_open=is_open, organizer=organizer_of(request), now=timezone.now()
    )
    return _back(request, pk, done, "The account is open again." if is_open else "The account is closed.")


@require_safe
@needs(Power.MANAGE_PARTNERS)
def code(request: HttpRequest, pk: int, channel: int) -> HttpResponse:
    """Send the QR code of a link."""
    return qr_file(get_object_or_404(Partner, pk=pk), channel, wanted_language(request))


@require_POST
@needs(Power.MANAGE_PARTNERS)
def ask_sheet(request: HttpRequest, pk: int, channel: int, which: str) -> HttpResponse:
    """Ask for a hand-out or a poster."""
    language = wanted_language(request)
    kit.ask(partner_id=pk, channel_id=channel, language=language, kind=SheetKind(which), now=timezone.now())
    return SeeOther(f"{reverse('desk-partner', args=[pk])}?language={language}#kit")


@require_safe
@needs(Power.MANAGE_PARTNERS)
def sheet(request: HttpRequest, pk: int, sheet: int) -> HttpResponse:
    """Send a hand-out or a poster."""
    return sheet_file(get_object_or_404(Partner, pk=pk), sheet)


def _page(request: HttpRequest, found: Partner, status: int = 200, **forms: Any) -> HttpResponse:
    language = wanted_language(request)
    given = {"name": found.name, "site": found.site, "stance": found.stance}
    given |= {f"sentence_{code}": words for code, words in found.sentence.items()}
    given |= {f"duties_{code}": words for code, words in found.duties.items()}
    context = {
        "partner": found,
        "form": PartnerForm(initial=given),
        "channel_form": ChannelForm(),
        "invitation_form": PartnerInvitationForm(),
        "end_form": ReasonForm(),
        "kit": kit.of_partner(found, language),
        "kit_language": language,
        "site_languages": settings.LANGUAGES,
        "at_desk": True,
        "fewest": numbers.FEWEST,
        "numbers": numbers.of_partner(found, timezone.now()),
        "accounts": found.accounts.select_related("account").order_by("account__email"),
        "invitations": open_ones(timezone.now()).filter(partner=found),
    }
    return render(request, "desk/partners/partner.html", context | forms, status=status)


def _back(request: HttpRequest, pk: int, done: bool, words: str) -> HttpResponse:
    tell_result(request, done, words)
    return SeeOther(reverse("desk-partner", args=[pk]))
