"""A passkey in a real browser, whose authenticator is a virtual one: added, asked for, and refused."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractBaseUser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import DESK, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
type Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def _no_tls(settings: Settings, live_server: LiveServer) -> None:
    """As in the demo."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.SITE_URL = live_server.url


def with_authenticator(visitor: Visitor) -> tuple[object, str]:
    """Give a browser a fingerprint reader; returns its name."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def type_password(visitor: Visitor) -> None:
    visitor.go("/accounts/login/")
    visitor.page.fill("[name=login]", "olga@declaration.example")
    visitor.page.fill("[name=password]", "long-and-secret")
    visitor.page.click("form [type=submit]")


def test_a_passkey_is_added_and_opens_the_desk(visit: Visit, olga: AbstractBaseUser, live_server: LiveServer) -> None:
    visitor = visit(viewport=DESK)
    visitor.site = visitor.site.replace("127.0.0.1", "localhost")
    session, name = with_authenticator(visitor)
    type_password(visitor)
    visitor.page.wait_for_url("**/accounts/2fa/")
    visitor.looks_right()
    visitor.page.click("text=Add a passkey")
    visitor.looks_right()
    visitor.page.click("#passkey")
    visitor.page.wait_for_url("**/accounts/2fa/recovery-codes/")
    visitor.looks_right()
    visitor.page.click("text=to the desk")
    visitor.page.wait_for_url("**/desk/start/")  # nothing is published
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    visitor.context.clear_cookies()
    type_password(visitor)
    visitor.page.wait_for_url("**/accounts/2fa/authenticate/**")
    visitor.looks_right()
    visitor.page.click("#passkey")
    visitor.page.wait_for_url("**/desk/start/")  # nothing is published
    visitor.context.clear_cookies()
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": name})  # type: ignore[attr-defined]
    with_authenticator(visitor)
    type_password(visitor)
    visitor.page.click("#passkey")
    visitor.page.wait_for_selector("text=The browser has not finished this.")
    assert "/accounts/2fa/authenticate/" in visitor.page.url
    visitor.looks_right()
