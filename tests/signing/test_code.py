"""A creator types the code of the mail instead of opening the link."""

import pytest
from django.test import Client

from signatories.models import Signature, Signup
from tests.people import ADDRESS, sign_up, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def test_the_code_leads_to_the_same_page_as_the_link(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    response = client.post("/confirm/", {"email": "ANN@example.org", "code": mail.code.lower()})
    assert response.status_code == 303
    assert response["Location"] == mail.path("confirm")
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    "paste", ["\u200b{}", "{}.", " {}\u00a0", "\u202a{}\u202c", "{}\ufeff", "„{}“", "{}\u00ad", "{}\r\n"]
)
@pytest.mark.parametrize("form", ["plain", "full width", "hyphened", "apart"])
def test_the_right_code_is_taken_however_it_is_pasted(client: Client, mailbox: Catcher, paste: str, form: str) -> None:
    code = sign_up(client, mailbox).code
    left, right = code.split()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in left + right)
    shaped = {"plain": code, "full width": wide, "hyphened": f"{left}\u2011{right}", "apart": " ".join(left + right)}
    response = client.post("/confirm/", {"email": ADDRESS, "code": paste.format(shaped[form])})
    assert response.status_code == 303


def test_what_is_no_code_is_not_counted(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    for typed in ("0000", "1", "please", "", "12345", mail.code[:7], "confirm", "000 000 000"):
        client.post("/confirm/", {"email": ADDRESS, "code": typed})
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 303


def test_wrong_tries_of_others_do_not_kill_the_code(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    for _ in range(8):
        client.post("/confirm/", {"email": ADDRESS, "code": "00000000"}, REMOTE_ADDR="203.0.113.7")
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 303


def test_wrong_tries_from_everywhere_kill_the_code_in_the_end(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    for n in range(100):
        client.post("/confirm/", {"email": ADDRESS, "code": "00000000"}, REMOTE_ADDR=f"203.0.113.{n}")
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 422
    assert client.post(mail.path("confirm")).status_code == 303


def test_five_wrong_tries_kill_the_code_and_not_the_link(client: Client, mailbox: Catcher) -> None:
    """T6."""
    mail = sign_up(client, mailbox)
    for _ in range(5):
        assert client.post("/confirm/", {"email": ADDRESS, "code": "00000000"}).status_code == 422
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 422
    assert client.post(mail.path("confirm")).status_code == 303
    assert Signature.objects.count() == 1


def test_four_wrong_tries_do_not(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    for _ in range(4):
        client.post("/confirm/", {"email": ADDRESS, "code": "00000000"})
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 303


def test_a_code_opens_only_its_own_mailbox(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    sign_up(client, mailbox, email="bram@example.org", name="Bram")
    assert client.post("/confirm/", {"email": "bram@example.org", "code": mail.code}).status_code == 422


def test_a_code_not_yet_mailed_is_worthless(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    Signup.objects.update(sent_at=None)
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 422


def test_every_failure_has_the_same_answer(client: Client, mailbox: Catcher) -> None:
    """T4, T21."""
    mail = sign_up(client, mailbox)
    text()
    known = client.post("/confirm/", {"email": ADDRESS, "code": "00000000"}).content
    unknown = client.post("/confirm/", {"email": "who@example.org", "code": "00000000"}).content
    assert known.replace(ADDRESS.encode(), b"") == unknown.replace(b"who@example.org", b"")
    assert client.post(mail.path("confirm")).status_code == 303


@pytest.mark.parametrize("typed", ["", "\0", "x" * 100, "😀😀😀😀", "ａｂｃ", "\ud800"])
def test_odd_codes_are_refused_kindly(client: Client, typed: str) -> None:
    body = {"email": ADDRESS, "code": typed.encode("utf-8", "replace").decode()}
    assert client.post("/confirm/", body).status_code == 422
