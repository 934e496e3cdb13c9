"""One mail of thanks when the signature stands, after all confirmations: public links only, so that it can be forwarded."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.queue import services as queue
from signatories.mail import outbox
from signatories.mine import services as mine
from signatories.models import OutboundMail, Signature, WatchedName
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import VerifiedAs
from tests.people import ADDRESS, organizer, post_form, sign_up, text
from tests.smtp import Catcher, Mail

pytestmark = pytest.mark.django_db


def thanks(mailbox: Catcher, address: str = ADDRESS) -> list[Mail]:
    """What came after the worker's job has run."""
    outbox.drain()
    return [mail for mail in mailbox.of(address) if mail.is_thanks]


@pytest.mark.parametrize("appearance", ["named", "unnamed"])
def test_who_stands_is_thanked_once_and_without_a_private_link(
    client: Client, mailbox: Catcher, appearance: str
) -> None:
    path = sign_up(client, mailbox, appearance=appearance).path("confirm")
    for _ in range(2):
        client.post(path)
    (mail,) = thanks(mailbox)
    signature = Signature.objects.get()
    for part in (mail.text, mail.html):
        assert (signature.get_absolute_url() in part) is (appearance == "named")
        assert "http://testserver/mine/" in part
        for private in ("/mine/1", "/confirm/", "/stop/", signature.domain, ADDRESS):
            assert private not in part
    assert mail.message["List-Unsubscribe"] is None
    assert thanks(mailbox) == [mail]


def test_who_is_held_is_thanked_when_it_is_decided(client: Client, mailbox: Catcher) -> None:
    WatchedName.objects.create(name="Aveline Ashgrove")
    client.post(sign_up(client, mailbox).path("confirm"))
    assert thanks(mailbox) == []
    held = Signature.objects.get()
    Signature.objects.update(verified_as=VerifiedAs.NAMESAKE)
    queue.publish(signature_id=held.pk, organizer=organizer(), reason="knows them", now=timezone.now())
    assert len(thanks(mailbox)) == 1


def test_who_is_not_there_any_more_is_not_thanked(client: Client, mailbox: Catcher) -> None:
    client.post(sign_up(client, mailbox).path("confirm"))
    signature = Signature.objects.get()
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    assert thanks(mailbox) == []
    mine.undo(signature_id=signature.pk, now=timezone.now())
    assert len(thanks(mailbox)) == 1


def test_who_said_stop_is_not_thanked(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    client.post(mail.path("stop"))
    client.post(mail.path("confirm"))
    assert thanks(mailbox) == []


def test_confirmations_go_first(client: Client, mailbox: Catcher, settings: Settings) -> None:
    settings.OUTBOX_BATCH = 3
    text()
    for n in range(4):
        post_form(client, email=f"first{n}@example.org", name=f"First {chr(65 + n)}")
    outbox.drain()
    for n in range(4):
        client.post(mailbox.of(f"first{n}@example.org")[0].path("confirm"))
    OutboundMail.objects.filter(kind=MailKind.THANKS).update(mail_due_at=timezone.now() - timedelta(hours=1))
    mailbox.mails.clear()
    for n in range(4):
        post_form(client, email=f"next{n}@example.org", name=f"Next {chr(65 + n)}")
    outbox.drain()
    assert [mail.is_thanks for mail in mailbox.mails] == [False] * 4 + [True] * 4


def test_half_of_an_hours_mails_are_kept_for_confirmations(
    client: Client, mailbox: Catcher, settings: Settings
) -> None:
    client.post(sign_up(client, mailbox).path("confirm"))
    settings.MAIL_PER_HOUR = 4
    for n in range(3):
        post_form(client, email=f"next{n}@example.org", name=f"Next {chr(65 + n)}")
    assert thanks(mailbox) == []
    assert outbox.oldest_due(timezone.now()) == 0
    post_form(client, email="last@example.org", name="Last One")
    outbox.drain()
    assert mailbox.of("last@example.org")
