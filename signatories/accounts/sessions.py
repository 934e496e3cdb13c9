"""Sessions of organizers: how long they live, the list of one's own, and ending them.

All that is known of a session stands inside it. So nothing about the sessions of organizers outlives them, and to find
those of an account each one is read: there are few, as strangers get none but those who ask for a code to log in.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from signatories.http import renews_itself

LONGEST = timedelta(days=7)  # however busy; SESSION_COOKIE_AGE is how long one may be idle
_NOTED_EACH = timedelta(minutes=5)  # that it is in use: this moves its end
_BEGAN, _SEEN, _BROWSER = "began_at", "seen_at", "browser"
# As they name themselves; many name others, too, so the first that is found counts.
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "Chrom": "Chrome",
             "CriOS": "Chrome", "Safari": "Safari"}  # fmt: skip
_SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "Mac",
            "CrOS": "Chromebook", "Linux": "Linux"}  # fmt: skip


@dataclass(frozen=True)
class OpenSession:
    """A session as its owner sees it. `handle` names it on the page; it opens nothing."""

    handle: str
    browser: str
    began_at: datetime | None
    seen_at: datetime | None
    is_this: bool


def may_go_on(request: HttpRequest, now: datetime) -> bool:
    """Note that a session is in use. Returns False if it began too long ago.

    A page that renews itself is no use: an open window must not keep a session alive that nobody uses.
    """
    session, moment = request.session, now.timestamp()
    if _BEGAN not in session:
        session[_BEGAN] = moment
    if moment - session.get(_SEEN, 0) >= _NOTED_EACH.total_seconds() and not renews_itself(request):
        session[_SEEN], session[_BROWSER] = moment, browser_of(request)
    return bool(moment - session[_BEGAN] < LONGEST.total_seconds())


def began_at(request: HttpRequest) -> float:
    """When the session of an organizer began (Unix time); 0 if that is not known."""
    return float(request.session.get(_BEGAN, 0))


def browser_of(request: HttpRequest) -> str:
    """The browser and its system in words, as "Firefox, Windows". Nothing more of what it sends is kept."""
    sent = request.headers.get("User-Agent", "")
    found = (next((name for mark, name in marks.items() if mark in sent), "") for marks in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, found))


def of_account(request: HttpRequest, account: AbstractBaseUser, now: datetime) -> list[OpenSession]:
    """The open sessions of an account, the one of this request first, then the newest."""
    own = request.session.session_key
    found = [
        OpenSession(_handle(key), data.get(_BROWSER, ""), _moment(data, _BEGAN), _moment(data, _SEEN), key == own)
        for key, data in _sessions(account.pk, now)
        if constant_time_compare(data.get(HASH_SESSION_KEY, ""), account.get_session_auth_hash())
    ]
    return sorted(found, key=lambda one: (not one.is_this, -one.seen_at.timestamp() if one.seen_at else 0))


def end(*, account_id: int, handle: str, now: datetime) -> bool:
    """End one session of an account. Returns False if it has none with this handle."""
    return _delete(key for key, _data in _sessions(account_id, now) if constant_time_compare(_handle(key), handle))


def end_all(*, account_id: int, now: datetime, but: str | None = None) -> bool:
    """End all sessions of an account but the one with this key. Returns False if there was none to end.

    They are deleted: those of a closed account, or from before a new password, must not work again later.
    """
    return _delete(key for key, _data in _sessions(account_id, now) if key != but)


def _sessions(account_id: int, now: datetime) -> Iterator[tuple[str, dict[str, str]]]:
    for row in Session.objects.filter(expire_date__gt=now).iterator():
        data = row.get_decoded()
        if data.get(SESSION_KEY) == str(account_id):
            yield row.pk, data


def _delete(keys: Iterator[str]) -> bool:
    deleted, _by_model = Session.objects.filter(pk__in=list(keys)).delete()
    return bool(deleted)


def _handle(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _moment(data: dict[str, str], name: str) -> datetime | None:
    return datetime.fromtimestamp(float(data[name]), UTC) if name in data else None
