"""Mails about accounts: nobody finds out who has one (T21, A3, A15), and nobody has mail sent to whom they please."""

import re
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from signatories.accounts import services
from signatories.mail import outbox
from signatories.models import OutboundMail
from tests.accounts.visits import (
    CODE,
    CONFIRM,
    KNOWN,
    LOGIN,
    RESET,
    UNKNOWN,
    ask,
    elsewhere,
    is_in,
    link_in,
    log_in,
    newest,
    set_password,
)
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
ASKED = pytest.mark.parametrize("path", [RESET, CODE])


def seen(answer: HttpResponse, address: str) -> tuple[object, ...]:
    """All that a visitor is told, but for the echo of what was typed and the token of the form."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(address, "")
    return answer.status_code, answer.get("Location"), page, sorted(answer.cookies)


def post(path: str, address: str) -> HttpResponse:
    """From a network of its own, without cookies of before."""
    return Client().post(path, {"login": address, "email": address, "password": "wrong"}, REMOTE_ADDR=elsewhere())  # type: ignore[return-value]


@ASKED
def test_a_mail_goes_to_who_has_an_account_alone(mailbox: Catcher, path: str) -> None:
    browsers = {address: Client() for address in (UNKNOWN, KNOWN)}
    answers = [seen(ask(browser, path, address), address) for address, browser in browsers.items()]
    answers += [seen(browser.get(answers[0][1]), address) for address, browser in browsers.items()]  # type: ignore[arg-type]
    assert answers[0] == answers[1]
    assert answers[2] == answers[3]
    outbox.drain()
    assert [mail.to for mail in mailbox.mails] == [[KNOWN]]


@ASKED
def test_the_request_does_the_same_for_every_address(path: str) -> None:
    """The same statements, so that no time tells who has an account; all that differs is done by the worker."""

    def statements(address: str) -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert ask(Client(), path, address).status_code == 302
        return [re.sub(r"'[^']*'|\d+", "…", query["sql"]) for query in queries]

    first = statements("somebody@example.org")
    assert any('INSERT INTO "signatories_letter"' in sql for sql in first)
    assert statements(UNKNOWN) == first == statements(KNOWN)
    assert OutboundMail.objects.count() == 3


@ASKED
def test_a_mail_is_ours_in_words_and_headers(mailbox: Catcher, path: str) -> None:
    ask(Client(), path)
    message = newest(mailbox).message
    assert message["Auto-Submitted"] == "auto-generated"
    assert parseaddr(message["From"]) == (settings.OPERATOR_NAME, settings.OPERATOR_EMAIL)
    assert message["To"] == KNOWN
    assert str(message["Message-ID"]).endswith("@testserver>")
    assert settings.OPERATOR_ADDRESS in newest(mailbox).text
    assert settings.OPERATOR_ADDRESS in newest(mailbox).html
    assert "Was it not you?" in newest(mailbox).text
    assert "example.com" not in newest(mailbox).text


def test_mails_are_written_in_the_language_of_the_page(mailbox: Catcher) -> None:
    with translation.override("fr"):
        services.ask_for_link(address=KNOWN, now=timezone.now())
        services.ask_for_code(address=KNOWN, nonce=services.new_nonce(), now=timezone.now())
    newest(mailbox)
    assert any("mot de passe" in mail.text for mail in mailbox.of(KNOWN))
    assert all(mail.text.startswith("Bonjour") for mail in mailbox.of(KNOWN))
    assert len(mailbox.of(KNOWN)) == 2


def test_a_link_is_built_from_the_address_of_the_site(client: Client, mailbox: Catcher) -> None:
    """Not from what the request says (T21)."""
    assert ask(client, RESET, host="localhost").status_code == 302
    set_password(client, link_in(newest(mailbox)))
    assert is_in(client)
    assert "localhost" not in newest(mailbox).text + newest(mailbox).html


def test_a_mail_goes_to_the_address_of_the_account(client: Client, mailbox: Catcher) -> None:
    """In any case of letters; not to letters that the database takes for equal, nor to other spellings of a mailbox."""
    ask(client, RESET, KNOWN.upper())
    for other in ("olga+1@declaration.example", "olga@declaratıon.example", "olga@declaration.example.org"):
        ask(client, RESET, other)
    outbox.drain()
    assert [mail.to for mail in mailbox.mails] == [[KNOWN]]


@ASKED
def test_with_the_mail_server_down_all_are_answered_as_ever_and_the_mail_comes_later(
    mailbox: Catcher, path: str
) -> None:
    before = seen(post(path, UNKNOWN), UNKNOWN)
    mailbox.down()
    for address in (UNKNOWN, KNOWN):
        assert seen(post(path, address), address) == before
    outbox.drain()
    mailbox.start()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert newest(mailbox).to == [KNOWN]


def test_a_code_that_would_come_too_late_is_not_mailed(mailbox: Catcher) -> None:
    ask(Client(), CODE)
    ask(Client(), RESET)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert link_in(newest(mailbox))
    assert len(mailbox.mails) == 1


def test_login_says_the_same_until_the_tries_are_used_up_and_then() -> None:
    told = [[seen(post(LOGIN, who), who) for who in (KNOWN, UNKNOWN)] for _ in range(7)]
    assert all(known == unknown for known, unknown in told)
    assert told[0] != told[-1]


def test_a_hundred_who_ask_cause_few_mails(mailbox: Catcher) -> None:
    """Over an hour, from a hundred networks: one link in a quarter of an hour, and the codes of a day."""
    get_user_model().objects.create_user("tagged", "tagged+desk@declaration.example", "long-and-secret")
    start = timezone.now()
    for n in range(50):
        with time_machine.travel(start + n * timedelta(seconds=70)):
            ask(Client(), RESET, f"olga+{n}@declaration.example")
            ask(Client(), RESET, KNOWN if n % 2 else KNOWN.upper())
            ask(Client(), CODE)
            outbox.drain()
    assert {address for mail in mailbox.mails for address in mail.to} == {KNOWN}
    links = [mail for mail in mailbox.mails if "password" in mail.message["Subject"]]
    assert 3 <= len(links) <= 5
    assert len(mailbox.mails) - len(links) == 20


def test_after_a_login_a_new_link_is_mailed_at_once(client: Client, mailbox: Catcher) -> None:
    """Logging in ends the link that came before."""
    for _ in range(2):
        ask(client, RESET)
    set_password(client, link_in(newest(mailbox)))
    assert len(mailbox.mails) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        ask(Client(), RESET)
        set_password(Client(), link_in(newest(mailbox)))
    assert len(mailbox.mails) == 2


def test_a_link_ends_after_three_hours(client: Client, mailbox: Catcher) -> None:
    ask(client, RESET)
    link = link_in(newest(mailbox))
    with time_machine.travel(timezone.now() + timedelta(hours=3, minutes=1)):
        assert client.get(link).status_code == 200  # the page that says so


def test_no_row_holds_what_opens_an_account(client: Client, mailbox: Catcher) -> None:
    """Neither the link nor the code: both are computed when the mail is sent."""
    ask(client, CODE)
    ask(client, RESET)
    mails = [newest(mailbox), *mailbox.of(KNOWN)]
    secrets = [word for mail in mails for word in re.findall(r"key/\w+-(\S+)/|([0-9A-Z]{4} [0-9A-Z]{4})", mail.text)]
    assert len(secrets) >= 2
    rows = repr(list(OutboundMail.objects.values()))
    for word in {one for pair in secrets for one in pair if one}:
        assert word not in rows
        assert word.replace(" ", "") not in rows


@pytest.mark.parametrize("typed", ["", "no address", "a@b", "x" * 300 + "@example.org", "a@" + "b." * 150 + "org"])
@ASKED
def test_what_is_no_address_is_told_and_stored_nowhere(client: Client, path: str, typed: str) -> None:
    answer = ask(client, path, typed)
    assert answer.status_code == 200
    assert b'aria-invalid="true"' in answer.content
    assert not OutboundMail.objects.exists()


def test_a_code_with_a_second_factor_asks_for_it(client: Client, mailbox: Catcher, account: AbstractBaseUser) -> None:
    """Neither a mailed code nor a new password passes it by."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(account, generate_totp_secret())
    ask(client, CODE)
    answer: Any = client.post(CONFIRM, {"code": newest(mailbox).code})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_in(client)
    assert not [name for name in client.cookies if "known" in name]
    assert log_in(Client())["Location"].startswith("/accounts/2fa/authenticate/")
