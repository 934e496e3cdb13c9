"""The owner of a mailbox stops our mails: what still comes, and how they are allowed again."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from signatories.mail import outbox
from signatories.models import Act, OutboundMail, Signature, Signup, StoppedMailbox
from signatories.models.act import Verb
from signatories.operations import closing
from signatories.privacy import retention
from tests.people import ADDRESS, organizer, post_form, read_mail, sign_up
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def test_who_has_signed_still_gets_the_link_to_the_own_page(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    client.post(mail.path("confirm"))
    client.post(mail.path("stop"))
    client.post("/mine/", {"email": ADDRESS})
    own = read_mail(mailbox).path("mine")
    assert client.get(own).status_code == 200
    assert client.post(f"{own}withdraw/").status_code == 303


def test_who_has_signed_is_not_asked_again_by_a_stranger(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    client.post(mail.path("confirm"))
    client.post(mail.path("stop"))
    post_form(client, name="Somebody Else")
    assert outbox.drain() == 0


def test_who_has_not_signed_gets_nothing_whoever_types_the_address(client: Client, mailbox: Catcher) -> None:
    client.post(sign_up(client, mailbox).path("stop"))
    post_form(client, name="Somebody Else")
    client.post("/mine/", {"email": ADDRESS})
    assert outbox.drain() == 0


def test_the_link_allows_mails_again_when_the_form_is_long_forgotten(client: Client, mailbox: Catcher) -> None:
    stop = sign_up(client, mailbox).path("stop")
    client.post(stop)
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        retention.forget(timezone.now())
        assert not Signup.objects.exists()
        page = client.get(stop)
        assert page.status_code == 200
        assert b"Allow mails again" in page.content
        assert b"allowed again" in client.post(stop, {"allow": "1"}).content
        assert not StoppedMailbox.objects.exists()
        assert client.get(stop).status_code == 404  # it can do nothing more
        assert sign_up(client, mailbox).path("confirm")


def test_after_the_end_nobody_is_told_to_sign(client: Client, mailbox: Catcher) -> None:
    stop = sign_up(client, mailbox).path("stop")
    client.post(stop)
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        retention.forget(timezone.now())
        assert closing.end(organizer=organizer("ender"), now=timezone.now())
        page = client.post(stop, {"allow": "1"}).content.decode()
    assert "Mails are allowed again" in page
    assert "Signing ended on" in page
    assert "You can sign" not in page


def test_the_link_of_somebody_else_allows_nothing(client: Client, mailbox: Catcher) -> None:
    client.post(sign_up(client, mailbox).path("stop"))
    other = sign_up(client, mailbox, email="other@example.org", name="Otto Other").path("stop")
    client.post(other, {"allow": "1"})
    assert StoppedMailbox.objects.count() == 1


def test_the_pages_name_this_cause_to_everybody(client: Client, mailbox: Catcher) -> None:
    stopped = sign_up(client, mailbox).path("stop")
    client.post(stopped)
    shown = []
    for address in (ADDRESS, "nobody@example.org"):
        shown.append(client.get(post_form(client, email=address)["Location"]).content.decode().replace(address, ""))
        assert "stopped our mails" in client.post("/mine/", {"email": address}, follow=True).content.decode()
    assert "Have you stopped our mails" in shown[0]
    assert len(shown[0]) == len(shown[1])


def test_the_desk_says_that_nothing_is_sent_and_allows_mails_again(
    client: Client, desk: Client, mailbox: Catcher
) -> None:
    client.post(sign_up(client, mailbox).path("stop"))
    page = f"/desk/signups/{Signup.objects.get().pk}/"
    assert b"No mail is sent" in desk.post(page, follow=True).content
    assert outbox.drain() == 0
    assert not Act.objects.filter(verb=Verb.RESEND).exists()
    assert b"say why" in desk.post(f"{page}mails/", {"reason": ""}, follow=True).content
    assert StoppedMailbox.objects.exists()
    assert b"allowed again" in desk.post(f"{page}mails/", {"reason": "wrote on 3 May"}, follow=True).content
    assert Act.objects.get(verb=Verb.ALLOW).reason == "wrote on 3 May"
    desk.post(page)
    assert outbox.drain() == 1


def test_the_desk_tells_when_the_link_was_mailed(client: Client, desk: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox)
    client.post(mail.path("confirm"))
    client.post(mail.path("stop"))
    page = f"/desk/signatures/{Signature.objects.get().pk}/"
    assert b"waits to be sent" in desk.post(f"{page}resend/", follow=True).content
    assert outbox.drain() == 1
    assert b"(the link to the own page): handed to the mail server" in desk.get(page).content
    desk.post(f"{page}mails/", {"reason": "asked by phone"})
    assert not StoppedMailbox.objects.exists()


def test_forms_of_a_stranger_do_not_use_up_the_link_to_the_own_page(client: Client, mailbox: Catcher) -> None:
    """E32: five forms in the address of somebody who has signed, and the owner can still withdraw."""
    client.post(sign_up(client, mailbox).path("confirm"))
    for n in range(8):
        post_form(client, name=f"Stranger {'abcdefgh'[n]}")
    outbox.drain()
    client.post("/mine/", {"email": ADDRESS})
    assert read_mail(mailbox).path("mine")


def test_links_that_strangers_ask_for_do_not_use_up_the_confirmation(client: Client, mailbox: Catcher) -> None:
    morning = timezone.now().replace(hour=1) + timedelta(
        days=1
    )  # all on one day, as the mails of a mailbox are counted
    with time_machine.travel(morning) as clock:
        post_form(client, email="other@example.org")  # publishes the text
        client.post(sign_up(client, mailbox).path("confirm"))
        for n in range(8):
            clock.move_to(morning + timedelta(minutes=11 * n))
            client.post("/mine/", {"email": ADDRESS})
            outbox.drain()
        assert OutboundMail.objects.filter(sent_at=None).exists()
        assert "Bram" in sign_up(client, mailbox, name="Bram Bellweather").text
