"""Who is responsible for what, told to those who were asked and on the page of a partner that hands names over."""

import html
import re

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from signatories.gathering import services
from signatories.models import Partner
from signatories.partners import kit
from tests.gathering.gathering import approved, gathering_partner, send_all, table
from tests.partners.partners import partner
from tests.people import organizer, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
WILMA = ("Wilma Fernhill", "wilma@union.example", "singer", "en")
OWN = {"en": "We asked at the door; the operator does all else.", "fr": "Nous avons demandé à la porte."}


def words(page: str) -> str:
    """What a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page.partition("<main")[2])).split())


def invited(client: Client, mailbox: Catcher) -> str:
    return words(client.get(mailbox.of(WILMA[1])[0].path("invited")).content.decode())


def with_page(client: Client, language: str = "") -> str:
    caches["default"].clear()
    return words(client.get(f"{language}/with/stage-hands/").content.decode())


def test_the_page_of_the_invitation_tells_the_duties_of_both(client: Client, mailbox: Catcher) -> None:
    text()
    union = gathering_partner()
    Partner.objects.filter(pk=union.pk).update(site="https://union.example/")
    approved(union, table([WILMA]))
    send_all()
    page = invited(client, mailbox)
    assert "it hands over names and addresses: it answers for having asked them, keeps the proof" in page
    assert "keeps these addresses encrypted" in page and settings.OPERATOR_NAME in page
    assert "You can turn to either of the two" in page
    assert "https://union.example/" in client.get(mailbox.of(WILMA[1])[0].path("invited")).content.decode()


def test_the_mail_tells_that_people_can_turn_to_either(mailbox: Catcher) -> None:
    text()
    approved(gathering_partner(), table([WILMA]))
    send_all()
    (mail,) = mailbox.of(WILMA[1])
    for part in (mail.text, re.sub("<[^>]+>", "", mail.html)):
        assert "Union of Stage Hands is responsible with us for having asked you" in " ".join(part.split())


@pytest.mark.parametrize(("language", "told"), [("en", OWN["en"]), ("fr", OWN["fr"])])
def test_words_that_the_partner_has_of_its_own_stand_there(
    client: Client, mailbox: Catcher, language: str, told: str
) -> None:
    text()
    union = gathering_partner()
    Partner.objects.filter(pk=union.pk).update(duties=OWN)
    approved(union, table([(*WILMA[:3], language)]))
    send_all()
    page = invited(client, mailbox)
    assert told in page and "it hands over names" not in page
    assert told in with_page(client, "/fr" if language == "fr" else "")


def test_the_page_of_the_partner_says_whether_it_hands_names_over(client: Client) -> None:
    text()
    partner("House of Reeds", "reeds")
    union = gathering_partner()
    page = with_page(client)
    assert "it hands over names and addresses" in page and "You can turn to either of the two" in page
    caches["default"].clear()
    other = words(client.get("/with/reeds/").content.decode())
    assert "passes the link on to its own people, and answers for how it does so" in other
    assert "hands over" not in other
    services.end_grant(partner_id=union.pk, account=organizer("ender"), now=timezone.now())
    assert "it hands over names" not in with_page(client)


def test_the_mail_of_the_kit_does_not_say_that_no_address_is_given_to_anybody() -> None:
    text()
    told, other = (kit.of_partner(one, "en") for one in (gathering_partner(), partner("House of Reeds", "reeds")))
    assert told and other
    assert "the addresses of those alone who agreed to that" in told.body
    assert "We have given your address to nobody" not in told.body
    assert "We have given your address to nobody" in other.body
