"""A signer asks for the link to the own page. Strangers get the same answer for every address."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signatories.mail import outbox
from signatories.mine import services
from signatories.models import OutboundMail
from signatories.models.mailing import MailState
from tests.people import ADDRESS, read_mail, sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def ask(client: Client, address: str = ADDRESS) -> None:
    assert client.post("/mine/", {"email": address}).status_code == 303


def test_the_link_is_mailed_and_opens_the_page(client: Client, mailbox: Catcher) -> None:
    signed()
    ask(client)
    mail = read_mail(mailbox)
    assert "Aveline" not in mail.message["Subject"]
    page = client.get(mail.path("mine"))
    assert page.status_code == 200
    assert b"Aveline Ashgrove" in page.content
    assert "no-store" in page["Cache-Control"]
    assert page["X-Robots-Tag"] == "noindex"


def test_it_comes_in_the_language_of_the_page(client: Client, mailbox: Catcher) -> None:
    signed()
    client.post("/fr/mine/", {"email": ADDRESS})
    mail = read_mail(mailbox)
    assert mail.path("mine")
    assert "/fr/mine/" in mail.text
    assert "Bonjour" in mail.text


def test_an_unknown_address_is_mailed_nothing(client: Client, mailbox: Catcher) -> None:
    signed()
    ask(client, "nobody@example.org")
    assert outbox.drain() == 0
    assert OutboundMail.objects.get().mail_state == MailState.SET_ASIDE
    assert mailbox.mails == []


def test_who_has_not_confirmed_is_mailed_the_way_to_confirm(client: Client, mailbox: Catcher) -> None:
    first = sign_up(client, mailbox)
    ask(client)
    assert read_mail(mailbox).path("confirm") == first.path("confirm")


def test_the_answer_is_the_same_for_everybody(client: Client) -> None:
    signed()
    withdrawn = signed(address="gone@example.org", name="Bram Bellweather")
    services.withdraw(signature_id=withdrawn.pk, now=timezone.now())
    answers = set()
    for address in (ADDRESS, "gone@example.org", "nobody@example.org", "ANN+x@example.org"):
        with CaptureQueriesContext(connection) as queries:
            response = client.post("/mine/", {"email": address})
        shapes = [query["sql"].split("VALUES")[0] for query in queries]
        shapes = [shape for shape in shapes if "signatories_closing" not in shape]  # asked for every two seconds
        answers.add((response.status_code, response["Location"], response.content, *shapes))
    assert len(answers) == 1


def test_at_most_five_a_day_whatever_is_asked(client: Client, mailbox: Catcher) -> None:
    signed()
    for tag in range(12):
        client.post(f"{'/fr' * (tag % 2)}/mine/", {"email": "ann@example.org"})
        OutboundMail.objects.filter(pk=OutboundMail.objects.latest("pk").pk).update(once=bytes([tag]))
    outbox.drain()
    assert 1 <= len(mailbox.mails) <= 5


@pytest.mark.parametrize("typed", ["", "ann", "a\0@example.org", "ann@example.org\r\nBcc: b@example.org"])
def test_a_wrong_address_is_explained(client: Client, typed: str) -> None:
    response = client.post("/mine/", {"email": typed})
    assert response.status_code == 422
    assert b'id="id_email_error"' in response.content
    assert not OutboundMail.objects.exists()


def test_another_site_cannot_ask(client: Client) -> None:
    response = client.post("/mine/", {"email": ADDRESS}, headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert not OutboundMail.objects.exists()
