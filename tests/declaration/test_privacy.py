"""The page about privacy says the numbers that the code goes by (signatories/privacy/retention.py), and no others."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db
OTHERS = {16, 28, 2026}  # the age from which one signs oneself, and the day of a consent
NUMBERS = ("LINK_DAYS", "UNDO_DAYS", "DIGEST_DAYS", "LETTER_DAYS", "REMINDER_HOURS", "MAILS_PER_MAILBOX_PER_DAY")


def numbers(client: Client, path: str) -> set[int]:
    main = client.get(path).content.decode().partition('tabindex="-1">')[2].partition("</main>")[0]
    found = {int(number) for number in re.findall(r"\b\d+\b", re.sub(r"<[^>]+>|&[^;]+;", " ", main))}
    assert found >= OTHERS
    return found - OTHERS


@pytest.mark.parametrize("path", ["/privacy/", "/fr/privacy/"])
def test_the_page_and_the_code_say_the_same(client: Client, settings: Settings, path: str) -> None:
    settings.OPERATOR_ADDRESS = "Example Street"
    assert numbers(client, path) == {getattr(settings, name) for name in NUMBERS}
    for number, name in enumerate(NUMBERS, 41):
        setattr(settings, name, number)
    assert numbers(client, path) == set(range(41, 41 + len(NUMBERS)))
