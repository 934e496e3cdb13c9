"""A launch day: genuine people, machines of three mail domains, pretended stars, true near-namesakes and doubles, while one
organizer works by keyboard and one by thumb. No star is ever public; the genuine are, within seconds."""

import re
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Page, sync_playwright

from declaration.demo import totp
from signatories.identity import mailbox
from signatories.screening import clusters
from tests.editions.building import text_of
from tests.faults.house import House, house, wait_for
from tests.faults.launch_people import LONG as LONG_DAY
from tests.faults.launch_people import MACHINES, STARS, Guest, guests, stars_in
from tests.faults.launch_people import SHORT as SHORT_DAY
from tests.faults.length import LONG, SEED
from tests.faults.truths import count_is_rows_is_list
from tests.journeys.conftest import ARGUMENTS, installed
from tests.people import SECRET
from tests.smtp import Mail

DAY = LONG_DAY if LONG else SHORT_DAY
HANDS = 6  # visitors at a time
SEE_OTHER, BUSY = 303, 503
WITHIN = 10  # seconds from confirming to the list, for 95 of 100
PUBLIC = (
    "/", "/fr/", "/signatories/", "/api/v1/signatories", "/api/v1/count", "/press/", "/press/latest.csv",
    "/press/latest.json", "/embed/names/", "/corrections/",
)  # fmt: skip


def test_a_launch_day(tmp_path: Path) -> None:
    everybody = guests(DAY, SEED)
    with house(tmp_path, webs=1) as whole:
        whole.manage("shell", "--command=from tests.faults.launch_people import prepare; prepare()")
        seen, over = Watch(whole), threading.Event()
        watching = threading.Thread(target=seen.until, args=(over,), daemon=True)
        watching.start()
        try:
            _sign_and_confirm(whole, everybody)
            _the_burst_is_seen(whole)
            whole.manage("edition")  # while stars wait
            with ThreadPoolExecutor(1) as desk:  # the journeys' browser may hold this thread's loop
                steps = desk.submit(_decide, whole).result()
        finally:
            over.set()
            watching.join(30)
        assert seen.stars == [], SEED
        assert seen.looks > 3 and seen.mails > len(everybody) and any(path.suffix == ".pdf" for path in seen.files), (
            SEED
        )
        _genuine_are_published_soon(whole, everybody)
        _near_namesakes_and_doubles_stand(whole, everybody)
        _everything_follows(whole)
    told = f"\nlaunch day, seed {SEED}: {len(everybody)} came; looked {seen.looks} times; " + "; ".join(steps)
    sys.stdout.write(f"{told}\n")  # seen with -s, as in `make faults`


class Watch:
    """Looks each second for the name of a star: on public pages, in files, in mails to others, in rows published."""

    def __init__(self, whole: House) -> None:
        self.whole, self.looks, self.mails = whole, 0, 0
        self.files: set[Path] = set()
        self.stars: list[str] = []

    def until(self, over: threading.Event) -> None:
        """Look until the day is over."""
        while not over.wait(1):
            star = STARS[self.looks % len(STARS)]
            for path in (
                *PUBLIC,
                f"/signatories/?q={star.split()[1]}",
                f"/press/presence/?name={star.replace(' ', '+')}",
            ):
                page = self.whole.ask("GET", path)
                shown = re.sub(r"<(form|title|input|p role).*?>", " ", page.body) if "?" not in path else ""
                self.stars += [f"{path}: {found}" for found in stars_in(re.sub(r"<[^>]+>", " ", shown))]
            names = self.whole.rows("SELECT name FROM signatories_signature WHERE state = 'published'")
            self.stars += [f"row: {found}" for found in stars_in(" ,next, ".join(name for (name,) in names))]
            self._mails()
            self._files()
            self.looks += 1

    def _mails(self) -> None:
        new = self.whole.mailbox.mails[self.mails :]
        others = [mail for mail in new if not re.match(r"s\d+@", mail.to[0])]
        self.stars += [
            f"mail: {found}" for mail in others for found in stars_in(f"{mail.message['Subject']} {mail.text}")
        ]
        self.mails += len(new)

    def _files(self) -> None:
        kept = (path for path in (self.whole.folder / "files").rglob("*") if path.suffix in {".pdf", ".csv", ".json"})
        for path in set(kept) - self.files:
            written = text_of(path) if path.suffix == ".pdf" else path.read_text()
            self.stars += [f"{path.name}: {found}" for found in stars_in(written)]
            self.files.add(path)


def _sign_and_confirm(whole: House, everybody: list[Guest]) -> None:
    def come(guest: Guest) -> None:
        form = {"name": guest.name, "profession": guest.profession, "email": guest.email, "appearance": "named"}
        _done(whole, "/sign/", form)
        wait_for(lambda: bool(_mails(whole, guest.email)), 60)
        _done(whole, _mails(whole, guest.email)[0].path("confirm"), {})

    with ThreadPoolExecutor(HANDS) as pool:
        list(pool.map(come, everybody))


def _done(whole: House, path: str, form: dict[str, str]) -> None:
    """Press, and once more where a busy site asks for it; nothing else may be answered."""
    for _ in range(5):
        answer = whole.ask("POST", path, form)
        if answer.status == SEE_OTHER:
            return
        assert answer.status in (0, BUSY), (SEED, path, answer.status)
        time.sleep(2)
    raise AssertionError((SEED, path, answer.status))


def _mails(whole: House, address: str) -> list[Mail]:
    return [mail for mail in whole.mailbox.of(address) if "/confirm/" in mail.text]


def _the_burst_is_seen(whole: House) -> None:
    """Of each mail domain of the machines enough wait to be a cluster; those who were quicker are found with them."""
    waiting = "SELECT domain FROM signatories_signature WHERE state = 'held'"

    def seen() -> bool:
        domains = [domain for (domain,) in whole.rows(waiting)]
        return all(domains.count(domain) >= clusters.LEAST for domain in MACHINES)

    wait_for(seen, 90)


@contextmanager
def _browser(whole: House) -> Iterator[Page]:
    (port,) = whole.webs
    with sync_playwright() as playwright:
        rules = f"--host-resolver-rules=MAP localhost:80 127.0.0.1:{port}"
        chromium = playwright.chromium.launch(executable_path=installed(), args=[*ARGUMENTS, rules])
        yield chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        chromium.close()


def _log_in(page: Page, name: str) -> None:
    page.goto("http://localhost/accounts/login/")
    page.fill("[name=login]", f"{name}@declaration.example")
    page.fill("[name=password]", "long-and-secret")
    page.click("form [type=submit]")
    left = totp.SECONDS - time.time() % totp.SECONDS
    time.sleep(left if left < 10 else 0)  # a busy machine takes seconds from the typed code to the request
    page.fill("[name=code]", totp.code(SECRET, time.time()))
    page.click("form [type=submit]")
    page.wait_for_url("**/desk/**")


def _decide(whole: House) -> list[str]:
    """Two organizers: stars one by one, the machines by one act, undone by one, and made again."""
    with _browser(whole) as page:
        _log_in(page, "olga")
        steps = [_reject_stars(page, DAY.stars // 2, thumb=False)]
        page.set_viewport_size({"width": 375, "height": 740})
        steps.append(_reject_stars(page, DAY.stars - DAY.stars // 2, thumb=True))
        page.set_viewport_size({"width": 1280, "height": 900})
        began, decided = time.monotonic(), 0
        for domain in MACHINES:
            _decide_about(page, domain)
            _moved(page)
            decided += 1
            if domain == MACHINES[0]:
                assert _of(whole, domain) == {"rejected"}, SEED
                page.click("#undo")
                _moved(page)
                assert "rejected" not in _of(whole, domain), SEED
                _decide_about(page, domain)
                _moved(page)
            assert _of(whole, domain) == {"rejected"}, SEED
        seconds = (time.monotonic() - began) / (decided + 2)
        steps.append(f"{DAY.machines} of machines by {decided + 2} acts of 4 steps, {seconds:.1f} s each")
        return steps


def _reject_stars(page: Page, count: int, *, thumb: bool) -> str:
    page.goto("http://localhost/desk/queue/?reason=looks-like%3A")
    page.wait_for_selector("[data-entry]")
    began = time.monotonic()
    for left in range(count):
        before = page.locator("[data-entry]").count()
        if thumb:
            page.locator("[data-entry] details[open] input.reason").first.fill("Invented.")
            page.locator("[data-entry] details[open] button[value=reject]").first.click()
        else:
            page.keyboard.press("r")
            page.keyboard.type("Invented.")
            page.keyboard.press("Enter")
        page.wait_for_function("n => document.querySelectorAll('[data-entry]').length < n", arg=before)
        page.wait_for_function("document.activeElement.matches('[data-entry], [data-decided]')")
        if before == 1 and left < count - 1:  # the page is done
            page.goto("http://localhost/desk/queue/?reason=looks-like%3A")
            page.wait_for_selector("[data-entry]")
    way, steps = ("thumb, 375 px", 2) if thumb else ("keyboard, 1280 px", 3)
    return f"{count} stars by {way}: {steps} steps, {(time.monotonic() - began) / max(count, 1):.1f} s each"


def _decide_about(page: Page, domain: str) -> None:
    page.goto("http://localhost/desk/clusters/")
    article = page.locator("article.cluster", has_text=f"Mail at {domain}")
    article.locator("button").click()
    page.wait_for_url("**/preview/**")
    page.check("input[name=verb][value=reject]")
    page.fill("[name=reason]", "One machine.")
    page.click("main form [type=submit]")
    page.wait_for_url("**/moves/**")


def _moved(page: Page) -> None:
    """Wait until the worker has moved all; the page asks by itself."""
    page.wait_for_selector("#progress:not([hx-trigger])", timeout=60_000)


def _of(whole: House, domain: str) -> set[str]:
    return {state for (state,) in whole.rows(f"SELECT state FROM signatories_signature WHERE domain = '{domain}'")}


def _rows_of(whole: House, everybody: list[Guest], kind: str) -> list[tuple[Any, ...]]:
    digests = [mailbox.digest(guest.email) for guest in everybody if guest.kind == kind]
    with psycopg.connect(whole.servers.database_url) as connection:
        return connection.execute(
            "SELECT state, name, published_at - confirmed_at FROM signatories_signature WHERE address_digest = ANY(%s)",
            [digests],
        ).fetchall()


def _genuine_are_published_soon(whole: House, everybody: list[Guest]) -> None:
    rows = _rows_of(whole, everybody, "genuine")
    soon = [row for row in rows if row[0] == "published" and row[2].total_seconds() <= WITHIN]
    waiting = [row[1] for row in rows if row[0] != "published"]
    assert len(rows) == DAY.genuine and len(soon) >= 0.95 * DAY.genuine, (SEED, waiting[:20])


def _near_namesakes_and_doubles_stand(whole: House, everybody: list[Guest]) -> None:
    for kind, count in (("namesake", DAY.namesakes), ("double", DAY.doubles)):
        rows = _rows_of(whole, everybody, kind)
        assert [state for state, *_ in rows] == ["published"] * count, (SEED, kind, rows)
    assert {state for state, *_ in _rows_of(whole, everybody, "star")} == {"rejected"}, SEED
    wait_for(lambda: whole.rows("SELECT count(*) FROM signatories_duplicategroup")[0][0] >= DAY.doubles, 60)


def _everything_follows(whole: House) -> None:
    """The number, the list, and the next edition are those of the database."""
    wait_for(lambda: not whole.rows("SELECT FROM signatories_tallydelta"), 60)
    time.sleep(2.5)  # pages are kept for a second
    count_is_rows_is_list(whole)
    whole.manage("edition")
    books = (whole.folder / "files").rglob("*-signatories-en-*.pdf")
    printed = text_of(max(books, key=lambda path: path.stat().st_mtime))
    assert stars_in(printed) == [], SEED
    published = {name for (name,) in whole.rows("SELECT name FROM signatories_signature WHERE state = 'published'")}
    written = whole.ask("GET", whole.ask("GET", "/press/latest.csv").location or "/press/latest.csv").body
    assert stars_in(written) == [], SEED
    for text in (written, printed):
        assert sum(name in text for name in published) >= 0.98 * len(published), SEED
