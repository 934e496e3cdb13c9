"""A real browser on a real server; every request it makes and every word on its console is watched."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from declaration.demo import totp
from signatories.accounts import second_factor
from tests.people import SECRET

# Playwright runs a loop in this thread; Django would take our plain ORM calls for a mistake.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=30_000)  # a busy machine takes longer than the five seconds that Playwright waits

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # all rules run; what passes is not described, node by node
}


@dataclass
class Visitor:
    """Somebody with a browser."""

    context: BrowserContext
    page: Page
    site: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(path if path.startswith("http") else self.site + path)

    def opens(self, words: str) -> None:
        """Follow a link of the desk's navigation, which a phone shows behind "Menu"."""
        link = self.page.locator(f"nav a:text-is('{words}')")
        if not link.is_visible():
            self.page.click("nav summary")
        link.click()

    def looks_right(self) -> None:
        """Axe finds nothing, and the page is no wider than the window. Needs JavaScript."""
        self.page.wait_for_load_state()  # a form that was just sent may not have its page yet
        found = Axe().run(self.page, options=AXE).response["violations"]
        assert not found, [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found]
        self.is_no_wider_than_the_window()

    def is_no_wider_than_the_window(self) -> None:
        """Nothing makes a phone scroll sideways."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def left_no_trace(self) -> None:
        """No cookie, no request to anyone else, no word on the console, no dialog."""
        assert self.context.cookies() == []
        assert self.foreign == []
        assert self.complaints == []


def log_in(visitor: Visitor, name: str = "olga", then: str = "**/desk/**") -> Visitor:
    """Type password and code, as an organizer does who has an authenticator app."""
    account = get_user_model().objects.get(username=name)
    has_app = second_factor.is_needed_by(account)
    if has_app and not second_factor.has_one(account):
        second_factor.add_app(account, SECRET)
    visitor.go("/accounts/login/")
    visitor.page.fill("[name=login]", account.email)
    visitor.page.fill("[name=password]", "long-and-secret")
    visitor.page.click("form [type=submit]")
    if has_app:
        visitor.page.fill("[name=code]", totp.code(SECRET, time.time()))
        visitor.page.click("form [type=submit]")
    visitor.page.wait_for_url(then)
    return visitor


def installed() -> str | None:
    """The system's Chromium, if possible the one without windows and menus; None for Playwright's own."""
    known = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, known)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of all journeys."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, settings: Settings) -> Iterator[Callable[..., Visitor]]:
    """Make visitors: `visit(javascript=False, viewport=PHONE, color_scheme="dark")`."""
    settings.SITE_URL = live_server.url
    settings.MFA_TOTP_TOLERANCE = 1  # a busy machine takes seconds from the typed code to the request
    contexts = []

    def make(*, javascript: bool = True, viewport: dict[str, int] = PHONE, **options: Any) -> Visitor:
        context = browser.new_context(java_script_enabled=javascript, viewport=viewport, **options)  # type: ignore[arg-type]
        contexts.append(context)
        visitor = Visitor(context, context.new_page(), live_server.url)
        own = urlsplit(live_server.url).netloc
        visitor.page.on("request", lambda r: visitor.foreign.append(r.url) if urlsplit(r.url).netloc != own else None)
        visitor.page.on("console", lambda message: visitor.complaints.append(message.text))
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        visitor.page.on("dialog", lambda dialog: visitor.complaints.append(dialog.message))
        return visitor

    yield make
    for context in contexts:
        context.close()
