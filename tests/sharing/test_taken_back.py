"""What a card needs is given and taken back as a whole; nothing of it stays, and its address is told to nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from signatories.identity import consent
from signatories.models import Card, Signature
from signatories.models.signature import State
from signatories.privacy import retention
from tests.people import set_to, sign_up, signed
from tests.sharing.cards import hide, own, with_card
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("why", ["closed", "held", "embargo"])
def test_consent_is_not_taken_where_no_card_can_be_made(client: Client, why: str) -> None:
    """The page was opened before: its button asks for both, and gets both or nothing."""
    signature = signed()
    Signature.objects.update(shown_elsewhere=False, consent="2026-11-24")
    if why == "closed":
        set_to(list_public=False)
    elif why == "held":
        Signature.objects.update(state=State.HELD)
    else:
        hide()
    client.post(own(signature), {"consent": consent.VERSION})
    signature.refresh_from_db()
    assert (signature.shown_elsewhere, signature.consent) == (False, "2026-11-24")
    assert not Card.objects.exists()


@pytest.mark.parametrize("why", ["closed", "held", "embargo"])
def test_a_card_that_is_not_shown_can_be_removed(client: Client, why: str) -> None:
    card = with_card(client)
    if why == "closed":
        set_to(list_public=False)
    elif why == "held":
        Signature.objects.update(state=State.HELD)
    else:
        hide()
    assert 'name="remove"' in client.get(own(card.signature)).content.decode()
    client.post(own(card.signature), {"remove": "1"})
    assert not Card.objects.exists()


def test_an_old_mail_tells_no_address_of_a_card(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox).path("confirm")
    client.post(path)
    signature = Signature.objects.get()
    client.post(own(signature))
    card = Card.objects.get()
    assert card.token in client.get(path).content.decode()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        page = client.get(path).content.decode()
    assert card.token not in page
    assert f"/signatories/{signature.number}/" in page


@pytest.mark.parametrize(
    ("left", "stays"),
    [
        ({"state": State.WITHDRAWN, "withdrawn_at": timezone.now()}, False), ({"named": False}, False), ({"shown_elsewhere": False}, False),
        ({"state": State.HELD}, True), ({"state": State.REJECTED}, True), ({}, True),
    ],
)  # fmt: skip
def test_what_an_older_process_left_is_deleted(client: Client, left: dict[str, object], stays: bool) -> None:
    """It withdraws, hides and takes back without knowing cards; held and rejected ones come back with their signature."""
    with_card(client)
    Signature.objects.update(**left)
    for _twice in range(2):
        retention.purge(timezone.now())
        assert Card.objects.exists() is stays
