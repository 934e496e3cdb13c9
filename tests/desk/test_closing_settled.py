"""What follows from the end by itself, and what cannot be taken back any more while it does."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from signatories import tasks
from signatories.desk.dossiers import services as dossiers
from signatories.desk.queue import services as queue
from signatories.mail import outbox
from signatories.models import (
    Act,
    AnnouncedMailbox,
    Closing,
    DossierContact,
    PartnerSheet,
    Signature,
    Signup,
    WatchedName,
)
from signatories.models.act import Verb
from signatories.models.partner import SheetKind
from signatories.models.signature import State
from signatories.operations import closing
from signatories.partners import kit
from signatories.privacy import addresses, retention
from tests.desk.closing import DAY, PAGE, SETTLED, press, set_day, step
from tests.desk.start import OLGA, rehearse
from tests.partners.partners import channel, officer, partner
from tests.people import enter, post_form, read_mail, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]
MOMENT = timedelta(seconds=1)


# --- No way back ------------------------------------------------------------------------------------------------------
def test_it_is_not_undone_once_it_is_about_to_be_settled(
    desk: Client, olga: AbstractBaseUser, clock: Traveller
) -> None:
    text()
    press(desk, "end")
    clock.shift(SETTLED)  # no task has run yet
    enter(desk, olga)
    assert "Let people sign again" not in desk.get(PAGE).content.decode()
    press(desk, "reopen")
    assert Closing.current().ended_at
    assert not Act.objects.filter(reason="signing opened again").exists()
    assert closing.settle(timezone.now())


def test_nothing_is_deleted_if_it_was_undone_in_the_last_moment(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    text()
    assert post_form(Client(), email="late@example.org").status_code == 303
    press(desk, "end")
    before = timezone.now() + 7 * DAY - MOMENT
    clock.shift(SETTLED)
    lock = Closing.locked

    def after_another() -> Closing:
        """The one who pressed a second before the moment had the lock first."""
        monkeypatch.setattr(Closing, "locked", lock)
        assert closing.reopen(organizer=olga, now=before)
        return lock()

    monkeypatch.setattr(Closing, "locked", after_another)
    assert not closing.settle(timezone.now())
    assert Signup.objects.filter(confirmed_at=None).exists() and Closing.current().ended_at is None


def test_what_a_crash_left_is_forgotten_within_the_hour(
    desk: Client, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    text()
    assert post_form(Client(), email="late@example.org").status_code == 303
    press(desk, "end")
    clock.shift(SETTLED)
    with monkeypatch.context() as broken:
        broken.setattr(retention, "forget_unconfirmed", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            closing.settle(timezone.now())
    assert Closing.current().settled_at and Signup.objects.exists()
    retention.forget(timezone.now())
    assert not Signup.objects.exists()


def test_the_day_is_not_moved_once_it_has_come(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed()
    press(desk, "end")
    day = timezone.now() + 40 * DAY
    assert set_day(desk, olga, day) == 303
    clock.shift(39 * DAY)
    tasks.watch()
    clock.shift(1 * DAY)
    with monkeypatch.context() as broken:
        broken.setattr(addresses, "delete_all", lambda: 1 / 0)  # a crash half way
        with pytest.raises(ZeroDivisionError):
            retention.forget(timezone.now())
    assert set_day(desk, olga, timezone.now() + 60 * DAY) == 409
    assert press(desk, "addresses", keep="1") == 409
    assert not closing.keep_addresses_until(day=None, organizer=olga, now=timezone.now())
    assert "are being deleted" in desk.get(PAGE).content.decode()
    assert Closing.current().addresses_until == day.date()
    retention.forget(timezone.now())
    assert Closing.current().addresses_deleted_at


# --- Dossiers ---------------------------------------------------------------------------------------------------------
def test_dossiers_of_who_never_signed_go_once_nobody_waits(
    desk: Client, olga: AbstractBaseUser, clock: Traveller
) -> None:
    waiting = signed(name="Wim Waits")
    Signature.objects.filter(pk=waiting.pk).update(state=State.HELD)
    watched = WatchedName.objects.create(name="Cassius Moonwright", note="Asked the agency.")
    dossiers.add_contact(watched_id=watched.pk, kind="agent", contact="agent", found_at="page", organizer=olga)
    evidence = dossiers.add_proof(watched_id=watched.pk, kind="agent", words="Called them.", organizer=olga)
    dossiers.announce_mailbox(
        watched_id=watched.pk, address="c@example.com", announced_by="agent", proof=evidence, organizer=olga
    )
    press(desk, "end")
    assert "1 dossier is kept" in step(desk, "dossiers") and "to do" in step(desk, "dossiers")
    clock.shift(SETTLED)
    tasks.watch()
    retention.forget(timezone.now())
    assert DossierContact.objects.exists()  # it may be needed for who waits
    assert queue.reject(signature_id=waiting.pk, organizer=olga, reason="Invented.", now=timezone.now())
    for _twice in range(2):
        retention.forget(timezone.now())
    assert not DossierContact.objects.exists() and not AnnouncedMailbox.objects.exists()
    assert WatchedName.objects.get().note == ""
    assert Act.objects.filter(verb=Verb.ERASE, about="dossiers").count() == 1
    enter(desk, olga)
    assert "done" in step(desk, "dossiers")


def test_dossiers_go_at_once_if_nobody_waits(desk: Client, olga: AbstractBaseUser, clock: Traveller) -> None:
    text()
    WatchedName.objects.create(name="Cassius Moonwright", note="Asked the agency.")
    press(desk, "end")
    clock.shift(SETTLED)
    tasks.watch()
    assert WatchedName.objects.get().note == ""


# --- Words and sheets -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("ended", "days"), [(False, "30 days"), (True, "6 days")])
def test_a_mail_that_waited_says_until_when_it_is_valid(
    desk: Client, clock: Traveller, mailbox: Catcher, settings: Settings, ended: bool, days: str
) -> None:
    text()
    assert post_form(Client()).status_code == 303
    if ended:
        press(desk, "end")
    clock.shift(timedelta(hours=20))
    outbox.drain()
    assert days in mailbox.mails[-1].text


def test_a_rehearsal_is_confirmed_by_its_code_after_the_end(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, mailbox: Catcher
) -> None:
    signup_mail = sign_up(Client(), mailbox)
    press(desk, "end")
    clock.shift(8 * DAY)
    enter(desk, olga)
    assert rehearse(desk).status_code == 303
    mail = read_mail(mailbox, OLGA)
    assert Client().post("/confirm/", {"email": "ann@example.org", "code": signup_mail.code}).status_code == 422
    assert Client().post("/confirm/", {"email": OLGA, "code": mail.code}).status_code in (200, 303)


def test_partners_have_no_more_sheets_made(desk: Client) -> None:
    text()
    made = partner()
    news, own = channel(made), officer(made)
    press(desk, "end")
    assert kit.of_partner(made, "en") is None
    assert own.post(f"/partner/channels/{news.pk}/handout/", {"language": "en"}).status_code == 303
    assert not PartnerSheet.objects.exists()
    assert not kit.ask(
        partner_id=made.pk, channel_id=news.pk, language="en", kind=SheetKind.HANDOUT, now=timezone.now()
    )
    page = own.get("/partner/").content.decode()
    assert "Signing ended on" in page and "Have it made" not in page
