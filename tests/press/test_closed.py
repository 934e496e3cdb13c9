"""Organizers close the list, the statistics or the files for a while: kind words instead, and the number stays."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.settings.changes import Change, change
from signatories.editions import services as editions
from signatories.mine import services as mine
from signatories.models import Edition, Quote, Signature
from signatories.tally import services as tally
from tests.editions.building import body, build
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Aveline Ashgrove"
STATISTICS = ("/press/plots/curve.svg", "/press/plots/curve.csv", "/api/v1/tallies/profession", "/api/v1/tallies/day")


@pytest.fixture
def listed(settings: Settings, tmp_path: Path) -> Signature:
    """Somebody on the list, in an edition, and in the number."""
    settings.MEDIA_ROOT = tmp_path
    found = signed()
    Signature.objects.update(shown_elsewhere=True)
    tally.fold()
    build()
    return found


def names_paths(listed: Signature) -> list[str]:
    """Every address that shows names."""
    return [
        "/signatories/", "/signatories/?q=ashgrove", "/fr/signatories/", f"/signatories/{listed.number}/",
        "/press/latest.csv", "/press/latest.json", "/press/latest.pdf", "/press/latest.xlsx",
        "/press/editions/1/signatories.csv", "/press/sample/", "/press/presence/", "/api/v1/signatories",
    ]  # fmt: skip


def status(client: Client, path: str) -> int:
    answer = client.get(path)
    body(answer)
    return int(answer.status_code)


def switch(by: AbstractBaseUser, **values: bool) -> None:
    """Turn switches for an hour."""
    now = timezone.now()
    wanted = {name: Change(value, now + timedelta(hours=1)) for name, value in values.items()}
    change(changes=wanted, organizer=by, now=now)


def test_a_closed_list_shows_no_name_anywhere_and_says_so(
    client: Client, listed: Signature, olga: AbstractBaseUser
) -> None:
    for path in names_paths(listed):
        assert status(client, path) == 200, path
    switch(olga, list_public=False)
    for path in [*names_paths(listed), "/press/editions/1/music.csv"]:
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "no-store" in answer["Cache-Control"]
        page = body(answer).decode()
        assert NAME not in page
        said = "n’est pas affichée pour le moment" if path.startswith("/fr/") else "is not shown at the moment"
        assert said in page, path
    for path in ("/", "/press/", "/press/editions/1/", "/embed/names/", "/embed/names.svg"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert NAME not in body(answer).decode(), path
    assert "1</" in client.get("/").content.decode()
    assert "list of names is not shown" in client.get("/embed/names/").content.decode()
    assert "/press/latest.pdf" not in client.get("/press/").content.decode()
    assert client.get("/api/v1/count").json()["count"] == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        for path in names_paths(listed):
            assert status(client, path) == 200, path
        assert NAME in client.get("/").content.decode()
        assert NAME in client.get("/embed/names/").content.decode()


def test_closed_statistics_leave_the_number(client: Client, listed: Signature, olga: AbstractBaseUser) -> None:
    for path in STATISTICS:
        assert status(client, path) == 200, path
    assert 'id="plots"' in client.get("/press/").content.decode()
    assert "<svg" in client.get("/embed/curve/").content.decode()
    switch(olga, statistics_public=False)
    for path in STATISTICS:
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "statistics are not shown" in answer.content.decode()
    assert client.get("/api/v1/tallies/country").json() == {
        "detail": "The statistics are not shown at the moment. The number stays."
    }
    assert 'id="plots"' not in client.get("/press/").content.decode()
    assert "<svg" not in client.get("/embed/curve/").content.decode()
    assert client.get("/api/v1/count").json()["count"] == 1
    assert NAME in client.get("/signatories/").content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert status(client, STATISTICS[0]) == 200


def test_closed_downloads_leave_the_pages_of_editions(
    client: Client, listed: Signature, olga: AbstractBaseUser
) -> None:
    files = ("/press/latest.pdf", "/press/latest.csv", "/press/editions/1/signatories.csv")
    switch(olga, downloads_public=False)
    for path in files:
        answer = client.get(path)
        assert answer.status_code == 404
        assert "cannot be downloaded at the moment" in body(answer).decode()
    for path in ("/press/", "/press/editions/1/"):
        page = client.get(path).content.decode()
        assert "cannot be downloaded at the moment" in page
        assert "signatories.csv" not in page
    assert NAME in client.get("/signatories/").content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert all(status(client, path) == 200 for path in files)


def test_without_a_schedule_editions_are_made_when_asked_for_or_when_somebody_has_left(
    listed: Signature, olga: AbstractBaseUser
) -> None:
    switch(olga, editions_scheduled=False)
    other = signed(address="two@example.org", name="Bram Oake")
    assert editions.ask_if_changed() is None
    mine.withdraw(signature_id=other.pk, now=timezone.now())
    assert editions.ask_if_changed() is None
    mine.withdraw(signature_id=listed.pk, now=timezone.now())
    assert editions.ask_if_changed() is not None
    Edition.objects.filter(state="asked").delete()
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert editions.ask_if_changed() is not None
    assert editions.ask().state == "asked"


def test_quotes_go_with_the_names(client: Client, listed: Signature, olga: AbstractBaseUser) -> None:
    Quote.objects.create(
        signature=listed, words="A song is not a sample.", language="en", cleared="mail", added_at=timezone.now()
    )
    assert "A song is not a sample." in client.get("/press/").content.decode()
    switch(olga, list_public=False)
    assert "A song is not a sample." not in client.get("/press/").content.decode()


@pytest.mark.parametrize("closed", ["list_public", "statistics_public", "downloads_public"])
def test_no_archive_is_made_of_what_is_closed(
    listed: Signature, olga: AbstractBaseUser, tmp_path: Path, closed: str
) -> None:
    switch(olga, **{closed: False})
    with pytest.raises(CommandError, match="closed at the desk"):
        call_command("freeze", str(tmp_path / "archive"))
    assert not (tmp_path / "archive").exists()
