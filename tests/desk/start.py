"""An organizer at the list of steps: what it says of each, and the buttons behind them."""

import re
from html import unescape
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from declaration.models import Text, forget_current
from signatories.models import Listed
from signatories.models.limits import ListKind
from tests.people import form, read_mail, rules_anew
from tests.smtp import Catcher, Mail

START, OPEN, REHEARSAL, MAIL = "/desk/start/", "/desk/start/open/", "/desk/start/rehearsal/", "/desk/start/mail/"
OLGA = "olga@declaration.example"


def step(desk: Client, key: str) -> str:
    """The words of one step, its state behind its title."""
    page = desk.get(START).content.decode()
    found = re.search(rf'<li id="{key}".*?(?=<li id="|</ol>)', page, re.DOTALL)
    assert found, f"no step {key}"
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


def keys(desk: Client) -> list[str]:
    return re.findall(r'<li id="([a-z-]+)"', desk.get(START).content.decode())


def draft(language: str = "en", **changes: Any) -> Text:
    """A text that nobody has published."""
    words = {"version": 1, "title": f"Our voices ({language})", "body": "Draft words."} | changes
    return Text.objects.create(language=language, **words)


def press_open(desk: Client, **button: str) -> Any:
    """Press a button of the page that opens, with the words that it shows."""
    shown = re.findall(r'name="shown" value="([^"]*)"', desk.get(OPEN).content.decode())
    forget_current()
    return desk.post(OPEN, {"shown": shown} | (button or {"now": "1"}))


def rehearse(desk: Client, language: str = "en", **changes: Any) -> Any:
    """Send the form of the rehearsal; the address that is sent counts for nothing."""
    return desk.post(f"{REHEARSAL}?language={language}", form(**changes))


def rehearsed(desk: Client, catcher: Catcher, **changes: Any) -> Mail:
    """The mail of a rehearsal, after the worker's job has run once."""
    assert rehearse(desk, **changes).status_code == 303
    return read_mail(catcher, OLGA)


def known_to_us(domain: str = "declaration.example") -> None:
    """Mail of this domain raises no question."""
    Listed.objects.get_or_create(kind=ListKind.DOMAIN, value=domain)
    rules_anew()


def opened_text(desk: Client, olga: AbstractBaseUser) -> Text:
    """The declaration, opened just now by the switch."""
    row = draft()
    assert press_open(desk).status_code == 303
    row.refresh_from_db()
    assert row.published_at and row.published_at <= timezone.now()
    return row
