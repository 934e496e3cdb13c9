"""Invitations go out once, at their pace, past everybody who is known; they pause, and are taken back."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from declaration.models import Text, forget_current
from signatories.desk.partners import services as partners
from signatories.gathering import results, sending, services
from signatories.mail import outbox
from signatories.mine import services as mine
from signatories.models import GatheredBatch, Invitee, OutboundMail, Signature
from signatories.models.mailing import MailState
from signatories.privacy import retention
from signatories.tally import services as tally
from tests.gathering.gathering import (
    again,
    approved,
    checked,
    gathering_partner,
    mailed,
    members,
    people,
    send_all,
    table,
)
from tests.partners.partners import officer
from tests.people import organizer, post_form, read_mail, signed, text
from tests.races import at_once
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_is_known_is_passed_over_and_the_partner_sees_no_difference(client: Client, mailbox: Catcher) -> None:
    """L9: of 60 people some have signed, are signing, withdrew, want no mail, or were asked by another partner."""
    text()
    signed(address="m0@union.example", name="Member Number0000 Ash")
    gone = signed(address="M1+x@union.example", name="Member Number0001 Ash")
    client.post(f"/stop/{stop_link(client, mailbox, 'm2@union.example')}/")
    post_form(client, email="m3@union.example")
    mine.withdraw(signature_id=gone.pk, now=timezone.now())
    outbox.drain()
    mailbox.mails.clear()
    other = approved(gathering_partner("Label of Lanterns", "lanterns"), table([members(5)[4]]))
    send_all()
    assert mailed(mailbox) == ["m4@union.example"]
    mailbox.mails.clear()
    ours = approved(gathering_partner(), table(members(60)))
    send_all()
    assert len(mailed(mailbox)) == 55
    assert not set(mailed(mailbox)) & {f"m{n}@union.example" for n in range(5)}
    told = results.of_batch(ours)
    assert (told.people, told.turns, told.signed) == (60, 60, None)
    passed = Invitee.objects.filter(batch=ours, answer="passed")
    assert passed.count() == 5
    assert set(passed.values_list("name", "address_digest")) == {("", b"")}
    assert results.of_batch(other).are_told is False


@pytest.mark.parametrize("known", [False, True])
def test_a_turn_that_is_taken_back_does_not_tell_whether_somebody_had_signed(mailbox: Catcher, known: bool) -> None:
    """While its mail waits a turn can be taken back; for somebody who was passed over there is no mail."""
    text()
    if known:
        signed(address="m0@union.example", name="Member Number0000 Ash")
    union = gathering_partner()
    own = officer(union, "paula")
    batch = approved(union, table(members(1)), browser=own)

    def told() -> str:
        page = own.get(f"/partner/names/{batch.pk}/").content.decode()
        return page.split("results-title")[2].split("sending-title")[0]

    before = told()
    assert sending.send(timezone.now()) == 1
    assert told() == before
    assert sending.call_back(timezone.now()) == (0 if known else 1)
    assert told() == before
    assert "fewer than ten" in before


def stop_link(client: Client, mailbox: Catcher, address: str) -> str:
    post_form(client, email=address)
    return read_mail(mailbox, address).path("stop").split("/")[-2]


def test_the_pace_is_kept(mailbox: Catcher) -> None:
    text()
    approved(gathering_partner(), table(members(30)), pace=24)
    assert sending.send(timezone.now()) == 24 * sending.EVERY // 60
    outbox.drain()
    assert len(mailed(mailbox)) == 2


def test_confirmations_go_first(client: Client, mailbox: Catcher) -> None:
    text()
    approved(gathering_partner(), table(members(20)), pace=60 * 12)
    sending.send(timezone.now())
    post_form(client, email="first@example.org")
    mailbox.mails.clear()
    outbox.drain()
    assert mailbox.mails[0].to == ["first@example.org"]
    assert len(mailed(mailbox)) == 20


def test_while_it_is_paused_nothing_goes(mailbox: Catcher) -> None:
    text()
    union = gathering_partner()
    own = officer(union, "paula")
    batch = approved(union, table(members(4)))
    own.post(f"/partner/names/{batch.pk}/pause/")
    send_all()
    assert mailed(mailbox) == []
    own.post(f"/partner/names/{batch.pk}/resume/")
    send_all()
    assert len(mailed(mailbox)) == 4


@pytest.mark.parametrize("how", ["grant", "partner"])
def test_a_partner_that_may_no_more_sends_nothing(mailbox: Catcher, how: str) -> None:
    text()
    union = gathering_partner()
    batch = approved(union, table(members(4)))
    desk = organizer("ender")
    if how == "grant":
        services.end_grant(partner_id=union.pk, account=desk, now=timezone.now())
    else:
        partners.end(partner_id=union.pk, organizer=desk, reason="over", now=timezone.now())
    send_all()
    assert mailed(mailbox) == []
    assert not services.resume(batch_id=batch.pk, by_desk=True) or how == "partner"


def test_taken_back_everybody_who_has_not_answered_is_gone(client: Client, mailbox: Catcher) -> None:
    text()
    union = gathering_partner()
    own = officer(union, "paula")
    batch = approved(union, table(members(4)), browser=own, pace=24)
    sending.send(timezone.now())
    outbox.drain()
    first, second = (mailbox.of(address)[0].path("invited") for address in mailed(mailbox))
    answer = client.post(first, signing_form())
    assert client.get(answer["Location"]).status_code == 200
    own.post(f"/partner/names/{batch.pk}/undo/")
    assert set(Invitee.objects.values_list("answer", "name")) == {("signed", ""), ("undone", "")}
    assert OutboundMail.objects.filter(kind="gathered").count() == 0
    page = client.get(second)
    assert page.status_code == 410
    assert "Cette invitation a pris fin" in page.content.decode()
    assert Signature.objects.get().state == "published"
    send_all()
    assert len(mailed(mailbox)) == 3  # two invitations, and thanks
    assert not services.undo(batch_id=batch.pk, account=organizer("again"), now=timezone.now())
    # Whoever was asked is not asked again; the others may be.
    approved(union, table(members(4)), browser=own)
    mailbox.mails.clear()
    send_all()
    assert mailed(mailbox) == ["m2@union.example", "m3@union.example"]


def signing_form() -> dict[str, str]:
    return {"name": "Member Ash", "profession": "singer", "appearance": "named"}


def test_signatures_are_counted_for_the_partner_in_tens(client: Client, mailbox: Catcher) -> None:
    text()
    union = gathering_partner()
    batch = approved(union, table(members(50)))
    send_all()
    for n, address in enumerate(mailed(mailbox)[:12]):
        client.post(mailbox.of(address)[0].path("invited"), signing_form() | {"name": f"Member Number{n:04} Ash"})
    assert Signature.objects.filter(channel__partner=union).count() == 12
    tally.fold()
    told = results.of_batch(batch)
    assert (told.signed, told.declined, told.are_told) == (10, None, True)
    page = officer(union, "paula").get(f"/partner/names/{batch.pk}/").content.decode()
    assert "at least 10" in page and "12" not in page.split("results-title")[1].split("sending-title")[0]
    assert "Member Number0001" not in page


def test_two_workers_and_two_batches_ask_everybody_once(mailbox: Catcher) -> None:
    text()
    rows = members(40)
    for name, slug in (("Union of Stage Hands", "stage-hands"), ("Label of Lanterns", "lanterns")):
        approved(gathering_partner(name, slug), table(rows), pace=600)

    def work() -> int:
        for _ in range(6):
            sending.send(timezone.now())
            outbox.drain()
        return 0

    at_once(3, work)
    send_all()
    assert mailed(mailbox) == sorted(row[1] for row in rows)


@pytest.mark.parametrize("mode", ["drop", "few", "spent", "closing"])
def test_whatever_the_mail_server_does_nobody_gets_two(mailbox: Catcher, mode: str) -> None:
    """It keeps a mail and cuts the line, or takes five a connection, or takes nothing, or is closing: then it works.

    Who may have got the mail gets no second one; after a clear no everybody gets theirs.
    """
    text()
    rows = [
        *members(30),
        ("Bounce Reed", "bounce@other.example", "", ""),
        ("Later Reed", "later@other.example", "", ""),
    ]
    approved(gathering_partner(), table(rows), pace=600)
    mailbox.mails.clear()
    if mode == "closing":
        mailbox.answers["union.example"] = "421 4.3.2 closing down"
    else:
        mailbox.mode = mode  # type: ignore[assignment]
    for _ in range(4):
        sending.send(timezone.now())
        outbox.drain()
        again()
    mailbox.mode = "ok"
    mailbox.answers.clear()
    for _ in range(3):
        again()
        send_all()
    received = mailed(mailbox)
    assert received == sorted(set(received))
    if mode in ("spent", "closing"):
        assert len(received) == 30
    states = dict(OutboundMail.objects.filter(kind="gathered").values_list("invitee__name", "mail_state"))
    assert states.pop("Bounce Reed") == MailState.UNDELIVERABLE
    assert states.pop("Later Reed") == MailState.WAITING
    assert set(states.values()) == {MailState.SENT}


def test_a_worker_that_dies_while_it_sends_repeats_nothing(mailbox: Catcher) -> None:
    """It hangs in the middle of a mail until its lease is over; another one goes on without that mail."""
    text()
    approved(gathering_partner(), table(members(6)), pace=600)
    sending.send(timezone.now())
    mailbox.mails.clear()
    mailbox.mode, mailbox.delay = "slow", 1.0

    def hang() -> None:
        outbox.drain()
        connection.close()

    dying = threading.Thread(target=hang)
    dying.start()
    time.sleep(0.5)
    OutboundMail.objects.filter(kind="gathered").update(claimed_until=timezone.now() - timedelta(seconds=1))
    outbox.drain()
    dying.join()
    mailbox.mode = "ok"
    again()
    send_all()
    received = mailed(mailbox)
    assert received == sorted(set(received))
    assert len(received) == 6


def test_nothing_goes_while_there_is_no_text(mailbox: Catcher) -> None:
    text()
    batch = approved(gathering_partner(), table(members(2)))
    Text.objects.update(published_at=None)
    forget_current()
    send_all()
    assert all(row.asked_at is None for row in people(batch).values())
    assert GatheredBatch.objects.get().state == "approved"


@pytest.mark.parametrize("how", ["signed", "signing"])
def test_who_signs_while_the_mail_server_is_away_gets_no_invitation(client: Client, mailbox: Catcher, how: str) -> None:
    """They had their turn, and their mail waited in the outbox: it is looked at again when it is handed over."""
    text()
    batch = approved(gathering_partner(), table(members(3)))
    mailbox.mails.clear()
    mailbox.down()
    send_all()
    assert all(row.asked_at for row in people(batch).values())
    if how == "signed":
        signed(address="M1+own@union.example", name="Member Number0001 Ash")
    else:
        post_form(client, email="m1@union.example", name="Member Number0001 Ash")
    mailbox.reset()
    again()
    send_all()
    invited = [mail.to[0] for mail in mailbox.mails if "/invited/" in mail.text]
    assert sorted(invited) == ["m0@union.example", "m2@union.example"]
    retention.purge(timezone.now())
    assert (people(batch)[3].name, people(batch)[3].answer) == ("", "passed")
    assert all(row.asked_at for row in people(batch).values())  # the partner sees no difference
    again()
    send_all()
    assert len([mail for mail in mailbox.mails if "/invited/" in mail.text]) == 2


def test_an_officer_who_has_signed_can_look_at_the_test_all_the_same(mailbox: Catcher) -> None:
    text()
    own = officer(gathering_partner())
    signed(address="otto@union.example", name="Otto Reed")
    batch = checked(own, table(members(1)))
    own.post(f"/partner/names/{batch.pk}/test/")
    outbox.drain()
    assert "This is a test" in mailbox.of("otto@union.example")[-1].text
