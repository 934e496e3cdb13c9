"""Olga, who only looks at numbers, and quick passwords: what is said is tested, not how long a hash takes."""

import pytest
from django.contrib.auth.models import AbstractBaseUser
from pytest_django import Settings

from signatories.models.organizer import Role
from tests.people import organizer


@pytest.fixture(autouse=True)
def account(settings: Settings) -> AbstractBaseUser:
    """The account of olga@declaration.example: a viewer, who needs no second factor."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return organizer(role=Role.VIEWER)
