"""Pages of accounts that allauth does not bring."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from signatories.accounts import invitations, services, sessions
from signatories.http import SeeOther

_GONE = 410


@require_safe
def invitation(request: HttpRequest, link: str) -> HttpResponse:
    """Lead from a mailed link to the page on which the account is made."""
    if request.user.is_authenticated:
        return render(request, "account/invitation_signed_in.html")
    if not invitations.open_link(request, link, timezone.now()):
        return render(request, "account/signup_closed.html", status=_GONE)
    return redirect("account_signup")


@require_http_methods(["GET", "HEAD", "POST"])
def to_home(request: HttpRequest, **_named: str) -> HttpResponse:
    """Lead from a page of allauth that is closed to where the account is at home."""
    return redirect(services.home_of(request.user).path)


@require_safe
@login_required
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Show where an organizer is signed in."""
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - for the type checker
    found = sessions.of_account(request, request.user, timezone.now())
    context = {"sessions": found, "others": len(found) > 1, "days": sessions.LONGEST.days}
    return render(request, "account/sessions.html", context)


@require_POST
@login_required
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one session of one's own, or all but this one."""
    assert request.user.pk is not None  # noqa: S101 - for the type checker
    account_id, now, handle = request.user.pk, timezone.now(), request.POST.get("session", "")
    if handle:
        ended = sessions.end(account_id=account_id, handle=handle, now=now)
    else:
        ended = sessions.end_all(account_id=account_id, now=now, but=request.session.session_key)
    messages.info(request, _("Ended.") if ended else _("There was nothing to end."))
    return SeeOther(reverse("account-sessions"))
