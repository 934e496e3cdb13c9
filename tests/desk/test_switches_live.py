"""A setting that is changed in one process counts in another, through its page cache, within ten seconds."""

from pathlib import Path

import pytest
from django.utils import timezone

from signatories.desk.settings.changes import Change, change
from tests.house.serving import web
from tests.people import form, organizer, signed
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_within_ten_seconds_by_the_clock(tmp_path: Path) -> None:
    olga = organizer()
    signed(name="Ada Vance", address="ada@example.org")
    with web(tmp_path / "web.log", PAGE_SECONDS="2") as site:
        wait_for(site.ready, 60)
        first = site.ask("GET", "/")
        assert "Ada Vance" in first.body and "max-age=2" in first.headers["cache-control"]
        assert site.ask("GET", "/signatories/").status == 200
        wanted = {
            "banner": Change({"en": "Back at six."}),
            "list_public": Change(False),
            "signing_open": Change(False),
        }
        change(changes=wanted, organizer=olga, now=timezone.now())
        wait_for(lambda: "Back at six." in site.ask("GET", "/").body, 10)
        wait_for(lambda: "Ada Vance" not in site.ask("GET", "/").body, 10)
        wait_for(lambda: site.ask("GET", "/signatories/").status == 404, 10)
        assert site.ask("POST", "/sign/", form()).status == 503
        change(changes={"list_public": Change(True)}, organizer=olga, now=timezone.now())
        wait_for(lambda: site.ask("GET", "/signatories/").status == 200, 10)
