"""Who has not confirmed is reminded once, after two days, and then forgotten (L2)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from signatories.mail import outbox, reminders
from signatories.models import Signature, Signup
from signatories.privacy import retention
from tests.people import set_to, sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def after(hours: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(hours=hours))


def remind(catcher: Catcher) -> int:
    """Let the jobs run; how many mails came of it."""
    outbox.drain()
    before = len(catcher.mails)
    reminders.remind(timezone.now())
    outbox.drain()
    return len(catcher.mails) - before


def test_once_after_two_days_and_never_again(client: Client, mailbox: Catcher) -> None:
    first = sign_up(client, mailbox)
    with after(47):
        assert remind(mailbox) == 0
    with after(49):
        assert remind(mailbox) == 1
        assert remind(mailbox) == 0
    mail = mailbox.mails[-1]
    assert mail.path("confirm") == first.path("confirm")
    assert mail.code == first.code
    assert "Aveline" not in mail.message["Subject"]
    for day in (4, 12, 20, 29):
        with after(24 * day):
            retention.forget(timezone.now())
            assert remind(mailbox) == 0
    with after(24 * 20):
        assert client.post(mail.path("confirm")).status_code == 303


def test_who_confirmed_is_not_reminded(client: Client, mailbox: Catcher) -> None:
    client.post(sign_up(client, mailbox).path("confirm"))
    with after(49):
        assert remind(mailbox) == 0


def test_a_mailbox_that_has_signed_is_not_reminded_of_a_second_form(client: Client, mailbox: Catcher) -> None:
    signed()
    sign_up(client, mailbox, name="Aveline Ashgrove-Vane")
    with after(49):
        assert remind(mailbox) == 0


def test_of_several_forms_only_the_newest_is_reminded_of(client: Client, mailbox: Catcher) -> None:
    sign_up(client, mailbox, name="Avelinne Ashgrove")
    newest = sign_up(client, mailbox)
    with after(49):
        assert remind(mailbox) == 1
    assert mailbox.mails[-1].path("confirm") == newest.path("confirm")


def test_who_said_stop_is_not_reminded(client: Client, mailbox: Catcher) -> None:
    client.post(sign_up(client, mailbox).path("stop"))
    with after(49):
        assert remind(mailbox) == 0


def test_it_can_be_switched_off(client: Client, mailbox: Catcher) -> None:
    sign_up(client, mailbox)
    set_to(reminders=False)
    with after(49):
        assert remind(mailbox) == 0


def test_what_was_never_confirmed_is_deleted(client: Client, mailbox: Catcher) -> None:
    sign_up(client, mailbox)
    with after(24 * 29):
        retention.forget(timezone.now())
        assert Signup.objects.count() == 1
    with after(24 * 31):
        retention.forget(timezone.now())
    assert not Signup.objects.exists()


def test_age_counts_from_the_mail_that_an_outage_held_back(client: Client, mailbox: Catcher) -> None:
    """F6: asked for forty days ago, mailed five days ago: neither forgotten nor too old."""
    path = sign_up(client, mailbox).path("confirm")
    now = timezone.now()
    Signup.objects.update(created_at=now - timedelta(days=40), sent_at=now - timedelta(days=5))
    retention.forget(now)
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 303
    assert Signature.objects.count() == 1


def test_a_link_whose_form_is_deleted_says_that_links_end(client: Client, mailbox: Catcher) -> None:
    """T4: from the hour on in which it ends nothing is left that could say 410."""
    path = sign_up(client, mailbox).path("confirm")
    with after(24 * 30 + 0.1):
        assert client.get(path).status_code == 410
        retention.forget(timezone.now())
        answer = client.get(path)
        assert answer.status_code == client.post(path).status_code == 404
        assert "older than 30 days" in answer.content.decode()
        assert 'href="/#sign"' in answer.content.decode()
        assert "older than" not in client.get(path[:-5] + "/").content.decode()  # cut off


def test_the_form_of_who_confirmed_is_deleted_and_the_signature_stays(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox).path("confirm")
    client.post(path)
    with after(24 * 31):
        retention.forget(timezone.now())
    assert not Signup.objects.exists()
    assert client.get(path).status_code == 404
    assert b"Aveline Ashgrove" in client.get("/signatories/").content
