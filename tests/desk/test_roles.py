"""Who may do what at the desk: every address for every role."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from signatories.desk import urls
from signatories.models import (
    Act,
)
from signatories.models.organizer import Power, Role, may
from tests.desk.roles import ADMIN, EVERY_ROLE, TEXTS, WHO, address, come_in, is_refused
from tests.people import enter, organizer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_every_address_lets_in_those_roles_that_may(role: Role | None) -> None:
    browser, stranger = come_in(role), Client()
    assert {pattern.name for pattern in urls.urlpatterns} == set(WHO)
    for pattern in urls.urlpatterns:
        path = address(pattern)
        for method, allowed in zip(("GET", "POST"), WHO[str(pattern.name)], strict=True):
            inside, outside = browser.generic(method, path), stranger.generic(method, path)
            told = f"{method} {path}: {inside.status_code}, {outside.status_code}"
            if allowed is None:
                assert (inside.status_code, outside.status_code) == (405, 405), told
            else:
                assert is_refused(inside) is (role not in allowed), told  # type: ignore[arg-type]
                assert inside.status_code != 405 and "/login/" not in inside.get("Location", ""), told
                assert outside["Location"].startswith("/accounts/login/?next="), told
    # An empty form is valid for the page for the press, and for a new edition; nothing but a press is needed for the
    # watch list as a file.
    assert Act.objects.count() == 2 * (role in TEXTS) + (role in ADMIN)


@pytest.mark.parametrize(
    ("flags", "role", "expected"),
    [
        ({}, Role.VIEWER, {Power.LOOK_AT_NUMBERS}),
        ({"is_superuser": True}, Role.VIEWER, {Power.LOOK_AT_NUMBERS}),  # the row decides
        ({"is_superuser": True}, None, set(Power)),  # the first one, whom createsuperuser makes
        ({}, Role.ADMINISTRATOR, set(Power)),
        ({}, None, set()),
        ({"is_active": False}, Role.ADMINISTRATOR, set()),
        ({"is_staff": False}, Role.ADMINISTRATOR, set()),
        ({"is_active": False, "is_superuser": True}, None, set()),
    ],
)
def test_the_role_of_an_account(flags: dict[str, bool], role: Role | None, expected: set[Power]) -> None:
    made = organizer(role=role)
    get_user_model().objects.filter(pk=made.pk).update(is_superuser=False)
    get_user_model().objects.filter(pk=made.pk).update(**flags)
    account = get_user_model().objects.get(pk=made.pk)
    assert {power for power in Power if may(account, power)} == expected


def test_the_first_organizer_is_made_by_a_command(client: Client) -> None:
    """There is no Django admin, and createsuperuser needs none."""
    call_command("createsuperuser", username="ada", email="ada@declaration.example", interactive=False, verbosity=0)
    enter(client, get_user_model().objects.get(username="ada"))
    assert client.get("/desk/organizers/").status_code == 200


def test_templates_ask_for_powers_that_exist() -> None:
    """A name that is misspelt would hide a button from everybody."""
    folder = Path(settings.BASE_DIR) / "templates"
    asked = {name for path in folder.rglob("*.html") for name in re.findall(r"\bcan\.(\w+)", path.read_text())}
    assert asked <= set(Power)
    assert len(asked) > 10
