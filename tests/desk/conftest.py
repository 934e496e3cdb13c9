"""What the tests of the desk share."""

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from tests.people import organizer


@pytest.fixture
def olga() -> AbstractBaseUser:
    return organizer()


@pytest.fixture
def desk(client: Client, olga: AbstractBaseUser) -> Client:
    """Olga's browser, signed in."""
    client.force_login(olga)  # type: ignore[arg-type]
    return client
