"""An organizer at the page of the end: its buttons, and what it says."""

import re
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from tests.people import enter

PAGE = "/desk/closing/"
DAY = timedelta(days=1)
SETTLED = 7 * DAY + timedelta(minutes=1)  # after the end


def words(page: bytes) -> str:
    """What stands on a page, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.decode()).split())


def press(browser: Client, what: str, **sent: str) -> int:
    """Press a button of the page."""
    return browser.post(f"{PAGE}{what}/", sent).status_code


def step(desk: Client, key: str) -> str:
    """The words of one step."""
    found = re.search(rf'<li id="{key}".*?</li>\s*(?=<li id=|</ol>)', desk.get(PAGE).content.decode(), re.DOTALL)
    assert found, f"no step {key}"
    return words(found[0].encode())


def set_day(desk: Client, olga: AbstractBaseUser, day: datetime) -> int:
    """Set the day on which addresses are deleted, the second factor shown just now."""
    enter(desk, olga)
    return press(desk, "addresses", day=f"{day:%Y-%m-%d}")
