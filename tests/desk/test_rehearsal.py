"""A rehearsal goes the whole way of a signature, and leaves no signature, no number, no lock and no public trace."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from declaration.models import Text
from signatories.desk.mails import failed
from signatories.desk.people import finding
from signatories.mail import outbox, reminders
from signatories.models import Act, MailQuota, OutboundMail, Setup, Signature, Signup, TallyDelta
from signatories.models.act import Verb
from signatories.operations import gauges
from signatories.privacy import retention
from signatories.screening import alerts
from signatories.signing import services
from tests.desk.start import OLGA, REHEARSAL, draft, known_to_us, press_open, rehearse, rehearsed, step
from tests.people import post_form, read_mail, set_to
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
EN = "This is a rehearsal"


def test_the_form_stands_below_the_draft_and_the_address_is_fixed(desk: Client) -> None:
    assert "There is no text yet" in desk.get(REHEARSAL).content.decode()
    assert rehearse(desk).status_code == 404
    draft("en")
    draft("fr")
    page = desk.get(REHEARSAL).content.decode()
    assert "Draft words." in page and "Your name" in page and f'value="{OLGA}"' in page
    assert "Votre nom" in desk.get(f"{REHEARSAL}?language=fr").content.decode()
    assert desk.get(f"{REHEARSAL}?language=xx").status_code == 404
    assert rehearse(desk, name="").status_code == 422
    assert not Signup.objects.exists()


def test_the_whole_way(desk: Client, olga: AbstractBaseUser, mailbox: Catcher) -> None:
    draft("en")
    assert "A rehearsal to do" in step(desk, "rehearsal")
    assert rehearse(desk, email="somebody@example.org").status_code == 303
    assert "The mail waits to be sent." in step(desk, "rehearsal")
    mail = read_mail(mailbox, OLGA)
    assert [to for each in mailbox.mails for to in each.to] == [OLGA]
    assert str(mail.message["Subject"]).startswith("Rehearsal: Please confirm your signature: Our voices")
    assert mail.text.startswith(EN) and EN in mail.html
    assert "List-Unsubscribe" not in mail.message and "/stop/" not in mail.text
    assert "The mail was sent" in step(desk, "rehearsal")

    stranger = Client()  # the telephone on which the mail is read
    page = stranger.get(mail.path("confirm")).content.decode()
    assert EN in page and "Aveline Ashgrove" in page and "Draft words." in page
    assert Signup.objects.exists()  # looking confirms nothing
    answer = stranger.post(mail.path("confirm"), follow=True)
    assert "It was a rehearsal: nothing was signed, counted or published" in answer.content.decode()

    assert "A rehearsal done" in step(desk, "rehearsal")
    assert "Confirmed by olga" in step(desk, "rehearsal")
    act = Act.objects.get()
    assert (act.verb, act.organizer_id, act.signature_id) == (Verb.EDIT, olga.pk, None)
    for model in (Signup, Signature, TallyDelta, OutboundMail, MailQuota):
        assert not model.objects.exists(), model
    assert Text.objects.get().locked_at is None
    assert "Not open yet" in Client().get("/").content.decode()


def test_the_code_of_the_mail_leads_to_the_same_page(desk: Client, mailbox: Catcher) -> None:
    draft("en")
    mail = rehearsed(desk, mailbox)
    answer = Client().post("/confirm/", {"email": OLGA, "code": mail.code})
    assert answer["Location"] == mail.path("confirm")


def test_a_french_rehearsal_is_told_in_french(desk: Client, mailbox: Catcher) -> None:
    draft("en")
    draft("fr")
    mail = rehearsed(desk, mailbox, language="fr")
    assert mail.text.startswith("Ceci est une répétition")
    answer = Client().post(mail.path("confirm"), follow=True)
    assert answer.redirect_chain == [("/fr/sign/rehearsed/", 303)]
    assert "C’était une répétition" in answer.content.decode()


def test_a_button_that_is_pressed_twice_says_the_same(desk: Client, mailbox: Catcher) -> None:
    draft("en")
    path = rehearsed(desk, mailbox).path("confirm")
    for _ in range(2):
        assert Client().post(path)["Location"] == "/sign/rehearsed/"
    assert Client().get(path)["Location"] == "/sign/rehearsed/"
    assert Client().get(f"{path[:-3]}xx/").status_code == 404
    assert Act.objects.count() == 1


def test_wrong_corrections_are_shown_beside_their_fields(desk: Client, mailbox: Catcher) -> None:
    draft("en")
    path = rehearsed(desk, mailbox).path("confirm")
    assert Client().post(path, {"name": ""}).status_code == 422
    assert "A rehearsal to do" in step(desk, "rehearsal")


def test_a_new_rehearsal_ends_the_one_before(desk: Client, mailbox: Catcher) -> None:
    draft("en")
    first = rehearsed(desk, mailbox)
    second = rehearsed(desk, mailbox)
    assert first.message["Message-ID"] != second.message["Message-ID"]
    assert Client().get(first.path("confirm")).status_code == 404
    assert Client().post(first.path("confirm")).status_code == 404
    assert Client().post(second.path("confirm")).status_code == 303


def test_a_mail_that_is_refused_is_told(desk: Client, mailbox: Catcher) -> None:
    draft("en")
    mailbox.answers["declaration.example"] = "550 no such mailbox"
    rehearse(desk)
    outbox.drain()
    assert "A rehearsal warning" in step(desk, "rehearsal")
    assert "refused it for good" in step(desk, "rehearsal")
    assert failed.newest(10) == []  # no signer's


def test_a_draft_that_was_rehearsed_is_deleted_with_its_rehearsal(desk: Client, mailbox: Catcher) -> None:
    row = draft("en")
    path = rehearsed(desk, mailbox).path("confirm")
    assert desk.post("/desk/texts/1/en/delete/", {"en-read": row.sha256}).status_code == 303
    assert not Text.objects.exists()
    assert Client().get(path).status_code == 404


def test_words_that_changed_meanwhile_are_shown_again(desk: Client) -> None:
    draft("en")
    answer = rehearse(desk, text="0" * 64)
    assert answer.status_code == 422
    assert "The text was changed" in answer.content.decode()


# --- What must not see it ---------------------------------------------------------------------------------------------
def test_no_number_no_alarm_no_reminder_and_no_search_sees_it(desk: Client, mailbox: Catcher) -> None:
    draft("en")
    rehearsed(desk, mailbox)
    for found in (finding.find(OLGA), finding.find("Aveline")):
        assert found == finding.Found([], [])
    signup = Signup.objects.get()
    for path in (f"/desk/signups/{signup.pk}/", f"/desk/signups/{signup.pk}/mails/"):
        assert desk.post(path, {"reason": "Asked."}).status_code == 404
    _mails, asked = gauges.Totals().metrics(timezone.now())
    assert not any(sample.value for sample in asked.samples)
    assert reminders.remind(timezone.now() + timedelta(days=3)) == 0
    assert not MailQuota.objects.exists()
    assert desk.post("/mine/", {"email": OLGA}).status_code == 303
    outbox.drain()
    assert len(mailbox.of(OLGA)) == 1  # the link to a page of one's own: there is none
    set_to(alarm_arrivals=1, alarm_per_network=1)
    assert alerts.raise_alarms(timezone.now()) == []


def test_a_rehearsal_that_nobody_confirmed_is_purged(desk: Client, mailbox: Catcher) -> None:
    draft("en")
    rehearsed(desk, mailbox)
    retention.purge(timezone.now() + timedelta(days=31))
    assert not Signup.objects.exists()
    assert "A rehearsal to do" in step(desk, "rehearsal")


def test_the_organizer_signs_afterwards_like_everybody(desk: Client, mailbox: Catcher) -> None:
    """Neither the mail nor the page says that this mailbox had asked before, and the quota is whole."""
    draft("en")
    known_to_us()
    waiting = rehearsed(desk, mailbox)
    press_open(desk)
    assert post_form(Client(), email=OLGA).status_code == 303
    mail = read_mail(mailbox, OLGA)
    assert str(mail.message["Subject"]) == "Please confirm your signature: Our voices (en)"
    assert Client().post(mail.path("confirm")).status_code == 303
    assert Signature.objects.get().state == "published"
    page = Client().get(waiting.path("confirm")).content.decode()
    assert EN in page and "already" not in page
    assert Client().post(waiting.path("confirm")).status_code == 303
    assert Signature.objects.count() == 1


def test_the_database_refuses_to_make_a_signature_of_it(desk: Client, mailbox: Catcher) -> None:
    draft("en")
    rehearsed(desk, mailbox)
    signup = Signup.objects.get()
    with pytest.raises(Signup.DoesNotExist):
        services.confirm(signup_id=signup.pk, corrections=services.said_by(signup), now=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Signup.objects.update(confirmed_at=timezone.now())
    assert Setup.current().rehearsed_at is None
