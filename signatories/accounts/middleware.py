"""Rules for each request of an organizer: how long a session lives, and the second factor before the desk."""

from django.conf import settings
from django.contrib.auth import logout
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from declaration.web.middleware import Handler, try_again
from signatories.accounts import second_factor, sessions
from signatories.accounts.services import home_of

# Beside these the pages of accounts stay reachable: there a factor is added, and one signs out.
_NEED_FACTOR = ("/desk/", "/partner/")


def organizers_rules(get_response: Handler) -> Handler:
    """End sessions that are too old. Lead organizers whose role needs a second factor to the page that is missing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(tuple(settings.ORGANIZERS_PATHS)):
            return get_response(request)
        try:
            if request.user.is_authenticated and not sessions.may_go_on(request, timezone.now()):
                logout(request)
            page = _page_before_the_desk(request)
        except Error as error:  # Django calls no process_exception for what fails in a middleware
            if answer := try_again(request, error):
                return answer
            raise
        return _lead(request, page) if page else get_response(request)

    return middleware


def _page_before_the_desk(request: HttpRequest) -> str:
    """The address of the page to see first; empty where nothing is missing."""
    if not request.path_info.startswith(_NEED_FACTOR) or not second_factor.is_needed_by(request.user):
        return ""
    if not second_factor.has_one(request.user):
        return reverse("mfa_index")
    if not second_factor.was_shown(request):
        then = request.get_full_path() if request.method == "GET" else home_of(request.user).path
        return second_factor.page_to_show_it(request, then)
    return ""


def _lead(request: HttpRequest, path: str) -> HttpResponse:
    """Redirect; htmx would put the page into a part of the one that is open, so it is told to leave that."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(path)
    return redirect(path)
