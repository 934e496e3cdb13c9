"""The second factor: needed by all but viewers, fresh before what is weighty, reset when it is lost (A1, A2)."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from declaration.demo import totp
from signatories.accounts import second_factor
from signatories.models import Act, Organizer
from signatories.models.act import Verb
from signatories.models.organizer import Role
from tests.accounts.visits import LOGIN, LOGOUT, is_in, log_in, newest, told
from tests.people import SECRET, enter, organizer
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
SETUP, ADD_APP, CODES = "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/recovery-codes/"
ASKED, AGAIN = "/accounts/2fa/authenticate/", "/accounts/2fa/reauthenticate/"
ANNAS = "anna@declaration.example"
_moments = iter(range(10**9))


@pytest.fixture
def anna() -> AbstractBaseUser:
    """An administrator without a second factor."""
    return organizer("anna")


@pytest.fixture(autouse=True)
def _each_code_is_new() -> Iterator[None]:
    """A code works once and for half a minute, so each test begins with the next one."""
    with time_machine.travel((time.time() // totp.SECONDS + 1 + next(_moments)) * totp.SECONDS):
        yield


def code(secret: str = SECRET) -> str:
    return totp.code(secret, time.time())


def later(minutes: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes))


def log_in_with_app(browser: Client, account: AbstractBaseUser) -> Client:
    """Type the password, then the code."""
    second_factor.add_app(account, SECRET)
    log_in(browser, address=ANNAS)
    browser.post(ASKED, {"code": code()})
    return browser


@pytest.mark.parametrize("role", [role for role in Role if role != Role.VIEWER])
def test_without_a_factor_nothing_of_the_desk_opens(client: Client, role: Role) -> None:
    organizer("anna", role=role)
    assert log_in(client, address=ANNAS)["Location"] == "/desk/"
    for path in ("/desk/", "/desk/numbers/", "/desk/find/?q=a", "/desk/records/", "/desk/signatures/1/decide/"):
        for answer in (client.get(path), client.post(path, {"verb": "publish"})):
            assert answer["Location"] == SETUP, path
    assert client.get("/desk/", headers={"HX-Request": "true"})["HX-Redirect"] == SETUP
    for path in (SETUP, ADD_APP, LOGOUT, "/accounts/password/change/", "/accounts/sessions/"):
        assert client.get(path).status_code == 200, path
    assert "the desk opens once you have it" in told(client.get(SETUP))
    client.post(LOGOUT)
    assert client.get("/desk/")["Location"].startswith(LOGIN)


def test_a_viewer_needs_none_and_may_have_one(client: Client, account: AbstractBaseUser) -> None:
    log_in(client)
    assert is_in(client)
    second_factor.add_app(account, SECRET)
    client.post(LOGOUT)
    assert log_in(client)["Location"].startswith(ASKED)
    assert not is_in(client)
    client.post(ASKED, {"code": code()})
    assert is_in(client)


def test_an_app_is_added_and_its_owner_told(client: Client, anna: AbstractBaseUser, mailbox: Catcher) -> None:
    """Right after the log-in nothing is asked again; the desk opens, and recovery codes are shown."""
    log_in(client, address=ANNAS)
    found = re.search(r">([A-Z2-7]{32})<", client.get(ADD_APP).content.decode())
    assert found
    assert client.post(ADD_APP, {"code": "000000"}).status_code == 200
    assert client.get("/desk/")["Location"] == SETUP
    added = client.post(ADD_APP, {"code": code(found[1])})
    assert added["Location"] == CODES
    assert len(re.findall(r"<code>\d{8}</code>", client.get(CODES).content.decode())) == 10
    assert client.get("/desk/numbers/").status_code == 200
    mail = newest(mailbox, ANNAS)
    assert "second factor" in mail.message["Subject"]
    assert "an authenticator app" in mail.text
    assert found[1] not in repr(list(Authenticator.objects.values()))


def test_a_session_from_before_the_factor_has_to_show_it(client: Client, anna: AbstractBaseUser) -> None:
    """Somebody with her password was in before she added one in her browser."""
    log_in(client, address=ANNAS)
    hers = log_in_with_app(Client(), anna)
    assert hers.get("/desk/numbers/").status_code == 200
    assert client.get("/desk/find/?q=a")["Location"] == f"{AGAIN}?next=%2Fdesk%2Ffind%2F%3Fq%3Da"
    assert client.post("/desk/signatures/1/decide/")["Location"] == f"{AGAIN}?next=%2Fdesk%2F"
    assert client.get("/accounts/2fa/totp/deactivate/")["Location"].startswith(AGAIN)
    assert client.get(f"{CODES}generate/")["Location"].startswith(AGAIN)
    client.post("/accounts/reauthenticate/", {"password": "long-and-secret"})
    assert client.get("/desk/")["Location"].startswith(AGAIN)
    with later(1):
        client.post(f"{AGAIN}?next=/desk/", {"code": code()})
        assert client.get("/desk/numbers/").status_code == 200


def test_a_code_works_once_and_not_by_guessing(client: Client, anna: AbstractBaseUser) -> None:
    log_in_with_app(client, anna)
    used, other = code(), Client()
    log_in(other, address=ANNAS)
    other.post(ASKED, {"code": used})
    assert other.get("/desk/numbers/").status_code == 302
    with later(1):
        for _ in range(6):
            other.post(ASKED, {"code": "123456"})
        other.post(ASKED, {"code": code()})
        assert other.get("/desk/numbers/").status_code == 302
    assert client.get("/desk/numbers/").status_code == 200
    with later(20):
        log_in(other, address=ANNAS)
        other.post(ASKED, {"code": code()})
        assert other.get("/desk/numbers/").status_code == 200


def test_a_recovery_code_stands_in_once(client: Client, anna: AbstractBaseUser) -> None:
    log_in_with_app(client, anna)
    client.post(f"{CODES}generate/")
    (first, *_rest) = re.findall(r"<code>(\d{8})</code>", client.get(CODES).content.decode())
    for opens in (True, False):
        browser = Client()
        log_in(browser, address=ANNAS)
        browser.post(ASKED, {"code": first})
        assert (browser.get("/desk/numbers/").status_code == 200) is opens


# --- Fresh before what is weighty -------------------------------------------------------------------------------------
WHY = {"reason": "Asked by mail on 3 May."}


def test_a_role_is_changed_with_a_fresh_factor_alone(client: Client, anna: AbstractBaseUser) -> None:
    """A stolen session changes nobody's role; what its owner typed is not lost."""
    mona = organizer("mona", role=Role.MODERATOR)
    log_in_with_app(client, anna)
    path = f"/desk/organizers/{mona.pk}/role/"
    assert client.post(path, WHY | {"role": "viewer"})["Location"] == "/desk/organizers/"
    with later(6):
        assert client.get("/desk/organizers/").status_code == 200
        asked = client.post(path, WHY | {"role": "editor"})
        assert asked["Location"] == f"{AGAIN}?next=%2Fdesk%2Frepeat%2F"
        assert client.post("/accounts/reauthenticate/", {"password": "long-and-secret"})["Location"].startswith(AGAIN)
        assert Organizer.objects.get(account_id=mona.pk).role == Role.VIEWER
        shown = client.post(asked["Location"], {"code": code()}, follow=True)
        assert shown.redirect_chain == [("/desk/repeat/", 302)]
        assert "Not done yet" in told(shown) and WHY["reason"] in told(shown)
        assert Organizer.objects.get(account_id=mona.pk).role == Role.VIEWER
        fields = dict(re.findall(r'type="hidden" name="(role|reason)" value="([^"]*)"', shown.content.decode()))
        client.post(path, fields)
        assert Organizer.objects.get(account_id=mona.pk).role == Role.EDITOR
        assert client.get("/desk/repeat/")["Location"] == "/desk/"
    assert Act.objects.filter(verb=Verb.APPOINT).count() == 2


def test_what_asks_for_a_fresh_factor(client: Client, anna: AbstractBaseUser) -> None:
    mona = organizer("mona", role=Role.MODERATOR)
    log_in_with_app(client, anna)
    weighty = [f"organizers/{mona.pk}/{what}/" for what in ("role", "disable", "enable", "factor")]
    weighty += ["alarms/moves/1/undo/"]
    light = ["alarms/moves/1/cancel/", "signatures/1/decide/", "settings/lists/1/remove/"]
    with later(6):
        for path in weighty:
            assert client.post(f"/desk/{path}", WHY)["Location"].startswith(AGAIN), path
        for path in light:
            assert "2fa" not in client.post(f"/desk/{path}", WHY).get("Location", ""), path
        for answer, fresh in (("reject", True), ("known", True), ("hold", True), ("seen", False)):
            found = client.post("/desk/alarms/1/", WHY | {"answer": answer, "shown": "1.1.1.1.1"})
            assert ("2fa" in found.get("Location", "")) is fresh, answer
        htmx = client.post(f"/desk/{weighty[0]}", WHY, headers={"HX-Request": "true"})
        assert htmx["HX-Redirect"].startswith(AGAIN)
    assert not Act.objects.exists()


def test_who_may_not_do_it_at_all_is_refused_and_not_asked(client: Client) -> None:
    mona = organizer("mona", role=Role.MODERATOR)
    enter(client, mona)
    with later(6):
        assert client.post(f"/desk/organizers/{mona.pk}/role/", WHY | {"role": "administrator"}).status_code == 403


# --- A lost factor ----------------------------------------------------------------------------------------------------
def test_an_administrator_resets_the_factor_of_another(
    client: Client, anna: AbstractBaseUser, mailbox: Catcher
) -> None:
    mona = organizer("mona", role=Role.MODERATOR)
    hers = enter(Client(), mona)
    log_in_with_app(client, anna)
    assert "Reset the second factor" in client.get("/desk/organizers/").content.decode()
    assert client.post(f"/desk/organizers/{mona.pk}/factor/", WHY).status_code == 303
    assert not second_factor.has_one(mona)
    assert second_factor.has_one(anna)
    assert hers.get("/desk/")["Location"].startswith(LOGIN)
    assert Act.objects.get().reason == f"account {mona.pk} second factor reset: {WHY['reason']}"
    assert "It has none now" in newest(mailbox, "mona@declaration.example").text
    log_in(hers, address="mona@declaration.example")
    assert hers.get("/desk/")["Location"] == SETUP
    client.post(f"/desk/organizers/{mona.pk}/factor/", WHY)
    assert Act.objects.count() == 1


def test_nobody_resets_their_own(client: Client, anna: AbstractBaseUser) -> None:
    log_in_with_app(client, anna)
    answer = client.post(f"/desk/organizers/{anna.pk}/factor/", WHY)
    assert answer.status_code == 422
    assert second_factor.has_one(anna)
    assert not Act.objects.exists()


def test_the_last_administrator_is_never_locked_out(client: Client, anna: AbstractBaseUser, mailbox: Catcher) -> None:
    """All is lost and nobody else is there: whoever runs the server helps."""
    log_in_with_app(client, anna)
    with pytest.raises(CommandError):
        call_command("reset_factor", "nobody@declaration.example")
    call_command("reset_factor", ANNAS.upper())
    assert client.get("/desk/")["Location"].startswith(LOGIN)
    act = Act.objects.get()
    assert (act.verb, act.actor, act.reason) == (Verb.APPOINT, "command", f"account {anna.pk} second factor reset")
    assert "It has none now" in newest(mailbox, ANNAS).text
    log_in(client, address=ANNAS)
    assert client.get("/desk/")["Location"] == SETUP


def test_an_own_factor_is_removed_and_the_desk_closes(client: Client, anna: AbstractBaseUser) -> None:
    log_in_with_app(client, anna)
    assert "your account opens nothing until you add one" in told(client.get("/accounts/2fa/totp/deactivate/"))
    client.post("/accounts/2fa/totp/deactivate/")
    assert client.get("/desk/")["Location"] == SETUP


# --- Keys -------------------------------------------------------------------------------------------------------------
def test_secrets_are_encrypted_and_moved_under_new_keys(
    client: Client, anna: AbstractBaseUser, settings: Settings
) -> None:
    log_in_with_app(client, anna)
    client.post(f"{CODES}generate/")
    stored = repr(list(Authenticator.objects.values()))
    assert SECRET not in stored
    settings.MAILBOX_KEYS = [Fernet.generate_key().decode(), *settings.MAILBOX_KEYS]
    call_command("rotate_keys")
    settings.MAILBOX_KEYS = settings.MAILBOX_KEYS[:1]
    with later(1):
        log_in(client, address=ANNAS)
        assert client.post(AGAIN, {"code": code()}).status_code == 302
        assert len(re.findall(r"<code>\d{8}</code>", client.get(CODES).content.decode())) == 10


def test_a_secret_from_before_they_were_encrypted_still_works(client: Client, anna: AbstractBaseUser) -> None:
    Authenticator.objects.create(user=anna, type="totp", data={"secret": SECRET})
    log_in(client, address=ANNAS)
    client.post(ASKED, {"code": code()})
    assert client.get("/desk/numbers/").status_code == 200


def test_a_secret_whose_key_is_lost_opens_nothing(client: Client, anna: AbstractBaseUser, settings: Settings) -> None:
    second_factor.add_app(anna, SECRET)
    settings.MAILBOX_KEYS = [Fernet.generate_key().decode()]
    log_in(client, address=ANNAS)
    assert client.post(ASKED, {"code": code()}).status_code == 200
    assert client.get("/desk/numbers/").status_code == 302
    assert get_user_model().objects.get(pk=anna.pk).is_active
