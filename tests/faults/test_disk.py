"""No room on the disk: for the files of an edition (F11), for PostgreSQL (F12)."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from declaration.demo import embedded
from signatories.editions import services as editions
from signatories.models import Edition, Signup
from signatories.models.edition import EditionState
from tests.editions.building import body, build
from tests.faults.disk import fill, small
from tests.house.serving import ROOT, Answer, Site, web
from tests.people import enter, organizer, post_form, signed
from tests.waiting import wait_for


@pytest.mark.django_db(transaction=True)
def test_an_edition_that_does_not_fit_leaves_the_last_one(client: Client, settings: Settings, tmp_path: Path) -> None:
    """F11: its CSV fits and its PDF does not; neither stays, with names that nobody could take down any more."""
    with small(tmp_path / "files", 2) as folder:
        settings.MEDIA_ROOT = folder
        signed()
        first = build()
        pdf = body(client.get("/press/latest.pdf"))
        before = {path.name for path in (folder / "editions").iterdir()}
        signed(name="Bram Bellweather", address="bram@example.org")
        room = fill(folder, but=2 * 4096)
        editions.ask()
        failed = editions.build_waiting()

        assert failed
        assert failed.state == EditionState.FAILED
        assert default_storage.exists(failed.csv)
        assert editions.build_waiting() is None  # the next tick
        assert {path.name for path in (folder / "editions").iterdir()} == before
        assert body(client.get("/press/latest.pdf")) == pdf
        enter(client, organizer())
        page = client.get("/desk/editions/").content.decode()
        assert "The disk is full." in page
        assert "No space left on device" in page
        assert post_form(Client(), name="Cosima Thorn", email="cosima@example.org").status_code == 303
        assert Signup.objects.filter(name="Cosima Thorn").exists()

        room.unlink()
        assert build().number == (first.number or 0) + 1
        assert Edition.objects.filter(state=EditionState.FAILED).count() == 1
        assert body(client.get("/press/latest.pdf")) != pdf


def test_a_full_database_says_so_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with small(tmp_path / "disk", 240) as folder:
        servers = embedded.Servers(folder / "servers")
        servers.start_postgres()
        try:
            _full_and_empty_again(servers, folder, tmp_path)
        finally:
            servers.stop()


def _full_and_empty_again(servers: embedded.Servers, folder: Path, tmp_path: Path) -> None:
    for command in (["migrate"], ["shell", "--command=from declaration.demo import text; text.publish()"]):
        env = os.environ | {"DATABASE_URL": servers.database_url}
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True, capture_output=True)
    with web(tmp_path / "web.log", DATABASE_URL=servers.database_url) as site:
        told = [address for address in _addresses("early", 5) if _sign(site, address).status == 303]
        assert len(told) == 5
        room = fill(folder)
        answers = []
        for address in _addresses("full", 3000):
            answers.append(_sign(site, address, affiliation="x" * 100))
            if answers[-1].status == 303:
                told.append(address)
            if len(answers) - sum(answer.status == 303 for answer in answers) >= 5:
                break
        refused = [answer for answer in answers if answer.status != 303]
        assert {answer.status for answer in refused} == {503}
        assert 'value="full-' in refused[-1].body  # what was typed is kept

        room.unlink()
        servers.restart_ended()  # writing ahead is what it cannot do without: then it ends, and is started again
        wait_for(lambda: _sign(site, "late@gmail.com").status == 303, 60)
        with psycopg.connect(servers.database_url) as connection:
            rows = connection.execute("SELECT count(*) FROM signatories_signup").fetchone()
        assert rows == (len(told) + 1,)


def _addresses(name: str, many: int) -> list[str]:
    return [f"{name}-{n}@gmail.com" for n in range(many)]


def _sign(site: Site, address: str, **more: str) -> Answer:
    form = {"name": "Aveline Ashgrove", "profession": "singer", "email": address, "appearance": "named"} | more
    return site.ask("POST", "/sign/", form)
