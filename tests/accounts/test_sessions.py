"""How sessions end (A1, A12), and what is told when one cannot be stored or read: never an error (D25)."""

import re
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from psycopg import errors

from signatories.accounts.sessions import browser_of
from signatories.desk.organizers import services
from signatories.models.organizer import Role
from tests.accounts.visits import CODE, LOGOUT, RESET, ask, is_in, link_in, log_in, newest, set_password, told
from tests.people import organizer
from tests.smtp import Catcher

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


# --- How sessions end -------------------------------------------------------------------------------------------------
SESSIONS, END = "/accounts/sessions/", "/accounts/sessions/end/"
CHANGE = "/accounts/password/change/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = {"oldpassword": "long-and-secret", "password1": "another-long-one"}


def signed_in(**headers: str) -> Client:
    browser = Client(headers=headers)
    log_in(browser)
    assert is_in(browser)
    return browser


def stolen(browser: Client) -> Client:
    """Another browser with the same cookie."""
    thief = Client()
    thief.cookies["session"] = browser.cookies["session"].value
    return thief


def at(start: datetime, **after: float) -> Any:
    return time_machine.travel(start + timedelta(**after))


def test_a_session_ends_after_twelve_idle_hours_and_not_while_it_is_used() -> None:
    start, used, idle = timezone.now(), signed_in(), signed_in()
    for hours in (11, 22):
        with at(start, hours=hours):
            assert is_in(used)
    with at(start, hours=12, minutes=6):
        assert not is_in(idle)
    with at(start, hours=33, minutes=50):
        assert is_in(used)
    with at(start, hours=46):
        assert not is_in(used)


def test_a_session_ends_after_seven_days_however_busy_and_stays_ended() -> None:
    start, browser = timezone.now(), signed_in()
    thief = stolen(browser)
    for hours in range(10, 168, 10):
        with at(start, hours=hours):
            assert is_in(browser)
    with at(start, days=7, seconds=1):
        answer: Any = browser.get("/desk/numbers/")
        assert answer["Location"] == "/accounts/login/?next=/desk/numbers/"
        assert not is_in(thief)
    assert not is_in(thief)
    with at(start, days=7, seconds=2):
        log_in(browser)
        assert is_in(browser)


def test_logging_out_ends_a_stolen_cookie_too() -> None:
    browser = signed_in()
    thief = stolen(browser)
    assert is_in(thief)
    browser.post(LOGOUT)
    assert not is_in(thief)


def test_a_new_password_ends_all_others_and_they_stay_ended(account: AbstractBaseUser) -> None:
    browser, other = signed_in(), signed_in()
    thief = stolen(browser)
    before = account.password
    assert browser.post(CHANGE, NEW | {"oldpassword": "wrong"}).status_code == 200
    assert is_in(other)
    assert browser.post(CHANGE, NEW).status_code == 302
    assert is_in(browser)
    assert not is_in(other)
    assert not is_in(thief)
    get_user_model().objects.update(password=before)
    assert not is_in(other)


def test_a_new_password_by_mail_ends_all(mailbox: Catcher) -> None:
    browser, owner = signed_in(), Client()
    ask(owner, RESET)
    set_password(owner, link_in(newest(mailbox)))
    assert is_in(owner)
    assert not is_in(browser)
    assert Session.objects.count() == 1


def test_an_organizer_who_leaves_is_outside_at_once(account: AbstractBaseUser) -> None:
    """A12: while a page is open."""
    browser, otto = signed_in(), organizer("otto")
    closed = services.disable(account_id=account.pk, organizer=otto, reason="Left.", now=timezone.now())
    assert closed
    answer: Any = browser.get("/desk/numbers/")
    assert answer["Location"].startswith("/accounts/login/")
    services.enable(account_id=account.pk, organizer=otto, reason="Is back.", now=timezone.now())
    assert not is_in(browser)


def test_the_list_of_ones_own_sessions_and_ending_one() -> None:
    browser, other = signed_in(**{"User-Agent": FIREFOX}), signed_in()
    organizer("otto", role=Role.VIEWER)
    ottos = Client()
    log_in(ottos, address="otto@declaration.example")
    page = browser.get(SESSIONS).content.decode()
    assert "Firefox, Windows" in page and "An unknown browser" in page
    assert FIREFOX not in page and browser.cookies["session"].value not in page
    (handle,) = re.findall(r'name="session" value="(\w+)"', page)
    ottos.post(END, {"session": handle})
    assert is_in(other)
    assert browser.get(END).status_code == 405
    assert "Ended." in told(browser.post(END, {"session": handle}, follow=True))
    assert not is_in(other)
    assert is_in(browser) and is_in(ottos)
    assert "There was nothing to end." in told(browser.post(END, {"session": handle}, follow=True))


def test_ending_all_others() -> None:
    browser, others = signed_in(), [signed_in() for _ in range(3)]
    browser.post(END)
    assert is_in(browser)
    assert not any(is_in(other) for other in others)


@pytest.mark.parametrize("path", [SESSIONS, END])
def test_strangers_see_and_end_nothing(client: Client, path: str) -> None:
    browser = signed_in()
    answer: Any = client.post(path) if path == END else client.get(path)
    assert answer["Location"].startswith("/accounts/login/")
    assert is_in(browser)


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", "Edge, Mac"),
        ("<script>", ""),
    ],
)  # fmt: skip
def test_what_a_browser_is_called(rf: RequestFactory, sent: str, named: str) -> None:
    assert browser_of(rf.get("/", headers={"User-Agent": sent})) == named
