"""A group reads words for groups: on its forms, in its mails, and before it withdraws."""

import html
import re

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext
from pytest_django import Settings

from declaration import languages
from signatories.mail import outbox
from tests.groups.bands import band_of, form, own_page, publish, sign, words
from tests.people import form as form_of_person
from tests.people import text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def thanks(mailbox: Catcher, address: str) -> str:
    outbox.drain()
    (mail,) = [mail for mail in mailbox.of(address) if mail.is_thanks]
    body = mail.message.get_body(("html",))
    assert body
    plain, rich = (" ".join(html.unescape(part).split()) for part in (mail.text, words("<main" + body.get_content())))
    for words_of_both in ("Your group stands under the declaration", "has links for its members"):
        assert words_of_both in plain and words_of_both in rich
    return f"{mail.message['Subject']} {plain}"


def test_the_mail_of_thanks_speaks_of_the_group_and_leads_to_its_members(client: Client, mailbox: Catcher) -> None:
    publish(sign(client, mailbox))
    said = thanks(mailbox, "vera@example.org")
    assert said.startswith("Your group stands on the list: ")
    assert "Your name" not in said and "Should you ever wish" not in said
    assert "/mine/ " in f"{said} "


def test_the_pages_of_the_speaker_do_so_too(client: Client, mailbox: Catcher) -> None:
    publish(sign(client, mailbox))
    page = words(client.get(own_page(client, mailbox)).content.decode())
    assert re.search(r"Your group stands on the list as number [\d,]+\.", page)
    assert "Your name stands" not in page and "Show my name" not in page and "family name" not in page
    assert "The word by which the list is sorted, usually the first one that is no article." in page
    assert "so that everyone can find it" in page


def test_before_it_withdraws_it_reads_what_becomes_of_the_members(client: Client, mailbox: Catcher) -> None:
    _band, own, _links = band_of(client, mailbox, 1)
    page = words(client.get(f"{own}withdraw/").content.decode())
    assert "The members of the group keep their own signatures" in page and "They are not told of it." in page


def test_an_empty_form_asks_for_the_name_of_the_group(client: Client) -> None:
    text()
    page = words(client.post("/sign/group/", form(name="")).content.decode())
    assert "Please enter the name of the group." in page and "Please enter your name." not in page


def test_an_empty_form_for_somebody_else_asks_for_their_name(client: Client) -> None:
    text()
    page = words(client.post("/sign/for/", form_of_person(name="")).content.decode())
    assert "Please enter the name of the person you sign for." in page and "Please enter your name." not in page


@pytest.mark.parametrize(("count", "said"), [("999", "At most 100 members get a link."), ("9" * 30, "At most 100"),
                                             ("0", "Please say how many."), ("4.5", "Please say how many.")])  # fmt: skip
def test_too_many_links_are_refused_in_our_words(client: Client, mailbox: Catcher, count: str, said: str) -> None:
    _band, own, _links = band_of(client, mailbox, 1)
    page = words(client.post(f"{own}members/", {"count": count}).content.decode())
    assert said in page and "Ensure" not in page and "whole number" not in page


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_also_in_other_languages(client: Client, mailbox: Catcher, settings: Settings, language: str) -> None:
    settings.LANGUAGES = languages.known()
    _band, own, _links = band_of(client, mailbox, 1)
    with translation.override(language):
        too_many, none = (
            gettext("At most %(most)d members get a link.") % {"most": 100},
            gettext("Please say how many."),
        )
    assert too_many != "At most 100 members get a link."
    for count, said in (("999", too_many), ("0", none), ("x", none)):
        answer = client.post(f"/{language}{own}members/", {"count": count})
        assert answer.status_code == 422 and said in html.unescape(answer.content.decode())
