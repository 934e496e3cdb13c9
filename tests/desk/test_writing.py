"""An organizer writes to a signer: a prepared text, words of their own, seen before it is sent."""

import subprocess
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from declaration.demo import embedded
from signatories.desk.queue import services as queue
from signatories.mail import outbox
from signatories.mine import services as mine
from signatories.models import Act, ActDetail, OutboundMail, Signature, StoppedMailbox
from signatories.models.act import Verb
from signatories.models.mailing import MailState
from signatories.models.organizer import Role
from signatories.models.outbound_mail import PreparedText
from signatories.models.signature import State
from signatories.privacy import retention
from tests.people import ADDRESS, enter, organizer, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
WORDS = "We met at the harbour concert.\n\nSee https://example.org/proof & tell us."


def write(desk: Client, signature: Signature, prepared: str = "proof", words: str = "", do: str = "send") -> str:
    """Send the form; returns the page that follows."""
    data = {"prepared": prepared, "words": words, "do": do}
    return desk.post(f"/desk/signatures/{signature.pk}/write/", data, follow=True).content.decode()


def acts() -> list[Act]:
    return list(Act.objects.filter(verb=Verb.WRITE).order_by("pk"))


def test_the_mail_is_shown_before_it_is_sent_and_answers_go_to_the_operator(desk: Client, mailbox: Catcher) -> None:
    signature = signed()
    assert f"/desk/signatures/{signature.pk}/write/" in desk.get(f"/desk/signatures/{signature.pk}/").content.decode()
    shown = write(desk, signature, words=WORDS, do="show")
    assert "A question about your signature" in shown and "harbour concert" in shown
    assert ADDRESS not in shown
    assert not OutboundMail.objects.exists() and not acts()
    changed = write(desk, signature, words=WORDS, do="change")
    assert "harbour concert" in changed and "This is the mail" not in changed
    assert "waits to be sent" in write(desk, signature, words=WORDS)
    assert outbox.drain() == 1
    (mail,) = mailbox.of(ADDRESS)
    assert mail.message["Reply-To"] == "hello@declaration.example"
    assert mail.message["Auto-Submitted"] is None
    assert mail.message["Subject"].startswith("A question about your signature: ")
    for line in ("Aveline Ashgrove", "Others might sign in this name", *WORDS.split("\n\n")):
        assert line in mail.text
    assert "/mine/" not in mail.text  # a mail that is answered, and so quoted, holds no private link
    page = desk.get(f"/desk/signatures/{signature.pk}/").content.decode()
    assert "Mail (written by an organizer): handed to the mail server." in page


def test_own_words_stay_text(desk: Client, mailbox: Catcher) -> None:
    signature = signed()
    assert "Please leave out the signs" in write(desk, signature, words="<a href='https://evil.example'>x</a>")
    assert "at most 1000 characters" in write(desk, signature, words="x" * 1001)
    assert not OutboundMail.objects.exists()
    words = "{{ operator_email }} {% now 'Y' %} https://example.org/a?b=1&c=2 \"quoted\""
    shown = write(desk, signature, words=words, do="show")
    assert "{{ operator_email }} {% now &#x27;Y&#x27; %} https://example.org/a?b=1&amp;c=2" in shown
    write(desk, signature, words=words + "\r\nBcc: someone@example.net")
    outbox.drain()
    (mail,) = mailbox.of(ADDRESS)
    assert words in mail.text
    assert "https://example.org/a?b=1&amp;c=2 &quot;quoted&quot;<br>Bcc: someone@example.net" in mail.html
    assert 'href="https://example.org' not in mail.html
    assert mail.to == [ADDRESS] and mail.message["Bcc"] is None


def test_in_the_signers_language(desk: Client, mailbox: Catcher) -> None:
    signature = signed()
    Signature.objects.update(language="fr")
    assert 'lang="fr"' in write(desk, signature, "welcome", do="show")
    write(desk, signature, "welcome")
    outbox.drain()
    (mail,) = mailbox.of(ADDRESS)
    assert "Bonjour," in mail.text and "Hello" not in mail.text + mail.html
    assert mail.message["Subject"].startswith("Merci")


@pytest.mark.parametrize("prepared", list(PreparedText))
@pytest.mark.parametrize("state", [State.PUBLISHED, State.HELD, State.REJECTED])
def test_a_text_is_offered_where_it_is_true(desk: Client, mailbox: Catcher, prepared: PreparedText, state: str) -> None:
    signature = signed()
    Signature.objects.update(state=state)
    is_true = state in prepared.states
    page = desk.get(f"/desk/signatures/{signature.pk}/write/").content.decode()
    assert (f'value="{prepared}"' in page) is is_true
    page = write(desk, signature, prepared)
    assert ("Please choose what the mail is about." in page) is not is_true
    assert outbox.drain() == len(acts()) == is_true


def test_a_text_that_became_untrue_is_not_sent(desk: Client, mailbox: Catcher) -> None:
    signature = signed()
    write(desk, signature, "welcome")
    Signature.objects.update(state=State.REJECTED)
    assert outbox.drain() == 0
    assert OutboundMail.objects.get().mail_state == MailState.SET_ASIDE


def test_which_text_stands_in_the_act_and_the_words_beside_it(desk: Client) -> None:
    signature = signed()
    write(desk, signature, words="Zyxomark harbour.")
    (act,) = acts()
    assert (act.signature_id, act.reason, act.role) == (signature.pk, "ask for proof", Role.ADMINISTRATOR)
    assert "Zyxomark" not in act.reason + act.about
    assert act.changes == [("", "Zyxomark harbour.")]
    write(desk, signature, "welcome")
    assert [each.changes for each in acts()][1:] == [[]]


def test_pressed_twice_is_one_mail(desk: Client, mailbox: Catcher) -> None:
    signature = signed()
    write(desk, signature, words="Hello.")
    assert "the same was written today" in write(desk, signature, words="Hello.")
    assert outbox.drain() == 1
    write(desk, signature, words="Hello.")
    assert (outbox.drain(), len(acts())) == (0, 1)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        enter(desk, organizer("next", role=Role.MODERATOR))
        write(desk, signature, words="Hello.")
        assert outbox.drain() == 1


def test_at_most_two_a_day_to_a_mailbox(desk: Client, mailbox: Catcher) -> None:
    signature, other = signed(), signed(address="other@example.org", name="Bram Bellweather")
    represented = signed(name="Petra Gildenstern")  # the second place of the same mailbox
    write(desk, signature, words="One.")
    write(desk, represented, words="Two.")
    assert "written to 2 times today" in write(desk, signature, words="Three.")
    assert "waits to be sent" in write(desk, other, words="Three.")
    assert (outbox.drain(), len(acts())) == (3, 3)


def test_to_a_stopped_mailbox_nothing_is_promised_nor_sent(desk: Client, mailbox: Catcher) -> None:
    signature = signed()
    StoppedMailbox.objects.create(address_digest=signature.address_digest)
    page = desk.get(f"/desk/signatures/{signature.pk}/write/").content.decode()
    assert "has stopped our mails" in page and 'name="prepared"' not in page
    assert "Send</button>" not in write(desk, signature, do="show")
    assert "has stopped our mails. Allow them again first" in write(desk, signature)
    assert not OutboundMail.objects.exists() and not acts()
    StoppedMailbox.objects.all().delete()
    write(desk, signature)
    StoppedMailbox.objects.create(address_digest=signature.address_digest)
    assert outbox.drain() == 0
    assert "not sent, stopped by the owner" in desk.get(f"/desk/signatures/{signature.pk}/").content.decode()


def test_not_to_who_has_withdrawn(desk: Client) -> None:
    signature = signed()
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    OutboundMail.objects.all().delete()
    path = f"/desk/signatures/{signature.pk}/write/"
    assert f'href="{path}"' not in desk.get(f"/desk/signatures/{signature.pk}/").content.decode()
    assert desk.get(path).status_code == 404
    assert desk.post(path, {"prepared": "proof", "words": "", "do": "send"}).status_code == 404
    assert not OutboundMail.objects.exists()


@pytest.mark.parametrize(("role", "allowed"), [(Role.MODERATOR, True), (Role.EDITOR, False), (Role.VIEWER, False)])
def test_for_those_who_help_signers(role: Role, allowed: bool) -> None:
    signature, browser = signed(), Client()
    enter(browser, organizer(role=role))
    answer = browser.post(f"/desk/signatures/{signature.pk}/write/", {"prepared": "proof", "words": "", "do": "send"})
    assert answer.status_code == (303 if allowed else 403)
    assert OutboundMail.objects.count() == len(acts()) == allowed


@pytest.mark.django_db(transaction=True)
def test_nothing_of_it_is_left_after_an_erasure(desk: Client) -> None:
    signature = signed(name="Zyxomark Quillifeather", address="zyxomark@brimblewax.example")
    queue.hold(signature_id=signature.pk, organizer=organizer("olaf"), reason="Known?", now=timezone.now())
    write(desk, signature, words="Dear Zyxomark, do you live in Ostrafoyle?")
    assert b"Ostrafoyle" in dump() and ActDetail.objects.exists()
    retention.erase_mailbox(address="zyxomark@brimblewax.example", reason="Asked.", now=timezone.now())
    left = dump().lower()
    assert [word for word in (b"zyxomark", b"quillifeather", b"brimblewax", b"ostrafoyle") if word in left] == []
    assert acts()[0].reason == "ask for proof"


def dump() -> bytes:
    """The whole database as PostgreSQL's own tool writes it."""
    command = [str(embedded.BIN / "pg_dump"), "--data-only", "--no-owner", "-U", "postgres"]
    command += ["-h", str(connection.settings_dict["HOST"]), str(connection.settings_dict["NAME"])]
    return subprocess.run(command, check=True, capture_output=True).stdout
