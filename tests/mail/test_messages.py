"""The confirmation mail, read as its receiver reads it (T19)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from signatories.mail import outbox
from signatories.models import Signature, Signup, StoppedMailbox
from signatories.models.mailing import MailState
from signatories.tally import services as tally
from tests.people import ADDRESS, post_form, read_mail, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def test_it_says_who_why_what_and_what_if_it_was_not_you(client: Client, mailbox: Catcher) -> None:
    mail = sign_up(client, mailbox, name="Patrick O'Brien <3".replace(" <3", ""))
    for part in (mail.text, mail.html.replace("&#x27;", "'")):
        assert settings.OPERATOR_NAME in part
        assert settings.OPERATOR_EMAIL in part
        assert "O'Brien" in part
        assert "Our work is not raw material" in part
        assert mail.path("confirm") in part
        assert mail.path("stop") in part
        assert mail.code in part
    assert "O'Brien" not in str(mail.message["Subject"])
    assert "O'Brien" not in mail.text.strip().splitlines()[0]
    assert mail.message["To"] == ADDRESS


@pytest.mark.parametrize("name", ["-Q-", "will.o.wisp", "O'Brannick", "محمد الرمّاني", "נועם הרדוף", "欧阳墨竹", "प्रियांशी ऋतुराज", "Nguyễn Thị Ánh", "O"])  # fmt: skip
def test_every_script_passes_unchanged(client: Client, mailbox: Catcher, name: str) -> None:
    mail = sign_up(client, mailbox, name=name)
    assert name in mail.text
    client.post(mail.path("confirm"))
    assert Signature.objects.get().name == name


def test_it_speaks_the_language_of_the_page(client: Client, mailbox: Catcher) -> None:
    text()
    assert post_form(client, path="/fr/sign/").status_code == 303
    mail = read_mail(mailbox)
    assert "/fr/confirm/" in mail.text
    assert "Nos œuvres" in mail.text
    assert Signup.objects.get().text.language == "fr"


@pytest.mark.parametrize("field", ["name", "affiliation", "name_latin", "profession_other"])
def test_no_header_can_be_smuggled_in(client: Client, mailbox: Catcher, field: str) -> None:
    """T20."""
    mail = sign_up(client, mailbox, **{field: "Ann\r\nBcc: bob at example\r\n\r\nWIN"}, **({"profession": "other"} if field == "profession_other" else {}))  # fmt: skip
    assert mail.to == [ADDRESS]
    assert mail.message["Bcc"] is None


def test_at_most_five_mails_a_mailbox_a_day(client: Client, mailbox: Catcher) -> None:
    """T19."""
    text()
    for n in range(20):
        post_form(client, name=f"Name {chr(65 + n)}", email=f"ann+{n}@example.org")
    outbox.drain()
    assert len(mailbox.mails) == settings.MAILS_PER_MAILBOX_PER_DAY
    assert Signup.objects.filter(mail_state=MailState.SET_ASIDE).count() == 14
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        outbox.drain()  # the newest one waited, so that nobody can use up a mailbox's mails and keep it from signing
        assert len(mailbox.mails) == settings.MAILS_PER_MAILBOX_PER_DAY + 1
        assert "Name T" in mailbox.mails[-1].text


def test_links_in_a_name_never_reach_a_mail(client: Client, mailbox: Catcher) -> None:
    text()
    assert post_form(client, name="WIN http://spam.example").status_code == 422
    assert outbox.drain() == 0


def test_only_the_mailbox_learns_that_it_has_signed(client: Client, mailbox: Catcher) -> None:
    signature = signed()
    outbox.drain()
    mailbox.mails.clear()
    first = post_form(client, name="Someone New", email="new@example.org")
    again = post_form(client, name="Someone New", email=ADDRESS)
    assert first.status_code == again.status_code
    pages = [client.get(r["Location"]).content.decode() for r in (first, again)]
    same = [re.sub(r"to=[\w%-]+", "", page) for page in pages]
    assert same[0].replace("new@example.org", "") == same[1].replace(ADDRESS, "")
    mail = read_mail(mailbox)
    assert "already" in mail.text.lower()
    assert f"/signatories/{signature.number}/" in mail.text
    assert "/confirm/" in read_mail(mailbox, "new@example.org").text


def test_one_click_stop_works_as_mail_providers_do_it(client: Client, mailbox: Catcher) -> None:
    """T3, RFC 8058."""
    mail = sign_up(client, mailbox)
    header = str(mail.message["List-Unsubscribe"]).strip(" <>")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = header.removeprefix("http://testserver")
    for _ in range(20):
        assert client.get(path).status_code == 200
    assert not StoppedMailbox.objects.exists()
    provider = Client(enforce_csrf_checks=True)
    answer = provider.post(path, {"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"})
    assert answer.status_code == 200
    post_form(client, name="Again")
    assert outbox.drain() == 0
    # It stops mail and touches nothing else: the mailed link still works.
    assert client.post(mail.path("confirm")).status_code == 303
    assert Signature.objects.count() == 1


def test_one_click_stop_after_confirming_leaves_the_signature(client: Client, mailbox: Catcher) -> None:
    """T3: it is about mails alone."""
    mail = sign_up(client, mailbox)
    assert client.post(mail.path("confirm")).status_code == 303
    before = Signature.objects.public().values().get()
    provider = Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert provider.post(mail.path("stop"), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert StoppedMailbox.objects.count() == 1
    assert Signature.objects.public().values().get() == before
    assert "Aveline Ashgrove" in client.get("/signatories/").content.decode()
    tally.fold()
    assert client.get("/api/v1/count").json()["count"] == 1


def test_stopping_can_be_undone(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox).path("stop")
    client.post(path)
    client.post(path, {"allow": "1"})
    post_form(client, name="Again")
    assert outbox.drain() == 1


def test_the_same_form_after_stopping_and_allowing_is_mailed(client: Client, mailbox: Catcher) -> None:
    path = sign_up(client, mailbox).path("stop")
    client.post(path)
    post_form(client, name="Again")
    assert outbox.drain() == 0
    client.post(path, {"allow": "1"})
    post_form(client, name="Again")
    assert outbox.drain() == 1
