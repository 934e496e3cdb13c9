"""Visits of organizers and of strangers to the pages of accounts, each from a network of its own."""

import re
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import Client

from signatories.mail import outbox
from tests.smtp import Catcher, Mail

KNOWN, UNKNOWN, PASSWORD = "olga@declaration.example", "nora@declaration.example", "long-and-secret"
LOGIN, LOGOUT = "/accounts/login/", "/accounts/logout/"
RESET, CODE, CONFIRM = "/accounts/password/reset/", "/accounts/login/code/", "/accounts/login/code/confirm/"
_visits = count(1)


def elsewhere() -> str:
    """An address in a network that nobody has come from."""
    n = next(_visits)
    return f"10.{n >> 8}.{n % 256}.1"


def log_in(browser: Client, password: str = PASSWORD, address: str = KNOWN, *, near: str = "") -> HttpResponse:
    """Send the form of the log-in page."""
    typed = {"login": address, "password": password}
    return browser.post(LOGIN, typed, REMOTE_ADDR=near or elsewhere())  # type: ignore[return-value]


def ask(browser: Client, path: str, address: str = KNOWN, *, near: str = "", host: str = "testserver") -> HttpResponse:
    """Ask for a link or a code."""
    more = {"REMOTE_ADDR": near or elsewhere(), "HTTP_HOST": host}
    return browser.post(path, {"email": address}, **more)  # type: ignore[arg-type, return-value]


def is_in(browser: Client) -> bool:
    """Whether the desk opens."""
    return browser.get("/desk/numbers/").status_code == 200


def strangers_try(times: int = 12, networks: int = 6) -> None:
    """So many wrong passwords for Olga's account from so many networks; more than an unknown browser may try."""
    places = [elsewhere() for _ in range(networks)]
    for n in range(times):
        log_in(Client(), f"wrong {n}", near=places[n % networks])


def newest(catcher: Catcher, address: str = KNOWN) -> Mail:
    """The newest mail, after the worker's job has run once."""
    outbox.drain()
    mails = catcher.of(address)
    assert mails, f"no mail for {address}"
    return mails[-1]


def link_in(mail: Mail) -> str:
    """The path of the link to set a new password."""
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.text)
    assert found, mail.text
    return found[1]


def set_password(browser: Client, link: str, password: str = "another-long-one") -> HttpResponse:
    """Open the link, and fill in the form behind it."""
    form = browser.get(link)
    assert form.status_code == 302, "the link opens nothing"
    typed = {"password1": password}
    return browser.post(form["Location"], typed)  # type: ignore[return-value]


def told(answer: Any) -> str:
    """The words of a page, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))
