"""What browsers and validators read: moments without fractions, and kind words for a form without its token (E36)."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories.tally import services as tally
from tests.editions.building import build
from tests.people import enter, signed, text

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.mark.django_db(transaction=True)
def test_every_moment_is_valid(client: Client, olga: AbstractBaseUser) -> None:
    signature = signed()
    tally.fold()
    build()
    enter(client, olga)
    person = f"/desk/signatures/{signature.pk}/"
    client.post("/desk/find/", {"q": "aveline"})
    for path in (f"/signatories/{signature.number}/", "/press/", "/press/editions/", "/desk/trail/", person):
        found = re.findall(r'<time datetime="(.*?)"', client.get(path).content.decode())
        assert found, path
        assert all(MOMENT.fullmatch(moment) for moment in found), (path, found)
        assert {moment[:10] for moment in found} <= {f"{timezone.now():%Y-%m-%d}"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "words"),
    [("/", "Please send this once more"), ("/fr/", "Merci d’envoyer"), ("/about/", "Please send"), ("/accounts/login/", "Please send"), ("/desk/find/", "Please send")],
)  # fmt: skip
def test_a_form_without_its_token_is_answered_kindly(olga: AbstractBaseUser, path: str, words: str) -> None:
    text()
    browser = Client(enforce_csrf_checks=True)
    enter(browser, get_user_model().objects.get())
    answer = browser.post(path, {"name": "Aveline Ashgrove"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert words in page
    assert "CSRF" not in page and 'rel="stylesheet"' in page
