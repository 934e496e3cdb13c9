"""The marker journey of somebody who was named and never answers: their every trace, and nothing after thirty days.

A union hands the person over through the real web server; worker and beat read the file, check it and mail the one
invitation; the person looks, types something wrong, and does nothing. Then everything is searched.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from declaration.celery import app
from declaration.demo import embedded
from signatories.gathering import services
from signatories.models import GatheredBatch, Invitee, OutboundMail
from signatories.privacy import retention
from tests import servers
from tests.gathering.gathering import gathering_partner, proof, table
from tests.house.serving import Site, web
from tests.house.traces import dump, forms_of, in_it, kept_in_redis, overheard, written_in
from tests.partners.partners import officer
from tests.people import organizer, text
from tests.smtp import Catcher
from tests.waiting import wait_for
from tests.workers import celery

pytestmark = pytest.mark.django_db(transaction=True)
NAME, ADDRESS, BAND = "Vixolume Dracktwistle", "vixolume@glimmerfen.example", "The Ombrecaw Band"
WORDS = ("vixolume", "dracktwistle", "glimmerfen", "ombrecaw", "orrimund", "hollowbet")
ROWS = [(NAME, ADDRESS, BAND, "en"), ("Orrimund Hollowbet", "orrimund@glimmerfen.example", BAND, "fr")]
HEAD = ("Name", "E-mail", "Band", "Language")
TOKEN = "a" * 32  # against forms of other sites: the same in the cookie and in the form


class Officer:
    """Somebody of the union, signed in, over HTTP."""

    def __init__(self, site: Site, browser: Client) -> None:
        session = browser.cookies[settings.SESSION_COOKIE_NAME].value
        self.site = site
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"

    def post(self, path: str, **filled: object) -> int:
        """Send a form, with its files; the status."""
        body = encode_multipart(BOUNDARY, filled | {"csrfmiddlewaretoken": TOKEN}).decode("ascii")
        headers = {"Content-Type": MULTIPART_CONTENT, "Cookie": self.cookie}
        return self.site.ask("POST", path, headers=headers, body=body).status

    def get(self, path: str) -> str:
        """Open a page."""
        answer = self.site.ask("GET", path, headers={"Cookie": self.cookie})
        assert answer.status == 200, path
        return answer.body


def handed_over(own: Officer) -> GatheredBatch:
    """The file is uploaded, read, checked, proved, tested and approved two hours ago."""
    file = SimpleUploadedFile("members-of-glimmerfen.csv", table(ROWS, HEAD))
    assert own.post("/partner/names/", file=file, language="en") == 303
    batch = GatheredBatch.objects.get()
    path = f"/partner/names/{batch.pk}/"
    wait_for(becomes(batch, "columns"), 30)
    assert NAME in own.get(path)
    assert own.post(f"{path}columns/", **{name: str(at) for name, at in batch.columns.items()}) == 303
    wait_for(becomes(batch, "open"), 30)
    assert NAME in own.get(f"{path}?show=taken")
    assert own.post(f"{path}proof/", **proof()) == 303
    assert own.post(f"{path}test/") == 303
    wait_for(lambda: not OutboundMail.objects.filter(kind="gathered").exclude(mail_state="sent").exists(), 30)
    for step in ("looked/", "ask/"):
        assert own.post(f"{path}{step}") == 303
    long_ago = timezone.now() - timedelta(hours=2)
    assert services.approve(batch_id=batch.pk, account=organizer("approver"), now=long_ago)
    return batch


def becomes(batch: GatheredBatch, state: str) -> Callable[[], bool]:
    def asked() -> bool:
        batch.refresh_from_db()
        assert batch.state != "failed", batch.error
        return batch.state == state

    return asked


def looks_and_does_nothing(site: Site, mailbox: Catcher) -> bytes:
    """Open everything that the mail leads to, and break what can be broken; the secret part of the link."""
    wait_for(lambda: len(mailbox.of(ADDRESS)) == 1, 30)
    path = mailbox.of(ADDRESS)[0].path("invited")
    assert NAME in site.ask("GET", path).body
    assert site.ask("GET", f"{path}no/").status == 303
    assert ADDRESS in site.ask("GET", f"{path}data.json").body
    assert site.ask("POST", path, {"name": NAME, "profession": "singer"}).status == 422
    for bent in (path.upper(), f"{path}x.css", f"{path[:-3]}/"):
        site.ask("GET", bent)
        site.ask("TRACE", bent)
    row = Invitee.objects.filter(name=NAME)
    sealed = row.get().address_sealed
    row.update(address_sealed=b"broken")
    assert site.ask("GET", f"{path}data.json").status == 500
    row.update(address_sealed=sealed)
    return path.rstrip("/").rpartition(".")[2].lower().encode()


def test_nothing_of_an_invitee_who_never_confirms_is_left(
    mailbox: Catcher, redis_server: embedded.Servers, tmp_path: Path
) -> None:
    text()
    needles, browser = forms_of(WORDS), officer(gathering_partner())
    with (
        overheard(redis_server.redis_url) as heard,
        celery(redis_server, tmp_path),
        web(tmp_path / "web.log", "--log-level=debug", REDIS_URL=redis_server.redis_url, LOG_LEVEL="DEBUG") as site,
    ):
        handed_over(Officer(site, browser))
        secret = looks_and_does_nothing(site, mailbox)
        wait_for(lambda: not OutboundMail.objects.filter(mail_state="waiting").exists(), 30)
        said = "\n".join(heard).encode()
        kept = kept_in_redis(redis_server.redis_url)
    assert in_it(dump(), needles)  # the search can find
    assert in_it(dump(), [secret, ADDRESS.encode()]) == set()
    files = written_in(tmp_path) + written_in(Path(settings.MEDIA_ROOT))
    files += Path(settings.ERASURE_LEDGER).read_bytes() if Path(settings.ERASURE_LEDGER).exists() else b""
    files += (servers.FOLDER / "postgres.log").read_bytes()
    assert b"InvalidToken" in files and app.conf.beat_schedule["gathered-files"]["task"].encode() in said
    for where in (files, said, kept):
        assert in_it(where, [*needles, secret]) == set()
    _days_pass(needles)


def _days_pass(needles: list[bytes]) -> None:
    """The hourly job: on the 29th day there is somebody to forget, after the 30th there is not."""
    start = timezone.now()
    for days in range(0, settings.LINK_DAYS, 3):
        with time_machine.travel(start + timedelta(days=days)):
            retention.forget(timezone.now())
    assert in_it(dump(), needles)
    with time_machine.travel(start + timedelta(days=settings.LINK_DAYS, hours=1)):
        retention.forget(timezone.now())
    assert in_it(dump(), needles) == set()
    assert set(Invitee.objects.values_list("answer", "name", "affiliation")) == {("silent", "", "")}
    assert not OutboundMail.objects.filter(kind="gathered").exists()
