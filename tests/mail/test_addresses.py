"""An address is decrypted once a batch, however many rules ask for it, and kept no longer than the batch."""

import gc
from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import MultiFernet
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.identity import mailbox as addresses
from signatories.identity.mailbox import MailboxCache
from signatories.mail import outbox, reminders
from signatories.mine import services as mine
from signatories.models import OutboundMail, Signup
from signatories.models.mailing import MailState
from tests.people import post_form, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def decrypted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was decrypted since, in its order."""
    seen: list[bytes] = []
    decrypt = MultiFernet.decrypt

    def counted(self: MultiFernet, token: bytes, ttl: int | None = None) -> bytes:
        seen.append(bytes(token))
        return decrypt(self, token, ttl)

    monkeypatch.setattr(MultiFernet, "decrypt", counted)
    return seen


def sealed() -> list[bytes]:
    """The sealed addresses of the outbox, each once."""
    rows = [*Signup.objects.values_list("address_sealed"), *OutboundMail.objects.values_list("address_sealed")]
    return sorted({bytes(found) for (found,) in rows})


def test_each_address_of_a_batch_is_decrypted_once(client: Client, mailbox: Catcher, decrypted: list[bytes]) -> None:
    """Signups, one of a mailbox that has signed, links that were asked for, some above the quota of their mailbox."""
    text()
    for n in range(12):
        post_form(client, name=f"Person {n}", email=f"person{n}@example.org")
    for n in range(8):
        post_form(client, name=f"Name {n}", email=f"many+{n}@example.org")
    signed(address="signed@example.org")
    for address in ("signed@example.org", "person3@example.org", "nobody@example.org"):
        mine.ask(address=address, language="en", now=timezone.now())
    Signup.objects.filter(address_digest=addresses.digest("signed@example.org")).update(confirmed_at=None)
    decrypted.clear()

    assert outbox.drain() == 12 + 5 + 1 + 2
    assert sorted(decrypted) == sealed()


def test_also_while_a_key_of_digests_is_rotated_and_a_row_cannot_be_opened(
    client: Client, mailbox: Catcher, decrypted: list[bytes], settings: Settings
) -> None:
    text()
    for n in range(4):
        post_form(client, name=f"Person {n}", email=f"person{n}@example.org")
    settings.DIGEST_KEY_FALLBACKS = [settings.DIGEST_KEY]
    settings.DIGEST_KEY = "another-key-of-digests"
    lost = Signup.objects.earliest("pk")
    Signup.objects.filter(pk=lost.pk).update(address_sealed=b"not sealed by us")
    decrypted.clear()

    assert outbox.drain() == 3
    assert Signup.objects.get(pk=lost.pk).mail_state == MailState.SET_ASIDE
    readable = [token for token in decrypted if token != b"not sealed by us"]
    assert sorted(readable) == [token for token in sealed() if token != b"not sealed by us"]


def test_a_reminder_shares_the_address_of_its_signup(
    client: Client, mailbox: Catcher, decrypted: list[bytes], settings: Settings
) -> None:
    text()
    post_form(client)
    outbox.drain()
    with time_machine.travel(timezone.now() + timedelta(hours=settings.REMINDER_HOURS + 1)):
        assert reminders.remind(timezone.now()) == 1
        decrypted.clear()
        assert outbox.drain() == 1
    assert decrypted == sealed()


def test_nothing_keeps_addresses_after_the_batch(client: Client, mailbox: Catcher) -> None:
    text()
    post_form(client)
    assert outbox.drain() == 1
    gc.collect()
    assert not [
        found for found in gc.get_objects() if type(found) is MailboxCache
    ]  # isinstance would wake lazy objects
