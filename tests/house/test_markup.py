"""Markup in a name is text everywhere: page, mail, list, CSV, desk (T27)."""

import csv
import io
import re

import pytest
from django.test import Client
from django.utils.html import escape

from signatories.identity.mailable import reads_as_name
from signatories.mail import outbox
from signatories.models import Signature
from tests.listed import csv_of
from tests.payloads import PAYLOADS
from tests.people import enter, organizer, read_mail, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def is_text(payload: str, page: str) -> None:
    """It stands in the page as it was typed, as words only: neither markup, nor a link, nor computed."""
    assert escape(payload) in page
    assert escape(payload) == payload or payload not in page
    assert not re.search(rf"""(href|src|action)=["']?{re.escape(escape(payload))}""", page)
    assert "1787569" not in page


@pytest.mark.parametrize("payload", PAYLOADS)
def test_stored_markup_is_shown_as_text(client: Client, payload: str) -> None:
    """Even a name that came past the form (an import, a mistake) runs nowhere."""
    signature = signed()
    Signature.objects.update(
        name=payload, name_latin=payload, affiliation=payload, profession="other", profession_other=payload
    )
    enter(client, organizer())
    for path in ("/", "/signatories/", f"/signatories/{signature.number}/", f"/desk/signatures/{signature.pk}/"):
        page = client.get(path).content.decode()
        is_text(payload, page)
    (row,) = csv.DictReader(io.StringIO(csv_of(Signature.objects.all()).decode("utf-8-sig")))
    for cell in ("name", "name_latin", "affiliation"):
        assert row[cell].lstrip("'") == payload.lstrip("'")


@pytest.mark.parametrize("typed", ["O'Brien & Sons", 'Ann "Bird" Vale', "{{name}}", "{% url %}"])
def test_odd_signs_pass_through_form_mail_and_list(client: Client, mailbox: Catcher, typed: str) -> None:
    text()
    client.post("/sign/", {"name": typed, "profession": "poet", "email": "ann@example.org", "appearance": "named"})
    mail = read_mail(mailbox)
    called = typed if reads_as_name(typed) else "the name that you typed"
    assert called in mail.text
    assert escape(called) in mail.html
    client.post(mail.path("confirm"))
    assert Signature.objects.get().name == typed
    outbox.drain()
    (thanks,) = [mail for mail in mailbox.mails if mail.is_thanks]
    assert typed in thanks.text
    assert escape(typed) in thanks.html


@pytest.mark.parametrize("query", PAYLOADS)
def test_a_search_is_echoed_as_text(client: Client, query: str) -> None:
    text()
    page = client.get("/signatories/", {"q": query}).content.decode()
    is_text(query, page)
