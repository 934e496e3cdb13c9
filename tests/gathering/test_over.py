"""The page of an invitation that takes no answer any more says what is true: what is kept, and whether one can sign."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from declaration.models import Text, forget_current
from signatories.models import Closing, Invitee, StoppedMailbox
from signatories.models.closing import forget_end
from signatories.operations import closing
from signatories.privacy import retention
from tests.gathering.gathering import approved, gathering_partner, members, send_all, table
from tests.people import organizer, set_to, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
FINGERPRINT, STILL, ALLOWED = "keyed fingerprint of your address", "You can still sign", "Mails are allowed again"
ENDED, PAUSED = "Signing ended on", "Signing is paused for a while."
TO_SIGN = 'href="/#sign"'


@pytest.fixture
def path(mailbox: Catcher) -> str:
    """The page of somebody who was asked, and has not answered."""
    text()
    approved(gathering_partner(), table(members(1)))
    send_all()
    return mailbox.of("m0@union.example")[0].path("invited")


def page(path: str, status: int = 200) -> str:
    answer = Client().get(path)
    assert answer.status_code == status
    return answer.content.decode()


def end_and_settle() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        assert closing.end(organizer=organizer("ender"), now=timezone.now())
    assert closing.settle(timezone.now())


def erase() -> None:
    assert retention.erase_mailbox(address="m0@union.example", reason="asked by letter", now=timezone.now())


def test_who_did_not_answer_in_time_can_still_sign(path: str) -> None:
    retention.purge(timezone.now() + timedelta(days=31))
    words = page(path, 410)
    assert FINGERPRINT in words and STILL in words and TO_SIGN in words
    set_to(signing_open=False)
    words = page(path, 410)
    assert FINGERPRINT in words and PAUSED in words and STILL not in words and TO_SIGN not in words


def test_after_the_end_nothing_is_kept_of_who_did_not_answer(path: str) -> None:
    end_and_settle()
    words = page(path, 410)
    assert "What we were told about you is deleted." in words and ENDED in words
    assert FINGERPRINT not in words and STILL not in words and PAUSED not in words and TO_SIGN not in words


def test_without_a_text_nobody_can_sign(path: str) -> None:
    Text.objects.update(published_at=None)
    forget_current()
    retention.purge(timezone.now() + timedelta(days=31))
    words = page(path, 410)
    assert "What we were told about you is deleted." in words
    assert FINGERPRINT not in words and STILL not in words and TO_SIGN not in words


def test_who_was_erased_on_request_has_stopped_no_mails(path: str) -> None:
    erase()
    words = page(path)
    assert not StoppedMailbox.objects.exists()
    assert "We do not ask you again" in words and FINGERPRINT in words and STILL in words and TO_SIGN in words
    assert ALLOWED not in words


def test_who_was_erased_on_request_reads_that_signing_ended(path: str) -> None:
    erase()
    end_and_settle()
    words = page(path)
    assert FINGERPRINT in words and ENDED in words  # it is kept as long as the declaration
    assert STILL not in words and TO_SIGN not in words


def test_a_no_that_is_taken_back(path: str) -> None:
    Client().post(f"{path}no/")
    words = page(path)
    assert "No mail goes to this mailbox" in words and "Have you changed your mind?" in words
    told = Client().post(f"{path}no/", {"allow": "1"}).content.decode()
    assert ALLOWED in told and TO_SIGN in told
    words = page(path)
    assert FINGERPRINT in words and STILL in words and "No mail goes to this mailbox" not in words


def test_a_no_that_is_taken_back_after_the_end(path: str) -> None:
    Client().post(f"{path}no/")
    end_and_settle()
    words = page(path)
    assert "No mail goes to this mailbox" in words and 'name="allow"' in words and ENDED in words
    assert "sign as everybody does" not in words
    told = Client().post(f"{path}no/", {"allow": "1"}).content.decode()
    assert ALLOWED in told and ENDED in told and "you can sign" not in told and TO_SIGN not in told


def test_who_signed_is_led_to_the_own_page_as_long_as_there_is_an_address(path: str) -> None:
    Invitee.objects.update(answer="signed", name="", affiliation="", address_sealed=b"")
    assert "the link to its page" in page(path, 410)
    end_and_settle()
    assert "the link to its page" in page(path, 410)
    day = timezone.now().date()
    Closing.objects.update(addresses_until=day, addresses_deleted_at=timezone.now())
    forget_end()
    words = page(path, 410)
    assert "You have signed" in words and "the link to its page" not in words
