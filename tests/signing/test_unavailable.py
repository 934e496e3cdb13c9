"""The database is away: a calm page that keeps what was typed, never a false success."""

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from psycopg import errors
from psycopg_pool import PoolTimeout, TooManyRequests

from declaration.database.deadlines import DatabaseAway, DatabaseLate
from declaration.models import TextQuerySet
from tests.people import post_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first query fails as it does when the server is gone."""

    def gone(*_args: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(TextQuerySet, "newest", gone)


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


@pytest.mark.parametrize(
    "said",
    [
        errors.ReadOnlySqlTransaction, errors.TooManyConnections, errors.AdminShutdown, errors.CrashShutdown,
        errors.CannotConnectNow, errors.QueryCanceled, errors.LockNotAvailable, errors.DiskFull,
        errors.IdleInTransactionSessionTimeout, errors.TransactionTimeout, psycopg.InterfaceError,
        PoolTimeout, TooManyRequests, DatabaseLate, DatabaseAway,
    ],
)  # fmt: skip
def test_whatever_the_server_or_the_pool_says(
    client: Client, monkeypatch: pytest.MonkeyPatch, said: type[psycopg.Error]
) -> None:
    def fail(*_args: object) -> None:
        with connection.wrap_database_errors:
            raise said

    monkeypatch.setattr(TextQuerySet, "newest", fail)
    response = post_form(client, name="Aveline Ashgrove")
    assert response.status_code == 503
    assert 'value="Aveline Ashgrove"' in response.content.decode()


def test_a_mistake_of_ours_is_no_outage(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_args: object) -> None:
        with connection.wrap_database_errors:
            raise errors.UndefinedColumn

    monkeypatch.setattr(TextQuerySet, "newest", wrong)
    client.raise_request_exception = False
    assert post_form(client).status_code == 500


def test_a_password_is_never_shown_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from allauth.account.auth_backends import AuthenticationBackend

    def gone(*_args: object, **_named: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(AuthenticationBackend, "authenticate", gone)
    response = client.post("/accounts/login/", {"login": "olga@declaration.example", "password": "very-secret"})
    assert response.status_code == 503
    assert b"very-secret" not in response.content
