"""The page of the organizers: who they are, and what each may do."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from signatories.accounts import second_factor
from signatories.accounts.invitations import AccountExists, open_ones
from signatories.desk.access import fresh_factor, needs, organizer_of
from signatories.desk.common import tell_result
from signatories.desk.forms import ReasonForm
from signatories.desk.organizers import services
from signatories.desk.organizers.forms import InvitationForm, RoleForm
from signatories.http import UNPROCESSABLE, SeeOther
from signatories.models.organizer import Power, Role, role_of

_OWN_FACTOR = (
    "Nothing was changed: your own second factor you change under your account, or another administrator does."
)
_LAST = "Nothing was changed: this is the last administrator. Make somebody else one first."


@require_safe
@needs(Power.MANAGE_ORGANIZERS)
def organizers(request: HttpRequest) -> HttpResponse:
    """Show the accounts of organizers, also those that are closed."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    accounts = [(account, role_of(account), second_factor.has_one(account)) for account in services.all_accounts()]
    context = {
        "accounts": accounts,
        "invitations": open_ones(timezone.now()).select_related("invited_by"),
        "roles": Role.choices,
        "languages": settings.LANGUAGES,
    }
    return render(request, "desk/organizers/organizers.html", context | more, status=status)


@require_POST
@needs(Power.MANAGE_ORGANIZERS)
@fresh_factor
def set_role(request: HttpRequest, pk: int) -> HttpResponse:
    words = "Saved. The account is logged out; its new role holds from the next log-in."
    return _change(request, pk, RoleForm(request.POST), services.set_role, words)


@require_POST
@needs(Power.MANAGE_ORGANIZERS)
@fresh_factor
def set_active(request: HttpRequest, pk: int, active: bool) -> HttpResponse:
    service = services.enable if active else services.disable
    words = "The account is open again." if active else "The account is closed and logged out."
    return _change(request, pk, ReasonForm(request.POST), service, words)


@require_POST
@needs(Power.MANAGE_ORGANIZERS)
@fresh_factor
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the second factor of somebody who has lost it."""
    if pk == request.user.pk:
        return _page(request, UNPROCESSABLE, wrong_pk=pk, wrong=_OWN_FACTOR)
    words = (
        "The second factor is reset. Its owner is logged out, is told by mail, and adds a new one at the next log-in."
    )
    return _change(request, pk, ReasonForm(request.POST), services.reset_factor, words)


@require_POST
@needs(Power.MANAGE_ORGANIZERS)
@fresh_factor
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody to keep the list."""
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            services.invite(organizer=organizer_of(request), now=timezone.now(), **form.cleaned_data)
        except AccountExists:
            form.add_error("address", "This address has an account. Give it another role below, or open it again.")
    if not form.is_valid():
        return _page(request, UNPROCESSABLE, invitation=form)
    tell_result(request, True, "Invited. The mail with the link is on its way.")
    return SeeOther(reverse("desk-organizers"))


@require_POST
@needs(Power.MANAGE_ORGANIZERS)
@fresh_factor
def revoke_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    done = services.revoke_invitation(invitation_id=pk, organizer=organizer_of(request), now=timezone.now())
    tell_result(request, done, "Revoked. The link opens nothing any more.")
    return SeeOther(reverse("desk-organizers"))


def _change(
    request: HttpRequest, pk: int, form: ReasonForm, service: Callable[..., bool], words: str
) -> HttpResponse:  # fmt: skip
    """Change an account as the form says; organizers who changed their own have no session any more."""
    if not form.is_valid():
        return _page(request, UNPROCESSABLE, wrong_pk=pk, wrong=next(iter(form.errors.values()))[0])
    try:
        done = service(account_id=pk, organizer=organizer_of(request), now=timezone.now(), **form.cleaned_data)
    except services.LastAdministrator:
        return _page(request, UNPROCESSABLE, wrong_pk=pk, wrong=_LAST)
    if done and pk == request.user.pk:
        logout(request)
    else:
        tell_result(request, done, words)
    return SeeOther(reverse("desk-organizers"))
