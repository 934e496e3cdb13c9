"""Somebody signs for a person they represent: recorded, never shown, always looked at."""

import pytest
from django.test import Client

from signatories.models import Signature, Signup
from signatories.models.signature import State
from tests.listed import csv_of
from tests.people import form, read_mail, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def represent(client: Client, **changes: str) -> int:
    text()
    typed = form(representative="Isolde Kettlewick", representative_role="agent", email="agency@example.org", **changes)
    return client.post("/sign/for/", typed).status_code


def confirmed(client: Client, catcher: Catcher, **changes: str) -> Signature:
    assert represent(client, **changes) == 303
    client.post(read_mail(catcher, "agency@example.org").path("confirm"))
    return Signature.objects.latest("pk")


def test_it_is_recorded_and_held(client: Client, mailbox: Catcher) -> None:
    signature = confirmed(client, mailbox)
    assert (signature.representative, signature.representative_role) == ("Isolde Kettlewick", "agent")
    assert (signature.state, signature.held_for) == (State.HELD, ["represented"])
    assert signature.name == "Aveline Ashgrove"


def test_the_mail_names_the_person_and_its_page_says_who_signs_for_whom(client: Client, mailbox: Catcher) -> None:
    represent(client)
    mail = read_mail(mailbox, "agency@example.org")
    for part in (mail.text, mail.html):
        assert "Aveline Ashgrove" in part
    assert b"Isolde Kettlewick" in client.get(mail.path("confirm")).content


def test_one_agency_may_sign_for_many(client: Client, mailbox: Catcher) -> None:
    signed(address="agency@example.org", name="Isolde Kettlewick")
    for name in ("Aveline Ashgrove", "Bram Bellweather", "Corisande Duskwood"):
        confirmed(client, mailbox, name=name)
    assert Signature.objects.filter(representative="Isolde Kettlewick").count() == 3


def test_the_agency_is_still_one_person_for_itself(client: Client, mailbox: Catcher) -> None:
    confirmed(client, mailbox)
    own = signed(address="agency@example.org", name="Isolde Kettlewick")
    assert (own.state, own.mailbox_place) == (State.PUBLISHED, 1)


def test_the_representative_is_shown_nowhere(client: Client, mailbox: Catcher) -> None:
    signature = confirmed(client, mailbox)
    Signature.objects.filter(pk=signature.pk).update(
        state=State.PUBLISHED, number=7, published_at=signature.confirmed_at
    )
    for path in ("/", "/signatories/", "/signatories/7/", "/signatories/?q=kettlewick", "/press/"):
        page = client.get(path).content.replace(b'value="kettlewick"', b"")
        assert b"Isolde" not in page
    assert b"Isolde" not in csv_of(Signature.objects.public())


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("representative", ""), ("representative", "<b>"), ("representative_role", ""), ("representative_role", "x"), ("name", "")],
)  # fmt: skip
def test_a_wrong_field_is_explained_and_what_was_typed_is_kept(client: Client, field: str, wrong: str) -> None:
    text()
    typed = form(representative="Isolde Kettlewick", representative_role="agent") | {field: wrong}
    response = client.post("/sign/for/", typed)
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in response.content.decode()
    assert b"The Paper Lanterns" in response.content
    assert not Signup.objects.exists()


def test_the_usual_form_takes_no_representative(client: Client, mailbox: Catcher) -> None:
    text()
    client.post("/sign/", form(representative="Isolde Kettlewick", representative_role="agent"))
    assert Signup.objects.get().representative == ""
