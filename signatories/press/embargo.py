"""The embargo: what it hides, and the press that may look before it ends.

Everything is hidden that is not named here, so that a new page is hidden until somebody has thought about it.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from declaration.models import Text
from declaration.web.middleware import try_again
from signatories.audit.services import record_edit
from signatories.identity import sealed
from signatories.models import Embargo, PressAccount
from signatories.models.embargo import forget_embargo, hidden_until, last_told
from signatories.press import closed

# Pages that name nobody, by the beginning of their URL's name.
OPEN = (
    "home", "about", "privacy", "signing-", "mine-", "listing-report", "press-early", "partners-page",
    "partners-logo", "partner-", "gathering-", "sharing-preview", "news-stop", "desk", "account", "mfa_",
    "robots", "security", "tdmrep", "favicon", "declaration-key", "healthz", "readyz", "metrics", "hooks-mail",
    "demo-mailbox",
)  # fmt: skip
# Pages that invited press may see; files of data come with the release.
_EARLY = frozenset(
    {
        "listing-list", "listing-signature", "listing-corrections", "press-press", "press-editions", "press-edition",
        "press-latest", "press-edition-file", "press-verification", "press-presence", "press-picture",
    }
)  # fmt: skip
COOKIE, PURPOSE, LASTS = "press", "press", timedelta(days=30)


# As secrets.token_urlsafe makes it.
_BYTES = 24
_LINK = re.compile(r"[A-Za-z0-9_-]{32}")


class NothingHidden(Exception):
    """There is nothing to see early: no embargo holds."""


class TooLate(Exception):
    """The text is public already: what was public cannot be taken back from everybody."""


class Gate:
    """The middleware that hides pages from strangers: under the embargo, and those that organizers have closed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; what invited press sees is kept by no cache."""
        response = self.get_response(request)
        if getattr(request, "early", None):
            response.headers["Cache-Control"] = "no-store"
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Return the page that says when the list becomes public, instead of one that is hidden."""
        # Only pages that show it ask for it: those of the site itself answer without a database, too.
        request.embargo_until = SimpleLazyObject(_told)  # type: ignore[attr-defined]
        match = request.resolver_match
        name = match.view_name if match else ""
        if name.startswith(OPEN):
            return None
        try:
            if closing := closed.answer(request, name):
                return closing
            if hidden_until() is None:
                return None
        except Error as away:
            if answer := try_again(request, away):
                return answer
            raise  # never shown because nobody knows
        account = _visitor(request) if name in _EARLY else None
        if account is None:
            return hidden(request)
        request.early = account  # type: ignore[attr-defined]
        return None


def _told() -> datetime | None:
    """Return until when all is hidden, for the words of a page; None also while the database has never answered."""
    try:
        return hidden_until()
    except Error:
        return last_told()


def hidden(request: HttpRequest) -> HttpResponse:
    """Return the answer for everything that is hidden: the same, whatever is there."""
    return render(request, "press/hidden.html", status=404)


def _visitor(request: HttpRequest) -> PressAccount | None:
    """Return the press account of this browser, if it is not revoked."""
    told = sealed.unseal(PURPOSE, request.COOKIES.get(COOKIE, ""), int(LASTS.total_seconds()))
    return PressAccount.objects.filter(pk=told["account"], revoked_at=None).first() if told else None


def is_link(link: str) -> bool:
    """Whether a link has the form of one that was made, which says nothing about whether it was."""
    return bool(_LINK.fullmatch(link))


def account_of(link: str) -> PressAccount | None:
    """Return the press account that was invited with this link, also if it is revoked."""
    return PressAccount.objects.filter(secret=_digest(link)).first()


def enter(account: PressAccount, response: HttpResponse, now: datetime) -> None:
    """Let this browser look before the release."""
    PressAccount.objects.filter(pk=account.pk).update(seen_at=now)
    response.set_cookie(
        COOKIE,
        sealed.seal(PURPOSE, {"account": str(account.pk)}),
        max_age=LASTS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def set_until(*, until: datetime | None, organizer: AbstractBaseUser, now: datetime) -> None:
    """Hide everything until a moment; None ends an embargo that nobody has signed under. Raises TooLate."""
    with transaction.atomic():
        row, _made = Embargo.objects.select_for_update().get_or_create(pk=1)
        if Text.objects.published().exists() and not (row.holds(now) and until):
            raise TooLate
        if row.until == until:
            return
        row.until, row.released_at = until, None
        row.save()
        record_edit(organizer, f"embargo until {until:%Y-%m-%d %H:%M} UTC" if until else "no embargo", about="embargo")
    forget_embargo()


def release(*, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Show everything now; False if nothing is hidden. Other processes follow within PAGE_SECONDS."""
    with transaction.atomic():
        done = Embargo.objects.filter(pk=1, until__gt=now, released_at=None).update(released_at=now)
        if done:
            record_edit(organizer, "embargo released", about="embargo")
    forget_embargo()
    return bool(done)


def invite(*, name: str, organizer: AbstractBaseUser, now: datetime) -> tuple[PressAccount, str]:
    """Invite somebody of the press; returns the account, and what their link holds, which is stored nowhere.

    Raises NothingHidden while no embargo holds: the link would only lead to what everybody sees.
    """
    if not Embargo.current().holds(now):
        raise NothingHidden
    link = secrets.token_urlsafe(_BYTES)
    with transaction.atomic():
        account = PressAccount.objects.create(
            name=name, secret=_digest(link), invited_by_id=organizer.pk, invited_at=now
        )
        record_edit(organizer, "somebody of the press invited", about=f"press account {account.pk}")
    return account, link


def revoke(*, account_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """End the access of a press account at once; False if it has ended already."""
    with transaction.atomic():
        done = PressAccount.objects.filter(pk=account_id, revoked_at=None).update(revoked_at=now)
        if done:
            record_edit(organizer, "access of the press revoked", about=f"press account {account_id}")
    return bool(done)


def _digest(link: str) -> bytes:
    return hashlib.sha256(link.encode()).digest()
