"""The moment of release with two web servers, each with its own memory, by the real clock."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from signatories.models import Embargo, Signature
from signatories.models.embargo import forget_embargo
from signatories.press import embargo
from signatories.tally import services as tally
from tests.editions.building import build
from tests.house.serving import Site, web
from tests.people import organizer, signed
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
PATHS = (
    "/signatories/",
    "/press/",
    "/press/cite.txt",
    "/press/editions/feed/",
    "/press/plots/curve.svg",
    "/press/editions/1/signatories.csv",
    "/embed/counter/",
    "/embed/curve.svg",
    "/embed/names/",
    "/api/v1/count",
    "/api/v1/signatories",
    "/api/v1/editions",
    "/api/v1/corrections",
    "/api/v1/tallies/profession",
    "/corrections/",
)
# Where the name itself has to be, within the same ten seconds.
NAMED = ("/", "/signatories/", "/press/editions/1/signatories.csv", "/embed/names/", "/api/v1/signatories")


def shown(site: Site, path: str) -> bool:
    """Whether a server shows what a path hides; before the release the front page holds no name either."""
    answer = site.ask("GET", path)
    assert answer.status in {200, 404}
    assert answer.status == 200 or "no-store" in answer.headers["cache-control"]
    return answer.status == 200


@pytest.mark.parametrize("how", ["by the switch", "by its moment"])
def test_within_ten_seconds_everything_is_there(settings: Settings, tmp_path: Path, how: str) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    store = (tmp_path / "files").as_uri()
    Embargo.objects.create(pk=1, until=timezone.now() + timedelta(minutes=30))
    forget_embargo()
    signed(name="Ada Vance", address="ada@example.org")
    Signature.objects.update(shown_elsewhere=True)
    tally.fold()
    build()
    with web(tmp_path / "one.log", STORAGE_URL=store) as one, web(tmp_path / "two.log", STORAGE_URL=store) as two:
        wait_for(lambda: one.ready() and two.ready(), 60)
        for site in (one, two):
            assert not any("Ada Vance" in site.ask("GET", path).body for path in NAMED)
            assert not any(shown(site, path) for path in PATHS)
            assert site.ask("GET", "/press/latest.pdf").status == 404
        if how == "by the switch":
            assert embargo.release(organizer=organizer("boss"), now=timezone.now())
        else:
            Embargo.objects.update(until=timezone.now() + timedelta(seconds=1))
        began = time.monotonic()
        missing = [(site, path) for site in (one, two) for path in PATHS]

        def nothing_is_missing() -> bool:
            missing[:] = [each for each in missing if not shown(*each)]
            return not missing

        wait_for(nothing_is_missing, 10)
        left = 10 - (time.monotonic() - began)
        wait_for(lambda: all("Ada Vance" in site.ask("GET", path).body for site in (one, two) for path in NAMED), left)
