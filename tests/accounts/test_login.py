"""Attackers are slowed, the owner never (A2, A14): a known browser, a code by mail or a new password lets her in."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as configured
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.identity import mailbox as mailboxes
from signatories.models.organizer import Role
from tests.accounts.visits import (
    CODE,
    CONFIRM,
    KNOWN,
    LOGIN,
    LOGOUT,
    RESET,
    ask,
    elsewhere,
    is_in,
    link_in,
    log_in,
    newest,
    set_password,
    strangers_try,
    told,
)
from tests.people import organizer
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def known_browser() -> Client:
    """A browser in which Olga has logged in and out."""
    browser = Client()
    log_in(browser)
    assert is_in(browser)
    browser.post(LOGOUT)
    assert not is_in(browser)
    return browser


def test_strangers_are_slowed_and_a_known_browser_is_not(client: Client) -> None:
    browser = known_browser()
    strangers_try(200, networks=50)
    log_in(client)
    assert not is_in(client)
    log_in(browser)
    assert is_in(browser)


def test_a_stranger_beside_her_slows_no_known_browser(client: Client) -> None:
    """In the same network, as in an office."""
    browser, here = known_browser(), elsewhere()
    for n in range(40):
        log_in(client, f"wrong {n}", near=here)
    log_in(client, near=here)
    assert not is_in(client)
    log_in(browser, near=here)
    assert is_in(browser)


def test_after_a_quarter_of_an_hour_every_browser_may_try_again(client: Client) -> None:
    strangers_try()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        log_in(client)
        assert is_in(client)


def test_the_tries_of_a_known_browser_are_counted_by_themselves() -> None:
    """A stolen cookie, or a visitor at her desk, opens nothing and uses up nothing of another browser."""
    stolen, other = known_browser(), known_browser()
    for n in range(20):
        log_in(stolen, f"wrong {n}")
    log_in(stolen)
    assert not is_in(stolen)
    for browser in (other, Client()):
        log_in(browser)
        assert is_in(browser)


def test_only_who_has_logged_in_is_known(client: Client) -> None:
    log_in(client, "wrong")
    assert not [name for name in client.cookies if "known" in name]


def test_a_cookie_is_signed_and_for_one_account(client: Client) -> None:
    organizer("otto", role=Role.VIEWER)
    browser = known_browser()
    (name,) = [name for name in browser.cookies if "known" in name]
    digest = mailboxes.digest("otto@declaration.example").hex()[:16]
    ottos = f"{name[:-16]}{digest}"
    for forged in ("made-up", browser.cookies[name].value, browser.cookies[name].value[:-1] + "x"):
        client.cookies[ottos] = forged
        for n in range(5):
            log_in(Client(), f"wrong {n}", "otto@declaration.example")
        log_in(client, address="otto@declaration.example")
        assert not is_in(client)


def test_one_browser_is_known_for_two_accounts() -> None:
    organizer("otto", role=Role.VIEWER)
    browser = known_browser()
    log_in(browser, address="otto@declaration.example")
    browser.post(LOGOUT)
    strangers_try()
    log_in(browser)
    assert is_in(browser)


def test_the_cookie_is_sent_to_pages_of_accounts_alone_and_names_nobody(settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    answer = log_in(Client())
    (cookie,) = [cookie for name, cookie in answer.cookies.items() if "known" in name]
    assert cookie.key.startswith("__Secure-")
    assert (cookie["path"], cookie["secure"], cookie["httponly"], cookie["samesite"]) == (
        "/accounts/", True, True, "Lax",
    )  # fmt: skip
    assert cookie["max-age"] > 86_400 * 90
    assert "olga" not in cookie.output()


def test_a_known_browser_is_known_for_half_a_year_and_while_keys_are_rotated(settings: Settings) -> None:
    browser = known_browser()
    settings.DIGEST_KEY, settings.DIGEST_KEY_FALLBACKS = "a new one", [configured.DIGEST_KEY]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new, too", [configured.SECRET_KEY]
    strangers_try()
    log_in(browser)
    assert is_in(browser)
    browser.post(LOGOUT)
    with time_machine.travel(timezone.now() + timedelta(days=181)):
        strangers_try()
        log_in(browser)
        assert not is_in(browser)


def test_a_code_by_mail_lets_her_in(client: Client, mailbox: Catcher) -> None:
    strangers_try()
    assert ask(client, CODE)["Location"] == CONFIRM
    page = client.get(CONFIRM)
    assert "If this address has an account" in told(page)
    client.post(CONFIRM, {"code": newest(mailbox).code.lower()})
    assert is_in(client)
    client.post(LOGOUT)
    strangers_try()
    log_in(client)  # this browser is known now
    assert is_in(client)


def test_a_code_is_good_in_its_browser_alone_once_and_for_a_quarter_of_an_hour(mailbox: Catcher) -> None:
    hers, others = Client(), Client()
    for browser in (hers, others):
        ask(browser, CODE)
    newest(mailbox)
    first, second = (mail.code for mail in mailbox.of(KNOWN))
    others.post(CONFIRM, {"code": first})
    assert not is_in(others)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        others.post(CONFIRM, {"code": second})
        assert not is_in(others)
    hers.post(CONFIRM, {"code": first})
    assert is_in(hers)
    hers.post(LOGOUT)
    hers.post(CONFIRM, {"code": first})
    assert not is_in(hers)


def test_nobody_guesses_a_code(client: Client, mailbox: Catcher) -> None:
    """Three wrong ones end it; also the empty one, where no code was mailed."""
    ask(client, CODE)
    for wrong in ("AAAA AAAA", "0000 0000", "ZZZZ ZZZZ"):
        client.post(CONFIRM, {"code": wrong})
    client.post(CONFIRM, {"code": newest(mailbox).code})
    assert not is_in(client)
    stranger = Client()
    ask(stranger, CODE, "nora@declaration.example")
    for empty in ("", "-", "None"):
        assert stranger.post(CONFIRM, {"code": empty}).status_code in {200, 302}
        assert not is_in(stranger)


def test_a_new_password_by_mail_lets_her_in(client: Client, mailbox: Catcher) -> None:
    strangers_try()
    assert ask(client, RESET).status_code == 302
    link = link_in(newest(mailbox))
    set_password(client, link)
    assert is_in(client)
    assert "does not work any more" in told(Client().get(link))
    client.post(LOGOUT)
    log_in(client, "another-long-one")
    assert is_in(client)


@pytest.mark.parametrize("path", [RESET, CODE])
def test_strangers_use_up_no_mail_of_hers(client: Client, mailbox: Catcher, path: str) -> None:
    """Twenty from twenty networks, before she asks (A14)."""
    for _ in range(20):
        ask(Client(), path)
    if path == CODE:
        newest(mailbox)
        ask(client, RESET)  # where strangers have used up the codes of a day, the link still comes
    else:
        ask(client, path)
    set_password(client, link_in(newest(mailbox)))
    assert is_in(client)


def test_a_few_codes_of_strangers_leave_hers(client: Client, mailbox: Catcher) -> None:
    for _ in range(10):
        ask(Client(), CODE)
    ask(client, CODE)
    client.post(CONFIRM, {"code": newest(mailbox).code})
    assert is_in(client)


@pytest.mark.parametrize("path", [RESET, CODE])
def test_one_network_asks_for_few_mails_and_another_is_not_concerned(
    client: Client, mailbox: Catcher, path: str
) -> None:
    here = elsewhere()
    answers = [ask(Client(), path, f"p{n}@example.org", near=here) for n in range(12)]
    assert answers[0].status_code == 302
    assert answers[-1].status_code in {200, 429}
    assert "Please wait a minute" in told(answers[-1])
    assert ask(client, path).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert ask(Client(), path, near=here).status_code == 302


def test_the_page_says_what_the_owner_can_do(client: Client) -> None:
    strangers_try()
    for page in (client.get(LOGIN), log_in(client)):
        assert f'href="{CODE}"' in page.content.decode()
        assert f'href="{RESET}"' in page.content.decode()
    assert "Your account is not locked" in told(page)


def test_who_is_no_organizer_any_more_gets_in_nowhere(
    client: Client, mailbox: Catcher, account: AbstractBaseUser
) -> None:
    """A12: a closed account, also with a link and a code that were mailed before."""
    stranger = Client()
    ask(client, CODE)
    ask(stranger, RESET)
    newest(mailbox)
    mails = mailbox.of(KNOWN)
    get_user_model().objects.update(is_active=False)
    client.post(CONFIRM, {"code": next(mail.code for mail in mails if "code" in mail.message["Subject"])})
    link = next(link_in(mail) for mail in mails if "password" in mail.message["Subject"])
    if (form := stranger.get(link)).status_code == 302:
        stranger.post(form["Location"], {"password1": "another-long-one"})
    known = log_in(Client())
    assert known.status_code in {200, 302}
    assert not is_in(client)
    assert not is_in(stranger)
    before = len(mailbox.mails)
    for path in (RESET, CODE):
        ask(Client(), path)
    newest(mailbox)
    assert len(mailbox.mails) == before


def test_the_address_of_an_account_is_not_changed_by_itself(client: Client) -> None:
    log_in(client)
    assert client.post("/accounts/email/", {"email": "x@example.org", "action_add": ""})["Location"] == "/desk/"
