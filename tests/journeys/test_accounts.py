"""Every page of accounts is accessible, with its errors, on a desk and on a narrow phone, in both languages."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from signatories.accounts import invitations, second_factor
from signatories.audit.services import by_command
from signatories.models.organizer import Role
from tests.journeys.conftest import DESK, Visitor, log_in
from tests.people import SECRET, text

pytestmark = pytest.mark.django_db(transaction=True)
NARROW = {"width": 375, "height": 740}
OUTSIDE = ["login/", "password/reset/", "password/reset/done/", "password/reset/key/1-x/", "login/code/", "signup/",
           "inactive/", "invitation/1.x/"]  # fmt: skip
INSIDE = ["password/change/", "sessions/", "logout/", "2fa/", "2fa/webauthn/", "2fa/webauthn/add/",
          "2fa/totp/deactivate/", "2fa/reauthenticate/", "2fa/recovery-codes/generate/"]  # fmt: skip
# Forms that an empty answer does not stop.
ACTS = ("logout/", "2fa/totp/deactivate/", "2fa/recovery-codes/generate/", "2fa/webauthn/add/", "sessions/")


def look(visitor: Visitor, paths: list[str]) -> Iterator[str]:
    """Axe on each page; on its errors where it has a form, whose answer shows the whole page again."""
    for path in paths:
        visitor.go(f"/accounts/{path}")
        if path not in ACTS and visitor.page.locator("main form").count():
            visitor.page.click("main form >> nth=0 >> [type=submit] >> nth=0")
            visitor.page.locator("#errors").wait_for()
        visitor.looks_right()
        yield visitor.page.url.removeprefix(f"{visitor.site}/accounts/")


@pytest.mark.parametrize(("viewport", "locale"), [(DESK, "en-GB"), (NARROW, "fr-FR")], ids=["desk", "phone"])
def test_every_page_of_accounts_is_accessible(
    visit: Callable[..., Visitor], olga: AbstractBaseUser, viewport: dict[str, int], locale: str
) -> None:
    text()
    visitor = visit(viewport=viewport, locale=locale)
    assert list(look(visitor, OUTSIDE)) == OUTSIDE
    assert visitor.page.locator("html").get_attribute("lang") == locale[:2]
    visitor.go("/accounts/login/code/")
    visitor.page.fill("[name=email]", "olga@declaration.example")
    visitor.page.click("main form [type=submit]")
    assert list(look(visitor, ["login/code/confirm/"])) == ["login/code/confirm/"]
    by, now = by_command("invited"), timezone.now()
    made = invitations.invite(address="nina@declaration.example", role=Role.EDITOR, language="en", by=by, now=now)
    assert list(look(visitor, [invitations.link_of(made).partition("/accounts/")[2]])) == ["signup/"]
    second_factor.add_app(olga, SECRET)
    visitor.go("/accounts/login/")
    visitor.page.fill("[name=login]", "olga@declaration.example")
    visitor.page.fill("[name=password]", "long-and-secret")
    visitor.page.click("main form [type=submit]")
    assert list(look(visitor, ["2fa/authenticate/"])) == ["2fa/authenticate/"]
    visitor.context.clear_cookies()
    log_in(visitor)
    assert list(look(visitor, INSIDE)) == INSIDE
    visitor.go("/accounts/2fa/recovery-codes/generate/")
    visitor.page.click("main form [type=submit]")
    assert list(look(visitor, ["2fa/recovery-codes/"])) == ["2fa/recovery-codes/"]
    second_factor.remove_all(olga.pk)
    assert list(look(visitor, ["2fa/totp/activate/"])) == ["2fa/totp/activate/"]
    assert visitor.foreign == []
