"""A session that cannot be stored, or read, is told as "try again" or as the page to log in: never as an error (D25)."""

from typing import Any

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from psycopg import errors

from tests.accounts.visits import CODE, LOGOUT, ask, is_in, log_in

pytestmark = pytest.mark.django_db(transaction=True)
CAUSES = [
    errors.AdminShutdown, errors.DiskFull, errors.ReadOnlySqlTransaction, errors.QueryCanceled, psycopg.InterfaceError,
    errors.DeadlockDetected, errors.ProgramLimitExceeded, errors.TransactionTimeout,
]  # fmt: skip


def failing(verb: str, cause: type[Exception]) -> Any:
    """Every statement that begins so and names the table of sessions fails."""

    def away(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith(verb) and "django_session" in sql:
            with connection.wrap_database_errors:
                raise cause("told by the server")
        return execute(sql, *more)

    return connection.execute_wrapper(away)


def says_try_again(answer: HttpResponse) -> bool:
    """Whether it is the page that says so, without what was typed."""
    assert b"long-and-secret" not in answer.content
    return (answer.status_code, answer.get("Retry-After")) == (503, "5")


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("verb", ["INSERT", "UPDATE"])
def test_what_cannot_be_stored_is_told_as_try_again(verb: str, cause: type[Exception]) -> None:
    browser = Client(raise_request_exception=False)
    with failing(verb, cause):
        assert says_try_again(log_in(browser))
    log_in(browser)
    assert is_in(browser)


@pytest.mark.parametrize("cause", [errors.StringDataRightTruncation, errors.InsufficientPrivilege])
def test_whatever_keeps_it_from_being_stored_at_the_end_is_no_error_of_hers(cause: type[Exception]) -> None:
    with failing("UPDATE", cause):
        assert says_try_again(log_in(Client(raise_request_exception=False)))


@pytest.mark.parametrize("cause", [errors.AdminShutdown, errors.ReadOnlySqlTransaction])
@pytest.mark.parametrize(("verb", "act"), [("SELECT", "/desk/"), ("SELECT", "/accounts/nowhere/"), ("DELETE", LOGOUT)])
def test_what_cannot_be_read_or_ended_is_told_as_try_again(verb: str, act: str, cause: type[Exception]) -> None:
    browser = Client(raise_request_exception=False)
    log_in(browser)
    with failing(verb, cause):
        answer: Any = browser.post(act) if act == LOGOUT else browser.get(act)
    assert answer.status_code in {404, 503}
    assert is_in(browser)


def test_a_session_that_was_ended_elsewhere_meanwhile_leads_to_the_login() -> None:
    """In another window she has logged out, while this one stores something."""
    browser = Client(raise_request_exception=False)
    ask(browser, CODE)

    def ended(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith("UPDATE") and "django_session" in sql:
            Session.objects.all().delete()
        return execute(sql, *more)

    with connection.execute_wrapper(ended):
        answer = browser.post("/accounts/login/code/confirm/", {"code": "AAAA AAAA"})
    assert (answer.status_code, answer.get("Location")) == (302, "/accounts/login/")
