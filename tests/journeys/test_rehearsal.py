"""The rehearsal of docs/organizers.md, followed to the letter: every bold word is pressed, in the order it is told.

It runs on a server of the tests, whose jobs are run when somebody would wait for them. REHEARSAL_LINK, the link that
`DEMO_REHEARSAL=1 make demo` printed, lets it run on that demo instead, with its workers; it ends the demo's use.
"""

import csv
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import Settings

from declaration.demo import totp
from declaration.models import forget_current
from signatories import tasks
from signatories.editions import services as editions
from signatories.mail import check, outbox
from signatories.models import Closing, Signature
from signatories.models.embargo import forget_embargo
from signatories.tally import services as tally
from tests.dns import serving
from tests.journeys.conftest import DESK, Visitor
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
ADMINISTRATOR = "you@rehearsal.example"
FAMOUS = ["Aurelia Vantongeren", "Cassius Moonwright", "Ísaura Fjellheim"]
TEXTS = {
    "en": (
        "Ask us first",
        "**Our names and voices are no raw material.**\n\nWhoever wants to train on them asks first.",
    ),
    "fr": ("Demandez-nous d’abord", "**Nos voix ne sont pas une matière première.**\n\nQu’on nous demande."),
}


class Site(Protocol):
    """Where it is rehearsed."""

    def link(self) -> str:
        """The link of the first administrator."""

    def mail(self, address: str, path: str) -> str:
        """The address in the newest mail to somebody that begins with a path."""

    def wait(self) -> None:
        """Let the workers do what is due."""

    def freeze(self, folder: Path) -> None:
        """Write the archive."""


@dataclass
class Here:
    """A server of the tests."""

    mailbox: Catcher

    def link(self) -> str:
        out = StringIO()
        call_command("invite", ADMINISTRATOR, stdout=out)
        return urlsplit(out.getvalue().strip()).path

    def mail(self, address: str, path: str) -> str:
        outbox.drain()
        return str(self.mailbox.of(address)[-1].path(path))

    def wait(self) -> None:
        forget_current()
        forget_embargo()
        outbox.drain()
        with serving({}) as server:
            check.run(timezone.now(), dns_server=server)
        tally.fold()
        # As if the minute had passed in which somebody may still be confirming.
        Closing.objects.filter(ended_at__isnull=False).update(ended_at=timezone.now() - timedelta(minutes=2))
        tasks.watch()
        editions.build_waiting()

    def freeze(self, folder: Path) -> None:
        # What changed within the minute before an edition may not be in it.
        Signature.objects.update(changed_at=timezone.now() - timedelta(minutes=5))
        call_command("freeze", str(folder), stdout=StringIO())


@dataclass
class Demo:
    """The demo that runs beside, found by its link."""

    invitation: str

    def link(self) -> str:
        return self.invitation

    def mail(self, address: str, path: str) -> str:
        site = "{0.scheme}://{0.netloc}".format(urlsplit(self.invitation))
        for _ in range(60):
            with urllib.request.urlopen(f"{site}/mailbox/messages.json") as answer:
                mails = [each["text"] for each in json.load(answer) if address in each["to"]]
            for text in mails:
                if found := re.search(rf"{site}(/{path}/[\w.-]+/)", text):
                    return found[1]
            time.sleep(1)
        raise AssertionError(f"no mail for {address}")

    def wait(self) -> None:
        time.sleep(3)

    def freeze(self, folder: Path) -> None:
        env = {"DEMO_REHEARSAL": "1"} | {name: os.environ[name] for name in ("PATH", "DEMO_DIR") if name in os.environ}
        for _ in range(40):
            command = [sys.executable, "manage.py", "freeze", str(folder)]
            done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return
            time.sleep(5)
        raise AssertionError(done.stderr)


def told() -> list[str]:
    """What the rehearsal of the handbook has in bold, in its order."""
    words = (ROOT / "docs" / "organizers.md").read_text()
    section = words[words.index("## The rehearsal\n") :]
    return [" ".join(found.split()) for found in re.findall(r"\*\*(.+?)\*\*", section, re.DOTALL)]


@dataclass
class Follower:
    """Somebody with the handbook beside the browsers."""

    site: Site
    desk: Visitor
    other: Visitor
    to_do: list[str] = field(default_factory=told)

    def reads(self, words: str) -> None:
        """The next bold words are these."""
        assert self.to_do.pop(0) == words

    def presses(self, words: str, visitor: Visitor | None = None) -> None:
        """The next bold words stand on a link, a button or a line that opens, just so."""
        self.reads(words)
        page = (visitor or self.desk).page
        page.locator(f':is(a, button, summary):text-is("{words}")').first.click()
        page.wait_for_load_state()

    def sees(self, words: str, visitor: Visitor | None = None, seconds: int = 150) -> None:
        """The page says this, perhaps when it is loaded again."""
        page, deadline = (visitor or self.desk).page, time.monotonic() + seconds
        while words not in page.inner_text("main"):
            assert time.monotonic() < deadline, f"{words!r} not in {page.inner_text('main')}"
            self.site.wait()
            page.reload()


@pytest.fixture
def site(mailbox: Catcher, settings: Settings, tmp_path: Path) -> Site:
    settings.END_DAYS = 0  # as in the demo's rehearsal
    settings.MEDIA_ROOT = tmp_path / "files"
    link = os.environ.get("REHEARSAL_LINK", "")
    return Demo(link) if link else Here(mailbox)


def test_the_rehearsal_is_followed_to_the_letter(visit: Callable[..., Visitor], site: Site, tmp_path: Path) -> None:
    link = os.environ.get("REHEARSAL_LINK", "")
    desk, other = visit(viewport=DESK), visit(viewport=DESK)
    if link:
        desk.site = other.site = "{0.scheme}://{0.netloc}".format(urlsplit(link))
    one = Follower(site, desk, other)
    one.reads("bold")
    comes_in(one)
    prepares(one, tmp_path)
    hides_and_opens(one)
    two_sign(one)
    the_press_looks(one)
    releases_and_ends(one)
    keeps(one, tmp_path)
    assert one.to_do == []
    assert desk.complaints == []


def comes_in(one: Follower) -> None:
    """Steps 1 and 2."""
    page = one.desk.page
    one.desk.go(one.site.link())
    page.fill("[name=password1]", "a-rather-long-one-7")
    one.presses("Make the account")
    one.presses("Add an app")
    page.fill("[name=code]", totp.code(page.inner_text("code.digest").strip(), time.time()))
    one.presses("Add this app")
    one.presses("I have kept them: to the desk")
    one.reads("Go on")  # within five minutes nobody is asked again
    one.reads("Send it once more")


def prepares(one: Follower, folder: Path) -> None:
    """Steps 3 to 6."""
    page = one.desk.page
    one.reads("Start")
    expect(page.locator("h1")).to_have_text("Start")
    one.presses("Write the text")
    for code, (title, body) in TEXTS.items():
        page.fill(f"#id_{code}-title", title)
        page.fill(f"#id_{code}-body", body)
    one.presses("Save")
    file = folder / "watched.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([("name", "note"), *((name, "Her agency") for name in FAMOUS)])
    one.presses("Watched names")
    one.presses("Add a list of names …")
    page.set_input_files("[type=file]", file)
    one.presses("Show what it would do")
    one.presses("Watch 3 new names")
    one.presses("Start")
    one.presses("Mail me a test")
    one.sees("Tested ")
    one.presses("Rehearse")
    page.fill("[name=name]", "Ada Vance")
    page.select_option("[name=profession]", "singer")
    page.check("[name=appearance][value=named]")
    one.presses("Sign")
    one.desk.go(one.site.mail(ADMINISTRATOR, "confirm"))
    one.presses("Confirm my signature")
    expect(page.locator("main")).to_contain_text("It was a rehearsal")
    one.desk.go("/desk/start/")


def hides_and_opens(one: Follower) -> None:
    """Steps 7 to 9."""
    page = one.desk.page
    one.presses("Embargo")
    page.fill("[name=until]", f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}")
    one.presses("Set an embargo")
    page.fill("[name=name]", "Olive Tarn, The Evening Paper")
    one.presses("Make a link")
    one.other.page.evaluate("link => window.name = link", page.input_value("[aria-label='The link']"))
    one.presses("Launch")
    expect(page.locator("main")).to_contain_text(re.compile(r"in (1 day|23 hours|24 hours)"))
    one.presses("Open the declaration …")
    one.presses("Open now")
    expect(page.locator("[role=status]")).to_have_text("The declaration is open.")


def signs(one: Follower, name: str, *, bold: bool) -> None:
    """Step 10, and 11, which tells it once more without its words."""
    page, address = one.other.page, f"{name.split()[0].lower()}@rehearsal.example"
    if not bold:
        one.to_do[:0] = ["Sign", "Confirm my signature"]
    one.other.go("/")
    for _ in range(20):
        if page.locator("[name=email]").count():
            break
        one.site.wait()
        page.reload()
    page.fill("[name=name]", name)
    page.select_option("[name=profession]", "singer")
    page.fill("[name=email]", address)
    page.check("[name=appearance][value=named]")
    one.presses("Sign", one.other)
    page.wait_for_url("**/sign/sent/**")
    one.other.go(one.site.mail(address, "confirm"))
    one.presses("Confirm my signature", one.other)
    expect(page.locator("h1")).to_have_text("You have signed. Thank you.")  # the next page is opened after this one


def two_sign(one: Follower) -> None:
    """Steps 10 to 12."""
    link = one.other.page.evaluate("window.name")
    signs(one, "Bram Bellweather", bold=True)
    signs(one, FAMOUS[0], bold=False)
    one.presses("Waiting")
    expect(one.desk.page.locator("main")).to_contain_text(FAMOUS[0])
    one.presses("Verify …")
    one.desk.page.fill("form[action*='/namesake/'] [name=reason]", "Her agency, called back: another person.")
    one.presses("Publish it as a namesake")
    one.other.page.evaluate("link => window.name = link", link)


def the_press_looks(one: Follower) -> None:
    """Steps 13 and 14."""
    page = one.other.page
    one.presses("Editions")
    one.presses("Ask for a new edition")
    one.sees("ready")
    link = page.evaluate("window.name")
    one.other.go("/signatories/")
    expect(page.locator("main")).not_to_contain_text("Bram Bellweather")
    one.other.go(urlsplit(link).path)
    one.presses("I agree: show me the pages", one.other)
    one.other.go("/signatories/")
    expect(page.locator("main")).to_contain_text("Bram Bellweather")
    expect(page.locator("body")).to_contain_text("Olive Tarn, The Evening Paper")
    one.other.context.clear_cookies()


def releases_and_ends(one: Follower) -> None:
    """Steps 15 to 17."""
    one.presses("Launch")
    one.presses("The switch")
    one.presses("Release it earlier …")
    one.presses("Release now")
    one.other.go("/")
    one.sees("2 have signed", one.other)
    one.presses("Closing")
    one.presses("End signing now")
    one.other.go("/")
    one.sees("Signing ended on", one.other)
    one.presses("Closing")
    one.sees("who had not confirmed is forgotten")
    one.sees("is ready, as of")


def keeps(one: Follower, folder: Path) -> None:
    """Steps 18 and 19."""
    page = one.desk.page
    one.site.freeze(folder / "archive")
    assert FAMOUS[0] in (folder / "archive" / "signatories" / "index.html").read_text()
    one.presses("Closing")
    expect(page.locator("#archive .state")).to_have_text("done")
    one.presses("Closing")
    page.fill("[name=day]", f"{timezone.now() + timedelta(weeks=6):%Y-%m-%d}")
    one.presses("Set the day")
    one.other.go("/privacy/")
    one.sees("the mail addresses of all signers are deleted", one.other)
