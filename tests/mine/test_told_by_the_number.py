"""What the live number tells of somebody who hides their name is said before they choose."""

from collections.abc import Callable

import pytest
from django.test import Client

from signatories.models import Signature
from tests.people import signed

pytestmark = pytest.mark.django_db


def test_it_is_said_beside_the_choice_and_on_the_privacy_page(
    client: Client, own_page: Callable[[Signature], str]
) -> None:
    signature = signed()
    words = "can tell that you have hidden it and not withdrawn"
    assert words in client.get(own_page(signature)).content.decode()
    unnamed = signed(address="other@example.org", named=False)
    assert words not in client.get(own_page(unnamed)).content.decode()
    assert "can tell whether it was hidden or the signature withdrawn" in client.get("/privacy/").content.decode()
