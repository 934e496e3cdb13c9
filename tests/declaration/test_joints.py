"""Translated pieces are joined as the language joins them, not with the comma and the colon of Latin letters."""

import pytest
from django.test import Client

from declaration import joints
from signatories.tally import services as tally
from tests.people import signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def arabic(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue with the comma and the colon of its own."""
    monkeypatch.setattr(joints, "pgettext", lambda _context, _message: "، ")
    monkeypatch.setattr(joints, "gettext", lambda _message: "%(label)s ⦂ %(words)s")


@pytest.mark.usefixtures("arabic")
def test_the_line_to_cite_has_the_comma_of_its_language(client: Client) -> None:
    signed(name="Dorian Fell", address="dorian@example.org")
    signed(name="The Quarrow Trio", address="trio@example.org", profession="band")
    tally.fold()
    line = client.get("/press/cite.txt").content.decode()
    assert line.count("، ") == 2
    assert "band or organisation، as of" in line
