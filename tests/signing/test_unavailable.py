"""The database is away: a calm page that keeps what was typed, never a false success."""

import pytest
from django.db import OperationalError
from django.test import Client

from declaration.models import TextQuerySet
from tests.people import post_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first query fails as it does when the server is gone."""

    def gone(*_args: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(TextQuerySet, "current", gone)


@pytest.mark.usefixtures("database_away")
def test_what_was_typed_is_kept(client: Client) -> None:
    response = post_form(client, name="Aveline O'Dunmore")
    page = response.content.decode()
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "no-store" in response["Cache-Control"]
    assert 'value="Aveline O&#x27;Dunmore"' in page
    assert 'action="/sign/' in page


@pytest.mark.usefixtures("database_away")
def test_reading_says_try_again(client: Client) -> None:
    assert client.get("/").status_code == 503


def test_a_password_is_never_shown_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from allauth.account.auth_backends import AuthenticationBackend

    def gone(*_args: object, **_named: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(AuthenticationBackend, "authenticate", gone)
    response = client.post("/accounts/login/", {"login": "olga@declaration.example", "password": "very-secret"})
    assert response.status_code == 503
    assert b"very-secret" not in response.content
