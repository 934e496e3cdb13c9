"""The number and its tallies: only those by name are told apart, in the words of a language."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from signatories.mine import services as mine
from signatories.models import TallyHistory
from signatories.tally import services as tally
from tests.people import signed

pytestmark = pytest.mark.django_db
API = "/api/v1"


def people() -> None:
    """Two singers and a poet by name, a musician without."""
    signed(name="Ada Vance", country="IE", address="ada@example.org")
    signed(name="Bram Bellweather", country="FR", address="bram@example.org")
    signed(name="Cosima Thorn", profession="poet", address="cosima@example.org")
    signed(name="Dora Quill", profession="musician", country="MC", named=False, address="dora@example.org")
    tally.fold()


def counts(client: Client, kind: str, query: str = "") -> list[tuple[str, str, int]]:
    answer = client.get(f"{API}/tallies/{kind}{query}")
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert (said["kind"], said["named"]) == (kind, 3)
    return [(part["code"], part["label"], part["count"]) for part in said["counts"]]


def test_those_by_name_are_told_apart(client: Client) -> None:
    people()
    assert counts(client, "field") == [("music", "Music", 2), ("writing", "Writing", 1)]
    assert counts(client, "profession") == [("singer", "Singer", 2), ("poet", "Poet", 1)]
    assert counts(client, "country") == [("FR", "France", 1), ("IE", "Ireland", 1)]
    assert counts(client, "language") == [("en", "English", 3)]
    assert client.get(f"{API}/count").json()["count"] == 4


def test_labels_are_in_the_asked_language_and_codes_stay(client: Client) -> None:
    people()
    assert counts(client, "profession", "?language=fr")[0][:2] == ("singer", "Chanteur·se")
    assert counts(client, "country", "?language=fr")[1][:2] == ("IE", "Irlande")
    assert counts(client, "language", "?language=fr") == [("en", "Anglais", 3)]
    assert counts(client, "country", "?language=") == counts(client, "country")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("tallies/field?language=de", "en|fr"), ("tallies/letter", "'country'"), ("tallies/named", "'country'")],
)
def test_what_is_allowed_is_said(client: Client, path: str, allowed: str) -> None:
    answer = client.get(f"{API}/{path}")
    assert answer.status_code == 422
    assert allowed in answer.json()["detail"]


def test_the_days_say_what_was_shown_and_are_not_counted_again(client: Client) -> None:
    assert client.get(f"{API}/tallies/day").json() == {"days": []}
    goes = signed(name="Ada Vance", address="ada@example.org")
    signed(named=False, address="dora@example.org")
    tally.fold()
    today = timezone.now().replace(minute=0, second=0, microsecond=0)
    TallyHistory.objects.update(hour=today - timedelta(days=2))
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    tally.fold()
    assert client.get(f"{API}/tallies/day").json()["days"] == [
        {"day": f"{today - timedelta(days=2):%Y-%m-%d}", "count": 2, "named": 1},
        {"day": f"{today - timedelta(days=1):%Y-%m-%d}", "count": 2, "named": 1},
        {"day": f"{today:%Y-%m-%d}", "count": 1, "named": 0},
    ]
