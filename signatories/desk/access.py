"""Access to the pages of the desk: each view names the power it needs.

Which role has which power stands in the table of signatories/models/organizer.py.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django_htmx.http import HttpResponseClientRedirect

from signatories.accounts import second_factor
from signatories.desk.presence import services as presence
from signatories.desk.presence.words import subject_of
from signatories.http import renews_itself
from signatories.models.organizer import Power, may, role_of, roles_that_may

type DeskView = Callable[..., HttpResponseBase]

DECISIONS_A_FACTOR = 20  # that one organizer may take alone before the second factor is asked for anew
_DECISIONS_LEFT = "decisions_left"  # in the session
TO_REPEAT = "to_repeat"  # in the session: a form that waits until the second factor was shown


def needs(power: Power, *, post: Power | None = None) -> Callable[[DeskView], DeskView]:
    """Let in only those whose role has a power; `post` names another one for POST.

    Visitors are sent to log in. `request.can` tells templates what may be done. Raises PermissionDenied.
    """

    def decorate(view: DeskView) -> DeskView:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_login(request)
            # A mapping and no object, so that a template finds nothing for what may not be done.
            request.can = {p.value: True for p in Power if may(request.user, p)}  # type: ignore[attr-defined]
            require(request.user, post if post and request.method == "POST" else power)
            _note_presence(request)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _note_presence(request: HttpRequest) -> None:
    """Note who is at the desk, and where: here, and nowhere else, because every page of the desk passes here."""
    if match := request.resolver_match:
        presence.note(
            account=organizer_of(request), page=match.url_name or "", subject=subject_of(match), now=timezone.now(),
            by_itself=renews_itself(request),
        )  # fmt: skip


def _to_login(request: HttpRequest) -> HttpResponse:
    """Lead to the log-in, and from there back to a page: not to the address of a form, which takes no GET.

    htmx would put the log-in into a part of the page that is open, so it is told to leave that page.
    """
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(redirect_to_login(request.htmx.current_url_abs_path or "").url)  # type: ignore[attr-defined]
    return redirect_to_login(reverse("desk") if request.method == "POST" else request.get_full_path())


def fresh_factor(view: DeskView) -> DeskView:
    """Let in only those who have shown their second factor within five minutes; others are asked for it.

    Stands below `needs`, so that it asks only those who may do this at all.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return ask_for_factor(request) or view(request, *args, **kwargs)

    return guarded


def ask_for_factor(request: HttpRequest) -> HttpResponse | None:
    """Lead to the page that asks for the second factor, and from there back; None where it was just shown.

    A form is not sent by itself afterwards: it is kept in the session, on a page that asks to send it once more.
    """
    if second_factor.is_fresh(request):
        if request.method == "POST" and TO_REPEAT in request.session:
            del request.session[TO_REPEAT]
        return None
    then = request.get_full_path()
    if request.method == "POST":
        typed = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
        typed = [(name, value) for name, value in typed if name != "csrfmiddlewaretoken"]
        request.session[TO_REPEAT] = {"path": request.path, "typed": typed}
        then = reverse("desk-repeat")
    page = second_factor.page_to_show_it(request, then)
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)  # type: ignore[attr-defined]


def factor_for_decision(request: HttpRequest) -> HttpResponse | None:
    """As `ask_for_factor`, for a decision that one organizer takes alone: shown once, it covers a number of them."""
    left = int(request.session.get(_DECISIONS_LEFT, 0))
    if left < 1:
        if to_show_it := ask_for_factor(request):
            return to_show_it
        left = DECISIONS_A_FACTOR
    request.session[_DECISIONS_LEFT] = left - 1
    return None


def require(account: AbstractBaseUser | AnonymousUser, power: Power) -> None:
    """Raises PermissionDenied, with words for the page, unless the role of the account has the power."""
    if may(account, power):
        return
    who = get_text_list([f"{role.label}s" for role in roles_that_may(power)], "and")
    role = role_of(account)
    yours = f"Your role is {role.label}." if role else "Your account has no role."
    raise PermissionDenied(f"Only {who} may do this. {yours}")


def organizer_of(request: HttpRequest) -> AbstractBaseUser:
    """Return the organizer of a request that `needs` has checked."""
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - for the type checker
    return request.user
