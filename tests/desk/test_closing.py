"""The end of signing: what strangers read, who may still confirm, what settles by itself, when addresses go."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from time_machine import Traveller

from signatories import tasks
from signatories.desk.queue import services as queue
from signatories.editions import services as editions
from signatories.gathering import sending
from signatories.mail import messages, outbox, reminders
from signatories.models import (
    Act,
    Closing,
    Edition,
    Invitee,
    Signature,
    Signup,
    Update,
    UpdateText,
)
from signatories.models.act import Verb
from signatories.models.closing import forget_end
from signatories.models.gathering import Answer
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.desk.closing import DAY, PAGE, SETTLED, press, step
from tests.desk.roles import come_in, is_refused
from tests.gathering.gathering import approved, gathering_partner, mailed, members, send_all, table
from tests.partners.partners import partner
from tests.people import enter, form, post_form, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]
FORMS = ["/sign/", "/with/stage-hands/", "/sign/for/", "/sign/group/"]


# --- Ending -----------------------------------------------------------------------------------------------------------
def test_only_administrators_with_a_fresh_factor_end_it(desk: Client, olga: AbstractBaseUser) -> None:
    text()
    assert is_refused(come_in(None, "nobody").post(f"{PAGE}end/"))  # type: ignore[arg-type]
    tired = Client()
    tired.force_login(olga)  # type: ignore[arg-type]
    assert tired.post(f"{PAGE}end/").status_code == 302  # to the page that asks for the factor
    assert Closing.current().ended_at is None
    assert press(desk, "end") == 303
    row = Closing.current()
    assert row.ended_at and row.ended_by == olga
    assert press(desk, "end") == 303  # a second press
    assert Act.objects.filter(verb=Verb.EDIT, reason="signing ended", about="closing").count() == 1


def test_nothing_is_ended_that_is_not_open(desk: Client) -> None:
    assert press(desk, "end") == 409
    assert Closing.current().ended_at is None
    assert "nothing to end" in desk.get(PAGE).content.decode()


@pytest.mark.parametrize("path", ["/", "/fr/", "/with/stage-hands/", "/sign/for/", "/sign/group/"])
def test_every_page_says_since_when_it_is_over(desk: Client, clock: Traveller, path: str) -> None:
    text()
    partner()
    stranger = Client()
    assert 'name="email"' in stranger.get(path).content.decode()
    press(desk, "end")
    page = stranger.get(path).content.decode()
    assert 'id="ended"' in page and f"{timezone.now():%Y}" in page
    assert 'name="email"' not in page and 'href="#sign"' not in page
    assert press(desk, "words", en="It was handed over.", fr="Elle a été remise.") == 303
    assert ("Elle a été remise." if path == "/fr/" else "It was handed over.") in stranger.get(path).content.decode()


def test_pages_of_the_list_ask_nobody_to_sign_any_more(desk: Client) -> None:
    text()
    assert "#sign" in Client().get("/signatories/").content.decode()  # of an empty list
    path = f"/signatories/{signed().number}/"
    assert "#sign" in Client().get(path).content.decode()
    press(desk, "end")
    assert "#sign" not in Client().get(path).content.decode()
    Signature.objects.update(named=False)
    assert "#sign" not in Client().get("/signatories/").content.decode()


@pytest.mark.parametrize("path", FORMS)
def test_what_was_typed_is_kept_and_nothing_is_taken(desk: Client, path: str) -> None:
    text()
    partner()
    press(desk, "end")
    answers = []
    for address in ("ann@example.org", "no address"):
        typed = form(name="Aveline of the Last Minute", email=address, representative="Rita Reed")
        answer = Client().post(path, typed)
        page = answer.content.decode()
        assert answer.status_code == 410
        assert 'value="Aveline of the Last Minute"' in page and f'value="{address}"' in page
        assert "Nothing was accepted" in page and 'class="errors"' not in page
        assert '<button class="button sign"' not in page
        answers.append(page.replace(address, ""))
    assert answers[0] == answers[1]
    assert not Signup.objects.exists()


def test_a_stranger_who_has_signed_is_answered_as_any_other(desk: Client) -> None:
    signed(address="zyxknown@example.org")
    press(desk, "end")
    pages = [Client().post("/sign/", form(email=f"{who}@example.org")).content for who in ("zyxknown", "zyxnobody")]
    assert pages[0].replace(b"zyxknown", b"") == pages[1].replace(b"zyxnobody", b"")


# --- The days after ---------------------------------------------------------------------------------------------------
def test_who_asked_before_confirms_within_the_days(
    client: Client, olga: AbstractBaseUser, mailbox: Catcher, clock: Traveller
) -> None:
    mail = sign_up(client, mailbox)
    press(enter(Client(), olga), "end")
    clock.shift(7 * DAY - timedelta(minutes=1))
    page = client.get(mail.path("confirm"))
    assert page.status_code == 200 and "you can confirm until" in page.content.decode()  # the mail knew of no end
    client.post(mail.path("confirm"))
    assert Signature.objects.get().state == State.PUBLISHED


def test_and_not_afterwards(client: Client, olga: AbstractBaseUser, mailbox: Catcher, clock: Traveller) -> None:
    mail = sign_up(client, mailbox)
    press(enter(Client(), olga), "end")
    clock.shift(SETTLED)
    for answer in (client.get(mail.path("confirm")), client.post(mail.path("confirm"))):
        assert answer.status_code == 410
        assert "Signing ended on" in answer.content.decode() and "Sign once more" not in answer.content.decode()
    assert client.post("/confirm/", {"email": "ann@example.org", "code": mail.code}).status_code == 422
    assert not Signature.objects.exists()
    tasks.watch()
    assert not Signup.objects.exists()
    answer = client.get(mail.path("confirm"))
    assert answer.status_code == 404 and "Signing ended on" in answer.content.decode()


def test_the_own_page_goes_on(desk: Client, clock: Traveller, own_page: Callable[[Signature], str]) -> None:
    signature = signed()
    press(desk, "end")
    clock.shift(40 * DAY)
    tasks.watch()
    path = own_page(signature)
    typed = form(name="Aveline Ashgrove-Reed", filed_under="Ashgrove-Reed", email=None)
    assert Client().post(path, typed).status_code == 303
    assert Signature.objects.get().name == "Aveline Ashgrove-Reed"
    assert Client().post(f"{path}withdraw/").status_code == 303
    assert Signature.objects.get().state == State.WITHDRAWN


@pytest.fixture
def own_page() -> Callable[[Signature], str]:
    """The address of somebody's own page, as a mail of today has it."""
    return lambda signature: f"/mine/{messages.own_link(signature, timezone.now().date())}/"


@pytest.mark.parametrize("ended", [False, True])
def test_nobody_is_reminded(
    client: Client, olga: AbstractBaseUser, mailbox: Catcher, clock: Traveller, ended: bool
) -> None:
    sign_up(client, mailbox)
    clock.shift(3 * DAY)
    assert reminders.remind(timezone.now()) == 1  # it waits to be sent
    if ended:
        press(enter(Client(), olga), "end")
    outbox.drain()
    assert len(mailbox.mails) == (1 if ended else 2)
    assert reminders.remind(timezone.now()) == 0
    if ended:  # should signing go on, it is due again
        press(enter(Client(), olga), "reopen")
        assert reminders.remind(timezone.now()) == 1


def test_nobody_is_asked_whom_a_partner_named(olga: AbstractBaseUser, mailbox: Catcher) -> None:
    text()
    batch = approved(gathering_partner(), table(members(4)), pace=12)  # one at each turn
    assert sending.send(timezone.now())
    outbox.drain()
    assert sending.send(timezone.now())  # the second waits in the outbox
    browser = enter(Client(), olga)
    press(browser, "end")
    send_all()
    assert len(mailed(mailbox)) == 1
    press(browser, "reopen")
    send_all()
    assert len(mailed(mailbox)) == 4
    assert not Invitee.objects.filter(batch=batch, asked_at=None, is_test=False).exists()


def test_an_invited_person_is_told_and_may_still_say_no(olga: AbstractBaseUser, mailbox: Catcher) -> None:
    text()
    approved(gathering_partner(), table(members(2)))
    send_all()
    press(enter(Client(), olga), "end")
    first, second = Invitee.objects.filter(is_test=False).order_by("line")
    path = f"/invited/{messages.invitation_link(first)}/"
    answer = Client().post(path, form(email=None, filed_under=""))
    assert answer.status_code == 410 and "Signing ended on" in answer.content.decode()
    assert not Signature.objects.exists()
    assert Client().post(f"{path}no/").status_code == 200
    first.refresh_from_db()
    assert first.answer == Answer.DECLINED and second.answer != Answer.DECLINED


# --- Undone, settled --------------------------------------------------------------------------------------------------
def test_it_can_be_undone_until_it_is_settled(desk: Client, olga: AbstractBaseUser, clock: Traveller) -> None:
    text()
    press(desk, "end")
    assert press(desk, "reopen") == 303
    assert Closing.current().ended_at is None
    assert 'name="email"' in Client().get("/").content.decode()
    assert post_form(Client()).status_code == 303
    press(desk, "end")
    clock.shift(SETTLED)
    tasks.watch()
    enter(desk, olga)
    assert "Let people sign again" not in desk.get(PAGE).content.decode()
    assert press(desk, "reopen") == 303
    assert Closing.current().ended_at
    assert Act.objects.filter(reason="signing opened again").count() == 1


def test_it_is_settled_once_however_often(desk: Client, mailbox: Catcher, clock: Traveller) -> None:
    text()
    approved(gathering_partner(), table(members(3)))
    send_all()
    assert post_form(Client(), email="late@example.org").status_code == 303
    signed(address="here@example.org")
    press(desk, "end")
    tasks.watch()
    assert Signup.objects.filter(confirmed_at=None).count() == 1 and Closing.current().settled_at is None
    clock.shift(SETTLED)
    for _ in range(3):
        tasks.watch()
    row = Closing.current()
    assert row.settled_at == timezone.now()
    assert not Signup.objects.filter(confirmed_at=None).exists()
    assert set(Invitee.objects.values_list("answer", "address_digest", "address_sealed")) == {(Answer.SILENT, b"", b"")}
    assert Edition.objects.count() == 1
    assert Act.objects.filter(about="closing", actor="rule").count() == 1
    assert Signature.objects.get().state == State.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_the_last_edition_is_built_and_the_list_ticks_itself(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, tmp_path: Path
) -> None:
    signed(name="Ada Vance")
    tally.fold()
    press(desk, "end")
    assert "to do" in step(desk, "edition") and "to do" in step(desk, "archive") and "to do" in step(desk, "thanks")
    clock.shift(SETTLED)
    tasks.watch()
    enter(desk, olga)
    assert "asked for" in step(desk, "edition")
    built = editions.build_waiting()
    assert built and built.state == "ready", built
    assert "Edition 1 is ready" in step(desk, "edition") and "done" in step(desk, "edition")
    update = Update.objects.create(published_at=timezone.now())
    UpdateText.objects.create(update=update, language="en", title="Thank you", body="All of you.")
    assert "done" in step(desk, "thanks")


def test_an_edition_that_failed_is_asked_for_once_more(desk: Client, olga: AbstractBaseUser, clock: Traveller) -> None:
    text()
    press(desk, "end")
    clock.shift(SETTLED)
    tasks.watch()
    Edition.objects.update(state="failed", error="OSError: no space")
    enter(desk, olga)
    assert "Ask for it once more" in step(desk, "edition")
    assert press(desk, "edition") == 303
    assert Closing.current().last_edition == Edition.objects.get(state="asked")


@pytest.mark.django_db(transaction=True)
def test_the_archive_is_written_down(desk: Client, olga: AbstractBaseUser, tmp_path: Path) -> None:
    with time_machine.travel(timezone.now() - 8 * DAY):
        signed(name="Ada Vance")
        tally.fold()
        enter(desk, olga)
        press(desk, "end")
    tasks.watch()
    assert editions.build_waiting()
    call_command("freeze", str(tmp_path / "archive"))
    enter(desk, olga)
    assert "done" in step(desk, "archive") and "with edition 1" in step(desk, "archive")
    archived = (tmp_path / "archive" / "index.html").read_text()
    assert "Signing has ended" in archived and "/mine/" not in archived


def test_number_and_page_for_the_press_say_when_they_are_final(
    client: Client, desk: Client, olga: AbstractBaseUser, clock: Traveller
) -> None:
    signed()
    waiting = signed(name="Wim Waits", address="waits@example.org")
    tally.fold()
    assert client.get("/api/v1/count").json()["final"] is False
    press(desk, "end")
    assert client.get("/api/v1/count").json()["final"] is False
    assert "The number is not final yet" in client.get("/press/").content.decode()
    clock.shift(SETTLED)
    tasks.watch()
    clock.shift(6 * DAY)  # somebody may still undo a withdrawal of before
    assert client.get("/api/v1/count").json()["final"] is False
    Signature.objects.filter(pk=waiting.pk).update(state=State.HELD, number=None)
    clock.shift(1 * DAY)
    assert client.get("/api/v1/count").json()["final"] is False
    assert "The number is not final yet" in client.get("/press/").content.decode()
    enter(desk, olga)
    assert "1 signature waits for a decision" in step(desk, "decided")
    assert queue.reject(signature_id=waiting.pk, organizer=olga, reason="Invented.", now=timezone.now())
    assert "Nobody waits" in step(desk, "decided") and "done" in step(desk, "decided")
    forget_end()  # as after two seconds
    assert client.get("/api/v1/count").json()["final"] is True
    assert "This number is final" in client.get("/press/").content.decode()


def test_nobody_is_asked_to_be_the_first_after_the_end(client: Client, olga: AbstractBaseUser) -> None:
    text()
    assert "be the first" in client.get("/").content.decode()
    press(enter(Client(), olga), "end")
    for path in ("/", "/embed/counter.svg"):
        page = client.get(path).content.decode()
        assert "be the first" not in page and "No name is listed yet." in page, path
