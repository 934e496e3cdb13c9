"""A creator sends the form."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from declaration.models import Text
from signatories.identity import consent
from signatories.models import Signature, Signup
from tests.people import form, post_form, read_mail, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def test_the_form_is_stored_and_mailed_and_nothing_is_public(client: Client, mailbox: Catcher) -> None:
    current = text()
    response = post_form(client, news="on", name_latin="", text=current.sha256, consent=consent.VERSION)
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
    assert not re.search("ann(@|%40)", response["Location"])
    assert b"ann@example.org" in client.get(response["Location"]).content


def test_a_slip_in_the_address_is_mended_with_one_button(client: Client, mailbox: Catcher) -> None:
    text()
    page = client.get(post_form(client, email="ann@gmial.com", affiliation="The Fallow Nine", news="on")["Location"])
    first = page.content.decode().partition('action="/sign/"')[2].partition("</form>")[0]
    assert "Yes: mail that address" in first
    kept = dict(re.findall(r'name="(\w+)" value="([^"]*)"', first))
    assert kept.pop("email") == "ann@gmail.com"
    assert client.post("/sign/", kept | {"email": "ann@gmail.com"}).status_code == 303
    mended = Signup.objects.latest("pk")
    assert (mended.name, mended.affiliation, mended.news) == ("Aveline Ashgrove", "The Fallow Nine", True)
    assert read_mail(mailbox, "ann@gmail.com").path("confirm")


@pytest.mark.parametrize("way", ["/sign/", "/sign/for/"])
def test_for_another_address_all_but_the_address_is_kept(client: Client, way: str) -> None:
    text()
    more = {"representative": "Rosa Reed", "representative_role": "agent"} if way == "/sign/for/" else {}
    page = client.get(client.post(way, form(name='Ann "Fen" Vale', **more))["Location"]).content.decode()
    again = page.partition(f'action="{way}"')[2].partition("</form>")[0]
    kept = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', again)}
    assert "email" not in kept
    filled = client.post(way, kept)
    assert filled.status_code == 422
    assert "Ann &quot;Fen&quot; Vale" in filled.content.decode()
    assert client.post(way, kept | {"email": "right@example.org"}).status_code == 303


def test_the_sent_page_opens_nothing_that_the_database_holds(client: Client) -> None:
    text()
    post_form(client, email="victim@example.org")
    sealed = bytes(Signup.objects.get().address_sealed).decode()
    page = client.get(f"/sign/sent/?to={sealed}")
    assert page.status_code == 200
    assert b"victim" not in page.content


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


@pytest.mark.usefixtures("in_one_window")
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
    read = text()
    Text.objects.create(version=2, language="en", title="Second", body="New words.", published_at=read.published_at)
    response = post_form(client, text=read.sha256)
    assert response.status_code == 422
    assert "read it again" in response.content.decode()
    assert "New words." in response.content.decode()
    assert not Signup.objects.exists()


@pytest.mark.parametrize("way", ["/sign/", "/sign/for/"])
def test_words_changed_under_the_same_number_are_read_again(client: Client, settings: Settings, way: str) -> None:
    """A published text that nobody has signed can still be edited; each process keeps the words for some seconds."""
    settings.PAGE_SECONDS = 60.0
    read = text()
    assert Text.current("en") == read
    changed = Text.objects.get(pk=read.pk)
    changed.body = "Quite other words."
    changed.save()
    more = {"representative": "Rosa Reed", "representative_role": "agent"} if way == "/sign/for/" else {}
    response = client.post(way, form(text=read.sha256, **more))
    assert response.status_code == 422
    page = response.content.decode()
    assert "read it again" in page
    assert "Quite other words." in page or way == "/sign/for/"
    assert 'value="Aveline Ashgrove"' in page
    assert not Signup.objects.exists()
    assert client.post(way, form(text=changed.sha256, **more)).status_code == 303
    changed.refresh_from_db()
    assert changed.locked_at


def test_a_text_published_in_the_future_is_not_shown_yet(client: Client) -> None:
    now = text()
    later = timezone.now() + timedelta(hours=1)
    Text.objects.create(version=2, language="en", title="Second", body="Later words.", published_at=later)
    assert "Later words." not in client.get("/").content.decode()
    assert post_form(client).status_code == 303
    assert Signup.objects.get().text == now
    with time_machine.travel(later + timedelta(seconds=1)):
        assert "Later words." in client.get("/").content.decode()


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
