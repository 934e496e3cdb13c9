"""The marker journey: one person's every trace, through the real web server, worker and beat, then searched for.

Name, address, affiliation and representative are words that stand nowhere else. While the person signs, nothing of
them is in a log, in Redis or in a task; after the stated days nothing is left in the database or the newest files.
"""

import base64
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from declaration.celery import app
from declaration.demo import embedded
from declaration.demo.supervisor import SupervisedProcess
from declaration.ops import logs
from signatories.audit import chain, trail_check
from signatories.desk.queue import services as queue
from signatories.editions import services as editions
from signatories.identity import mailbox as sealing
from signatories.mine import services as mine
from signatories.models import Act, Report, Signature, Signup
from signatories.models.signer_fields import SignerInput
from signatories.privacy import retention
from signatories.signing import services as signing
from tests import servers
from tests.house.traces import dump, forms_of, in_it, kept_in_redis, overheard
from tests.people import form, organizer, signed, text
from tests.smtp import Catcher
from tests.waiting import wait_for
from tests.workers import celery

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)

WORDS = ("zyxomark", "quillifeather", "brimblewax", "ostrafoyle", "wexlimand")
NAME, ADDRESS = "Zyxomark Quillifeather", "zyxomark@brimblewax.example"
AFFILIATION, MENDED, AGENT = "The Ostrafoyle Band", "Zyxomark van Quillifeather", "Wexlimand"


class Site:
    """The real web server, over HTTP."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, path: str, filled: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and Location."""
        web = HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if filled is not None else {}
        web.request(method, path, urlencode(filled or {}), headers)
        answer = web.getresponse()
        answer.read()
        web.close()
        return answer.status, answer.getheader("Location", "")

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False


@contextmanager
def web(log: Path) -> Iterator[Site]:
    """granian, as in production, as talkative as can be."""
    database, port = settings.DATABASES["default"], embedded.free_port()
    url = f"postgresql://postgres@{database['HOST'].replace('/', '%2F')}/{connection.settings_dict['NAME']}"
    command = ["-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}", "--blocking-threads=4"]
    part = SupervisedProcess(
        [sys.executable, *command, "--log-level=debug", "declaration.wsgi:application"],
        env=os.environ | {"DATABASE_URL": url, "LOG_LEVEL": "DEBUG"}, log=log, folder=ROOT,
    )  # fmt: skip
    try:
        site = Site(port)
        wait_for(site.ready, 30)
        yield site
    finally:
        part.kill()


def traces() -> list[bytes]:
    """What a search looks for."""
    return forms_of(WORDS)


def journey(site: Site, mails_caught: Catcher) -> list[str]:
    """Sign, confirm, ask for the link, mend, hide, withdraw, each by HTTP; the private links that were used."""
    said = form(name=NAME, affiliation=AFFILIATION, email=ADDRESS, profession="other", profession_other="Ostrafoylist")
    assert site.ask("POST", "/sign/", said)[0] == 303
    assert site.ask("POST", "/sign/", {"name": NAME, "email": ADDRESS})[0] == 422
    wait_for(lambda: len(mails_caught.of(ADDRESS)) == 1)
    first = mails_caught.of(ADDRESS)[0]
    confirm, stop = first.path("confirm"), first.path("stop")
    for path in (confirm, confirm.upper(), confirm[:-4] + "/", confirm + "x.css", stop):
        site.ask("GET", path)
        site.ask("TRACE", path)
    assert site.ask("POST", "/confirm/", {"email": ADDRESS, "code": "0000 0000"})[0] == 422
    assert site.ask("POST", confirm, {})[0] == 303
    assert site.ask("POST", "/mine/", {"email": ADDRESS})[0] == 303
    wait_for(lambda: len(mails_caught.of(ADDRESS)) == 3)  # with thanks
    own = next(mail for mail in mails_caught.of(ADDRESS)[1:] if not mail.is_thanks).path("mine")
    mended = {"name": MENDED, "profession": "singer", "affiliation": AFFILIATION, "filed_under": "Quillifeather"}
    assert site.ask("POST", own, mended | {"appearance": "named"})[0] == 303
    assert site.ask("POST", own, mended | {"appearance": "unnamed"})[0] == 303
    return [confirm, stop, own]


def break_things(site: Site, signature: Signature, own: str) -> None:
    """An error of the web server on a private page, and one of PostgreSQL about a person's row."""
    row = Signature.objects.filter(pk=signature.pk)
    row.update(address_sealed=b"broken")
    assert site.ask("GET", f"{own}data/")[0] == 500
    row.update(address_sealed=signature.address_sealed)
    with pytest.raises(IntegrityError):
        row.filter(name=MENDED).update(mailbox_place=9)


def withdraw(site: Site, mails_caught: Catcher, own: str) -> str:
    """Withdraw; the link of the mail that undoes it."""
    before = len(mails_caught.of(ADDRESS))
    assert site.ask("POST", f"{own}withdraw/", {})[0] == 303
    wait_for(lambda: any("/mine/undo/" in mail.text for mail in mails_caught.of(ADDRESS)[before:]))
    return mails_caught.of(ADDRESS)[-1].path("mine/undo")


def keys_to_doors(paths: list[str], code: str) -> list[bytes]:
    """What a search for usable links and codes looks for: as they are mailed, and the bytes of a link as hex."""
    links = [path.rstrip("/").rpartition("/")[2].partition(".")[2] for path in paths]
    assert len(links) == 4 and {len(link) for link in links} == {32}
    found = [link.lower() for link in links] + [base64.urlsafe_b64decode(link).hex() for link in links]
    return [word.encode() for word in [*found, code.lower(), code.replace(" ", "").lower()]]


def signs_for_somebody() -> Signature:
    """The same mailbox represents somebody else."""
    signing.sign(
        signer=SignerInput(name="Zyxomark Represented", profession="actor", named=True), address=ADDRESS, news=True,
        language="en", text=text(), now=timezone.now(), representative=signing.Representative(name=AGENT, role="agent"),
    )  # fmt: skip
    signup = Signup.objects.latest("pk")
    return signing.confirm(signup_id=signup.pk, corrections=signing.said_by(signup), now=timezone.now())


def test_nothing_of_a_person_is_left(
    client: Client, mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path
) -> None:
    signed(name="Bram Bellweather", address="bram@example.org")
    needles, olga = traces(), organizer()
    os.environ["LOG_LEVEL"] = "DEBUG"
    try:
        with (
            overheard(redis_server.redis_url) as heard,
            celery(redis_server, tmp_path),
            web(tmp_path / "web.log") as site,
        ):
            links = journey(site, mailbox)
            signature = Signature.objects.get(representative="", domain="brimblewax.example")
            Report.objects.create(
                signature=signature, wrong="misspelt", words=f"{NAME} is misspelt", language="en",
                address_sealed=sealing.seal(ADDRESS),
            )  # fmt: skip
            for act in (queue.hold, queue.publish):
                assert act(signature_id=signature.pk, organizer=olga, reason="looked at", now=timezone.now())
            break_things(site, signature, links[2])
            undo = withdraw(site, mailbox, links[2])
            represented = signs_for_somebody()
            site.ask("POST", "/sign/", form(name=NAME, email="zyxomark+bounce@brimblewax.example"))
            wait_for(lambda: not Signup.objects.filter(mail_state="waiting").exists())
            said_to_redis = "\n".join(heard).encode()
            kept = kept_in_redis(redis_server.redis_url)
    finally:
        os.environ.pop("LOG_LEVEL")
    tokens = keys_to_doors([*links, undo], mailbox.of(ADDRESS)[0].code)
    stored = dump()
    assert in_it(stored, needles)  # the search can find
    assert in_it(stored, tokens) == set()  # T6: whoever has the table has no link and no code
    written = b"".join(log.read_bytes() for log in tmp_path.glob("*.log"))
    written += (servers.FOLDER / "postgres.log").read_bytes()
    assert b"InvalidToken" in written and b"signature_two_places_at_most" in written  # the logs were listened to
    for where in (written, said_to_redis, kept):
        assert in_it(where, needles + tokens) == set()
    assert app.conf.beat_schedule["drain"]["task"].encode() in said_to_redis
    _days_pass(represented)
    assert in_it(dump(), needles) == set()
    assert sealing.digest(ADDRESS).hex().encode() not in dump()
    chain.seal_waiting()
    assert Act.objects.filter(verb="correct").exists()
    assert trail_check.run(timezone.now()) == []  # erasing leaves the chain whole
    _newest_files_are_clean(needles)


def _days_pass(represented: Signature) -> None:
    """The hourly job, over the stated days: the undo week, then the days that digests are kept."""
    mine.withdraw(signature_id=represented.pk, now=timezone.now())
    start = timezone.now()
    for days in range(0, settings.LINK_DAYS + settings.UNDO_DAYS + settings.DIGEST_DAYS + 2, 3):
        with time_machine.travel(start + timedelta(days=days)):
            retention.forget(timezone.now())


def _newest_files_are_clean(needles: list[bytes]) -> None:
    editions.ask()
    edition = editions.build_waiting()
    assert edition and edition.state == "ready", edition and edition.error
    pdf, csv = (Path(default_storage.path(name)) for name in (edition.pdf, edition.csv))
    words = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True).stdout
    assert b"Bellweather" in words
    assert in_it(words + csv.read_bytes() + pdf.read_bytes(), needles) == set()
    ledger = Path(settings.ERASURE_LEDGER)
    assert in_it(ledger.read_bytes(), needles) == set()
    assert sealing.digest(ADDRESS).hex().encode() not in ledger.read_bytes()


def test_an_error_says_where_and_not_of_whom(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    handler = logging.getHandlerByName("console")
    assert handler and isinstance(handler.formatter, logs.MaskingFormatter)
    try:
        try:
            raise ValueError(f"Key (name)=({NAME}) exists")
        except ValueError as error:
            raise LookupError(ADDRESS) from error
    except LookupError:
        record = logging.getLogger("django.request").makeRecord(
            "django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s",
            (f"/fr/confirm/12.{'x' * 32}/?q={NAME.split()[0]}",), sys.exc_info(),
        )  # fmt: skip
    line = handler.format(record)
    assert in_it(line.encode(), traces()) == set()
    assert "x" * 32 not in line
    for kept in ("/fr/confirm/", "LookupError", "ValueError", "test_marker.py"):
        assert kept in line


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("Not Found: /mine/12-739000.abcdefghijklmnopqrstuvwxyzABCDEF/withdraw/", "Not Found: /mine/…/withdraw/"),
        ("Forbidden: /fr/stop/CUT.SHORT/", "Forbidden: /fr/stop/…/"),
        ("Bad Request: /fr/mine/undo/12.abc/", "Bad Request: /fr/mine/undo/…/"),
        ("GET /signatories/?q=zyxomark&letter=Z 200", "GET /signatories/?… 200"),
        ("SMTP refused <ann@example.org>: later", "SMTP refused <…>: later"),
        ("/accounts/password/reset/key/1-abc/", "/accounts/password/reset/key/…/"),
        ("edition 3 is ready: 40 by name, 2 without", "edition 3 is ready: 40 by name, 2 without"),
    ],
)
def test_a_line_without_private_parts(line: str, masked: str) -> None:
    assert logs.mask(line) == masked


def test_a_failed_task_names_nobody() -> None:
    handler = logging.getHandlerByName("console")
    assert handler
    try:
        raise ValueError(NAME)
    except ValueError:
        record = logging.getLogger("celery.app.trace").makeRecord(
            "celery.app.trace", logging.ERROR, __file__, 1, "Task %(name)s raised unexpected: %(exc)s",
            ({"name": "signatories.tasks.fold", "exc": repr(ValueError(NAME)), "args": "[]"},), sys.exc_info(),
        )  # fmt: skip
    line = handler.format(record)
    assert "signatories.tasks.fold raised unexpected: ValueError" in line
    assert in_it(line.encode(), traces()) == set()
