"""Organizers' accounts: nobody finds out who has one (T21, A3), and nobody has mail sent to whom they please."""

import re
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.people import organizer
from tests.smtp import Catcher
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "olga@declaration.example", "nora@declaration.example"
RESET, LOGIN = "/accounts/password/reset/", "/accounts/login/"
visitors = count(1)


@pytest.fixture(autouse=True)
def _olga(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick: what is said is compared
    organizer()


def post(client: Client, path: str, address: str, **more: str) -> HttpResponse:
    """From a network of its own, without cookies of before."""
    n = next(visitors)
    client.cookies.clear()
    typed = {"login": address, "email": address, **more}
    return client.post(path, typed, REMOTE_ADDR=f"10.{n >> 8}.{n % 256}.1")  # type: ignore[return-value]


def seen(answer: HttpResponse, address: str) -> tuple[object, ...]:
    """All that a visitor is told, but for the echo of what was typed and the token of the form."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(address, "")
    return answer.status_code, answer.get("Location"), page, sorted(answer.cookies)


def test_a_reset_is_mailed_to_who_has_an_account_alone(client: Client, mailbox: Catcher) -> None:
    assert seen(post(client, RESET, UNKNOWN), UNKNOWN) == seen(post(client, RESET, KNOWN), KNOWN)
    wait_for(lambda: bool(mailbox.of(KNOWN)), 5)
    (mail,) = mailbox.mails
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.text)
    assert link and client.get(link[1]).status_code == 302


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_session_that_cannot_be_stored_is_told_as_try_again(client: Client, error: type[Exception]) -> None:
    """D25. It is stored after the view, where no other middleware catches what fails."""

    def away(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith('UPDATE "django_session"'):
            raise error
        return execute(sql, *more)

    client.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = post(client, LOGIN, KNOWN, password="long-and-secret")
    assert (answer.status_code, answer.get("Retry-After")) == (503, "5")
    assert b"long-and-secret" not in answer.content


@pytest.mark.parametrize("path", [RESET, LOGIN])
def test_with_the_mail_server_down_both_are_answered_as_ever(client: Client, mailbox: Catcher, path: str) -> None:
    before = seen(post(client, path, UNKNOWN, password="wrong"), UNKNOWN)
    mailbox.down()
    for address in (UNKNOWN, KNOWN):
        assert seen(post(client, path, address, password="wrong"), address) == before


def test_login_says_the_same_until_the_tries_are_used_up_and_then(client: Client, mailbox: Catcher) -> None:
    told = [[seen(post(client, LOGIN, who, password="wrong"), who) for who in (KNOWN, UNKNOWN)] for _ in range(7)]
    assert all(known == unknown for known, unknown in told)
    assert told[0] != told[-1]


def test_a_hundred_resets_are_five_mails(client: Client, mailbox: Catcher) -> None:
    get_user_model().objects.create_user("tagged", "tagged+desk@declaration.example", "long-and-secret")
    start = timezone.now()
    for n in range(50):
        with time_machine.travel(start + n * timedelta(minutes=10)):  # over a working day
            assert post(client, RESET, f"olga+{n}@declaration.example").status_code == 302
            post(client, RESET, KNOWN if n % 2 else KNOWN.upper())
    wait_for(lambda: len(mailbox.mails) >= 5, 10)
    assert {address.lower() for mail in mailbox.mails for address in mail.to} == {KNOWN}
    assert len(mailbox.mails) == 5
