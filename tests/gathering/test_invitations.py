"""Somebody who was named gets one mail, and answers: signs, says no, says that they never agreed, or does nothing."""

import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from signatories.gathering import services
from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.mail import outbox
from signatories.models import Alarm, GatheredBatch, Invitee, Signature, Signup, StoppedMailbox
from signatories.models.signature import State
from signatories.privacy import own_data, retention
from signatories.screening import alerts
from tests.gathering.gathering import approved, gathering_partner, members, send_all, signing_form, table
from tests.people import post_form, read_mail, signed, text
from tests.press.early import hide
from tests.smtp import Catcher, Mail

pytestmark = pytest.mark.django_db(transaction=True)
WILMA = "wilma@union.example"
ROWS = [("Wilma Fernhill", WILMA, "singer", "en"), ("Bram Oake", "bram@union.example", "actor", "fr")]


@pytest.fixture
def batch(mailbox: Catcher) -> GatheredBatch:
    """A batch of two people who have had their mail."""
    text()
    made = approved(gathering_partner(), table(ROWS))
    send_all()
    return made


def mail_of(mailbox: Catcher, address: str = WILMA) -> Mail:
    (mail,) = mailbox.of(address)
    return mail


def test_the_mail_tells_everything_that_somebody_must_be_told(batch: GatheredBatch, mailbox: Catcher) -> None:
    mail = mail_of(mailbox)
    for part in (mail.text, re.sub(r"\s+", " ", re.sub("<[^>]+>", "", mail.html))):
        for told in (
            "Union of Stage Hands told us", settings.OPERATOR_NAME, "Olive Tarn, secretary", "the page for members",
            "October 2026", "deleted after 30 days", "complain to the data protection authority", "Who receives it", "6(1)(a)",
        ):  # fmt: skip
            assert told in part, told
    assert "Wilma" not in mail.message["Subject"]
    assert mail.message["List-Unsubscribe"].strip("<>").endswith("/no/")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    french = mail_of(mailbox, "bram@union.example")
    assert "/fr/invited/" in french.text


def test_whoever_is_asked_answers_while_an_embargo_holds(
    batch: GatheredBatch, mailbox: Catcher, client: Client
) -> None:
    hide()
    path = mail_of(mailbox).path("invited")
    page = client.get(path)
    assert page.status_code == 200
    assert "your name is shown to nobody but invited press" in page.content.decode()
    assert client.get(f"{path}data.json").status_code == 200
    assert client.get("/signatories/").status_code == 404
    assert client.post(path, signing_form()).status_code == 303
    signature = Signature.objects.get()
    assert client.get(signature.get_absolute_url()).status_code == 404
    assert client.post(mail_of(mailbox, "bram@union.example").path("invited") + "no/").status_code == 200


def test_nobody_is_mailed_before_an_hour_has_passed(mailbox: Catcher) -> None:
    text()
    made = approved(gathering_partner(), table(ROWS))
    GatheredBatch.objects.filter(pk=made.pk).update(starts_at=timezone.now() + timedelta(minutes=1))
    send_all()
    assert mailbox.of(WILMA) == []
    send_all(timezone.now() + timedelta(minutes=2))
    assert len(mailbox.of(WILMA)) == 1


def test_to_look_at_the_page_signs_nothing(batch: GatheredBatch, mailbox: Catcher, client: Client) -> None:
    path = mail_of(mailbox).path("invited")
    for _ in range(2):
        page = client.get(path)
    words = page.content.decode()
    assert 'value="Wilma Fernhill"' in words
    assert "checked" not in words  # nothing is chosen for them
    assert page["Cache-Control"] and "noindex" in words
    assert client.get(f"{path}no/").status_code == 303
    assert not Signature.objects.exists() and not Signup.objects.exists()
    assert set(Invitee.objects.values_list("answer", flat=True)) == {""}


def test_they_sign_with_what_they_changed_and_are_counted_by_the_partner(
    batch: GatheredBatch, mailbox: Catcher, client: Client
) -> None:
    path = mail_of(mailbox).path("invited")
    answer = client.post(path, signing_form(profession="composer", appearance="named"))
    assert answer.status_code == 303
    signature = Signature.objects.get()
    assert (signature.name, signature.profession, signature.state) == ("Wilma Fernhill", "composer", State.PUBLISHED)
    assert (signature.source, signature.language) == ("invited", "en")
    assert signature.channel and signature.channel.partner == batch.partner
    done = client.get(answer["Location"])
    assert done.status_code == 200
    invitee = Invitee.objects.get(answer="signed")
    assert (invitee.name, bytes(invitee.address_sealed)) == ("", b"")
    # Pressed twice, or opened again: the same page, and nothing more.
    again = client.post(path, signing_form())
    assert client.get(path)["Location"] == again["Location"] == answer["Location"]
    assert Signature.objects.count() == 1
    send_all()
    assert [mail.is_thanks for mail in mailbox.of(WILMA)] == [False, True]


def test_what_is_missing_is_asked_for_and_what_was_typed_is_kept(
    batch: GatheredBatch, mailbox: Catcher, client: Client
) -> None:
    path = mail_of(mailbox).path("invited")
    sent = signing_form(name="Wilma Of The Fernhill")
    del sent["appearance"]
    answer = client.post(path, sent)
    assert answer.status_code == 422
    words = answer.content.decode()
    assert "Please choose whether your name is shown." in words and "Wilma Of The Fernhill" in words
    assert not Signup.objects.exists()


def test_who_has_signed_meanwhile_is_not_counted_twice(batch: GatheredBatch, mailbox: Catcher, client: Client) -> None:
    path = mail_of(mailbox).path("invited")
    signed(address=WILMA, name="Wilma Fernhill")
    answer = client.post(path, signing_form())
    page = client.get(answer["Location"]).content.decode()
    assert "has already signed" in page
    assert Signature.objects.count() == 1


@pytest.mark.parametrize(("sent", "said"), [({}, "declined"), ({"never": "1"}, "never")])
def test_a_no_is_one_press_and_forgets_the_person(
    batch: GatheredBatch, mailbox: Catcher, client: Client, sent: dict[str, str], said: str
) -> None:
    path = mail_of(mailbox).path("invited")
    answer = client.post(f"{path}no/", sent)
    assert answer.status_code == 200  # no redirect: RFC 8058
    assert "We do not ask you again" in answer.content.decode()
    invitee = Invitee.objects.get(answer=said)
    assert (invitee.name, bytes(invitee.address_sealed), invitee.letters.count()) == ("", b"", 0)
    assert StoppedMailbox.objects.count() == 1
    assert client.post(path, signing_form()).status_code == 200
    assert not Signup.objects.exists()
    # Strangers can cause it no mail; it may change its mind.
    post_form(client, email=WILMA)
    outbox.drain()
    assert len(mailbox.of(WILMA)) == 1
    client.post(f"{path}no/", {"allow": "1"})
    assert not StoppedMailbox.objects.exists()
    post_form(client, email=WILMA)
    assert "/confirm/" in read_mail(mailbox, WILMA).text


def test_a_no_after_signing_changes_nothing(batch: GatheredBatch, mailbox: Catcher, client: Client) -> None:
    path = mail_of(mailbox).path("invited")
    client.post(path, signing_form())
    client.post(f"{path}no/", {"never": "1"})
    assert Signature.objects.get().state == State.PUBLISHED
    assert not StoppedMailbox.objects.exists()


def test_a_link_of_somebody_else_or_bent_opens_nothing(batch: GatheredBatch, mailbox: Catcher, client: Client) -> None:
    path = mail_of(mailbox).path("invited")
    link = path.split("/")[-2]
    number, _dot, mac = link.partition(".")
    next_row = (links.row_of(link, Purpose.GATHERED) or 0) + 1
    other = links.make(Purpose.GATHERED, next_row, b"").partition(".")[0]
    for bent in (
        f"{other}.{mac}",
        f"{next_row}.{mac}",
        f"{number}.{mac[::-1]}",
        number,
        "0.x",
        f"{number}.{mac}x",
        "9" * 25,
    ):
        for shown in (client.get(f"/invited/{bent}/"), client.post(f"/invited/{bent}/no/")):
            assert shown.status_code == 404, bent
    assert client.get(path.replace("/invited/", "/confirm/")).status_code == 404


def test_a_wrong_link_of_an_invitation_gives_one_answer_with_ways_that_are_there(
    batch: GatheredBatch, mailbox: Catcher, client: Client
) -> None:
    number, _dot, mac = mail_of(mailbox).path("invited").split("/")[-2].partition(".")
    wrong = (
        f"{number}.{mac[:-3]}xxx",
        f"{number}.{mac[::-1]}",
        f"{links.hidden(Purpose.GATHERED, 1000)}.{mac}",
        f"1000.{mac}",
        number,
        "0.x",
        "garbled",
    )
    pages = {client.get(f"/invited/{link}/").content.decode().replace(f"/{link}/", "/LINK/") for link in wrong}
    assert len(pages) == 1
    (page,) = pages
    for words in ("Copy the whole address", "Do you want to say no, or never to be asked?", settings.OPERATOR_EMAIL):
        assert words in page
    assert "type the code" not in page and "sign once more" not in page
    for link in wrong:
        for answer in (client.post(f"/invited/{link}/no/"), client.get(f"/invited/{link}/data.json")):
            assert (answer.status_code, "never to be asked?" in answer.content.decode()) == (404, True)


def test_what_is_stored_about_them_can_be_seen(batch: GatheredBatch, mailbox: Catcher, client: Client) -> None:
    path = mail_of(mailbox).path("invited")
    stored = json.loads(client.get(f"{path}data.json").content)
    assert stored["name"] == "Wilma Fernhill"
    assert stored["address"] == WILMA
    assert stored["given_by"] == "Union of Stage Hands"
    assert stored["asked_in"].startswith("Yes,")
    assert own_data.of_mailbox(WILMA)["invitations"] == [stored]
    client.post(f"{path}no/")
    assert client.get(f"{path}data.json").status_code == 404


def test_the_link_can_be_asked_for_by_its_mailbox(batch: GatheredBatch, mailbox: Catcher, client: Client) -> None:
    client.post("/mine/", {"email": WILMA})
    outbox.drain()
    assert mailbox.of(WILMA)[-1].path("invited") == mail_of_first(mailbox).path("invited")


def mail_of_first(mailbox: Catcher) -> Mail:
    return mailbox.of(WILMA)[0]


def test_the_operator_can_erase_somebody_who_was_named(batch: GatheredBatch) -> None:
    assert retention.erase_mailbox(address=WILMA, reason="asked by mail", now=timezone.now())
    assert not Invitee.objects.filter(name="Wilma Fernhill").exists()
    assert retention.erase_mailbox(address=WILMA, reason="asked by mail", now=timezone.now()) == 0


def test_many_who_never_agreed_pause_the_batch_and_raise_an_alarm(mailbox: Catcher, client: Client) -> None:
    text()
    made = approved(gathering_partner(), table(members(60)))
    send_all()
    paths = [mailbox.of(f"m{n}@union.example")[0].path("invited") for n in range(8)]
    for path in paths[:3]:
        client.post(f"{path}no/")
    for path in paths[3:7]:
        client.post(f"{path}no/", {"never": "1"})
    alerts.raise_alarms(timezone.now())
    assert not Alarm.objects.filter(kind="gathered").exists()
    client.post(f"{paths[7]}no/", {"never": "1"})
    alerts.raise_alarms(timezone.now())
    alarm = Alarm.objects.get(kind="gathered")
    assert "Union of Stage Hands" in alarm.words
    made.refresh_from_db()
    assert made.paused_at and made.doubted_at
    assert not services.resume(batch_id=made.pk, by_desk=False)
    assert services.resume(batch_id=made.pk, by_desk=True)
