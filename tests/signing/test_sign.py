"""A creator sends the form."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from signatories.identity import consent
from signatories.models import Signature, Signup
from tests.people import form, post_form, read_mail, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def test_the_form_is_stored_and_mailed_and_nothing_is_public(client: Client, mailbox: Catcher) -> None:
    current = text()
    response = post_form(client, news="on", name_latin="", text=current.pk)
    assert response.status_code == 303
    assert response["Location"].startswith("/sign/sent/?to=")
    signup = Signup.objects.get()
    assert (signup.name, signup.profession, signup.country.code, signup.named, signup.news) == (
        "Aveline Ashgrove", "singer", "IE", True, True,
    )  # fmt: skip
    # One row shows all: which text, which consent, from where, when (L1).
    assert signup.text == current
    assert (signup.consent, signup.source, signup.language) == (consent.VERSION, "form", "en")
    assert str(consent.SENTENCES[signup.consent]) in client.get("/").content.decode()
    current.refresh_from_db()
    assert current.locked_at
    assert not Signature.objects.exists()
    mail = read_mail(mailbox)
    assert "Aveline Ashgrove" in mail.text
    assert client.get("/signatories/").content.count(b"Aveline") == 0


def test_the_sent_page_shows_the_address_but_its_own_address_does_not(client: Client) -> None:
    text()
    response = post_form(client)
    assert "ann" not in response["Location"]
    assert b"ann@example.org" in client.get(response["Location"]).content


def test_a_garbled_sent_page_still_explains(client: Client) -> None:
    for query in ("", "?to=", "?to=garbled", "?to=%FF%FE"):
        assert client.get(f"/sign/sent/{query}").status_code == 200


def test_get_leads_to_the_form(client: Client) -> None:
    assert client.get("/sign/")["Location"] == "/#sign"


def test_signing_costs_one_insert_and_no_look_up(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    text()
    post_form(client, email="first@example.org")  # locks the text
    with django_assert_num_queries(2) as made:  # the text and the INSERT
        post_form(client)
    assert sum(query["sql"].startswith("INSERT") for query in made.captured_queries) == 1
    assert sum("signatories_" in query["sql"] for query in made.captured_queries) == 1


def test_sending_twice_is_one_signup(client: Client) -> None:
    text()
    answers = [post_form(client).status_code for _ in range(3)]
    assert answers == [303] * 3
    assert Signup.objects.count() == 1


def test_nothing_is_preselected_and_appearance_is_asked(client: Client) -> None:
    text()
    assert b" checked" not in client.get("/").content
    response = post_form(client, appearance=None)
    assert response.status_code == 422
    assert "Please choose whether your name is shown." in response.content.decode()
    assert not Signup.objects.exists()


def test_a_text_changed_meanwhile_is_read_again(client: Client) -> None:
    current = text()
    response = post_form(client, text=current.pk + 1000)
    assert response.status_code == 422
    assert "read it again" in response.content.decode()
    assert not Signup.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "[broken"}, 403),
    ],
)
def test_forms_come_from_our_own_pages(client: Client, headers: dict[str, str], status: int) -> None:
    text()
    assert client.post("/sign/", form(), headers=headers).status_code == status
    assert Signup.objects.count() == (status == 303)


def test_two_people_sign_from_one_page_that_was_kept(client: Client) -> None:
    """T26: nothing in the page is one visitor's; browsers that check nothing and have no cookie may send its form."""
    text()
    page = client.get("/")
    assert not page.cookies
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
    for n in range(2):
        stranger = Client(enforce_csrf_checks=True)
        sent = form(name=f"Person {n}", email=f"p{n}@example.org") | dict(hidden)
        assert stranger.post("/sign/", sent).status_code == 303
    assert Signup.objects.count() == 2


@pytest.mark.parametrize("header", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST"])
def test_links_never_come_from_the_request(client: Client, mailbox: Catcher, header: str) -> None:
    """T9."""
    text()
    response = client.post("/sign/", form(), **{header: "evil.example"})  # type: ignore[arg-type]
    assert response.status_code == (400 if header == "HTTP_HOST" else 303)
    if response.status_code == 303:
        mail = read_mail(mailbox)
        assert "http://testserver/confirm/" in mail.text
        assert "evil" not in mail.message.as_string()
