"""Middleware of every request: its language, and the page "try again" when the database is away.

And what only organizers' requests pass: strangers have no session, no account and no messages, on any page.
"""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from http import HTTPStatus
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ObjectNotUpdated
from django.db import Error, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import escape_leading_slashes
from psycopg import errors

from declaration import languages
from declaration.database import replica
from declaration.database.deadlines import circuit_breaker, patient
from declaration.database.kept import Kept

logger = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]
_ACCOUNTS = ("/accounts/", "/partner/")
# psycopg takes these for internal errors, but they come from a server that was moved or that ended a transaction.
_SERVERS_OWN = (errors.ReadOnlySqlTransaction, errors.IdleInTransactionSessionTimeout, errors.TransactionTimeout)


def path_language(get_response: Handler) -> Handler:
    """Take the language from the path and, on public pages, from nothing else.

    Django's LocaleMiddleware also reads Accept-Language everywhere and adds `Vary`, which splits every cache. Pages of
    accounts are kept by no cache and have one address in all languages: there the browser says which one.

    Addresses in a language that the operator has switched off are in old mails and bookmarks: they lead to the page in
    the main language, and what is sent to them is taken.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        of_account = request.path_info.startswith(_ACCOUNTS)
        language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        if off := _switched_off(request.path_info):
            if request.method in ("GET", "HEAD"):
                return redirect(escape_leading_slashes(request.get_full_path().removeprefix(f"/{off}")))
            language = off
        if of_account:
            language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = get_response(request)
            response.headers.setdefault("Content-Language", language)
        if of_account:
            patch_vary_headers(response, ["Accept-Language"])
        return response

    return middleware


def _switched_off(path: str) -> str:
    """Return the language of a path if it has a catalogue and the site has no pages in it; else an empty string."""
    code, slash, _rest = path[1:].partition("/")
    return code if slash and code in dict(languages.known()) and not languages.is_on(code) else ""


class Unavailable:
    """Answer 503 "try again" instead of an error when the database cannot be reached, is late or takes no writes."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; a form waits longer for the database than a page."""
        with patient() if request.method == "POST" else nullcontext():
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page "try again"; None for any other error."""
        return try_again(request, exception)


def try_again(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """The page "try again", which keeps the input of a stranger, if the database is the cause."""
    cause = exception.__cause__
    if not isinstance(exception, OperationalError | InterfaceError) and not isinstance(cause, _SERVERS_OWN):
        return None
    return _unavailable(request, exception)


def _unavailable(request: HttpRequest, exception: BaseException) -> HttpResponse:
    cause = exception.__cause__
    logger.error("database unavailable: %s", type(cause or exception).__name__)
    replica.failed()
    Kept.postpone()
    if isinstance(cause, errors.ReadOnlySqlTransaction) and (pool := getattr(connections["default"], "pool", None)):
        circuit_breaker(pool).renew()  # the old server after a failover; the new one has its name
    typed = list(request.POST.items()) if _strangers_form(request) else []
    response = render(request, "unavailable.html", {"typed": typed, "action": request.get_full_path()}, status=503)
    response.headers["Retry-After"] = "5"
    return response


def _strangers_form(request: HttpRequest) -> bool:
    """Whether the input may be shown again: not the password of an organizer."""
    if request.method != "POST" or request.path_info.startswith(settings.ORGANIZERS_PATHS):
        return False
    match = request.resolver_match
    return match is not None and getattr(match.func, "csrf_exempt", False)


class _OrganizersOnly(MiddlewareMixin):
    """Applies to the paths of organizers only, so no page for strangers can set or read a session."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Use the middleware on the paths of organizers; pass it by elsewhere."""
        if request.path_info.startswith(settings.ORGANIZERS_PATHS):
            return super().__call__(request)  # type: ignore[return-value]  # typed for async, too
        return self.get_response(request)  # type: ignore[return-value]  # typed for async, too


class Sessions(_OrganizersOnly, SessionMiddleware):
    """Django's, for organizers; a session that cannot be stored is no error of ours."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Store the session. Django calls no process_exception for what fails in a middleware, so it is done here.

        A session that was ended meanwhile, as by logging out in another window, leads to the page to log in.
        """
        try:
            return super().process_response(request, response)
        except (Error, SessionInterrupted) as error:
            # Django takes any error of an UPDATE for a session that was deleted meanwhile; the true one is behind it.
            cause: BaseException | None = error
            while isinstance(cause, SessionInterrupted | UpdateError):
                cause = cause.__context__
            if isinstance(cause, Error) and not isinstance(cause, ObjectNotUpdated):
                return _unavailable(request, cause)
            return redirect(settings.LOGIN_URL)


class Accounts(_OrganizersOnly, AuthenticationMiddleware):
    """Django's, for organizers; what is refused to an account leaves a line in the log.

    Not in the trail, which keeps every row for ever: an account could fill it with refusals, and a refusal must be told
    also while the database takes no writes.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Log who was refused what. The paths of organizers hold no secret but those that every log line hides."""
        response = super().__call__(request)
        account = getattr(request, "user", None)
        if response.status_code == HTTPStatus.FORBIDDEN and account is not None and account.is_authenticated:
            logger.warning("refused to account %d: %s %s", account.pk, request.method, quote(request.path))
        return response


class Messages(_OrganizersOnly, MessageMiddleware):
    """Django's, for organizers."""
