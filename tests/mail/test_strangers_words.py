"""A mail to somebody who has not confirmed carries no message of a stranger: the name alone, if it reads as one."""

import pytest
from django.test import Client

from signatories.identity.mailable import reads_as_name
from signatories.mail import reminders
from signatories.models import Signup
from tests.people import post_form, read_mail, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
PHRASES = [
    "You won 1000 EUR, claim at win-prize.com today", "Go to win-prize.com", "win-prize.com", "Visit win-prize.shop now",
    "Call +44 20 7946 0000", "Your account is suspended", "Click here please", "Claim your prize now", "Pay 50€ today",
    "Vous avez gagné", "Cliquez ici maintenant", "Sie haben gewonnen", "Ha vinto un premio", "Usted ha ganado",
    "URGENT: verify your password", "Free money", "Dear friend, read this offer", "bit.ly prize", "evil.example.com",
    "this is not a name at all", "Invoice #4711", "we know where you live", "t.co offers today", "one two three four five six",
]  # fmt: skip
NAMES = [
    "Aveline Ashgrove", "will.i.am", "-M-", "O'Dunmore", "Þórdís O'Dunmore-Řeháková", "Gabriela Ximena de la Higuera y Sol",
    "Rosalind Ackerby Jr.", "A. B. Vale", "d'Aubrepierre", "Яна Барвинок", "星野原 花音", "محمد الرمّاني", "נועם הרדוף",
    "प्रियांशी ऋतुराज", "Ωρίων Ψαροπούλα", "b r i n e", "MÅNE", "Maren van der Ostgaard", "Bao", "ก้องฟ้า ทองเมฆา",
]  # fmt: skip


@pytest.mark.parametrize("phrase", PHRASES)
def test_what_a_stranger_phrases_is_not_mailed(client: Client, mailbox: Catcher, phrase: str) -> None:
    text()
    post_form(
        client, name=phrase, affiliation="Go to win-prize.com", profession="other", profession_other="Call 0190 1234"
    )
    if not Signup.objects.exists():  # refused at the form
        return
    mail = read_mail(mailbox)
    for part in (mail.text, mail.html, str(mail.message["Subject"])):
        assert phrase not in part
        assert "win-prize" not in part
        assert "0190" not in part
    assert "the name that you typed" in mail.text
    page = client.get(mail.path("confirm")).content.decode()
    assert "Go to win-prize.com" in page


@pytest.mark.parametrize("name", NAMES)
def test_names_are_mailed(client: Client, mailbox: Catcher, name: str) -> None:
    assert name in sign_up(client, mailbox, name=name).text


@pytest.mark.parametrize("phrase", PHRASES)
def test_no_phrase_reads_as_a_name(phrase: str) -> None:
    assert not reads_as_name(phrase)


def test_nor_in_a_reminder_nor_to_who_has_signed(client: Client, mailbox: Catcher) -> None:
    signed(address="signed@example.org")
    sign_up(client, mailbox, name="Claim your prize", affiliation="win-prize.com")
    mail = sign_up(client, mailbox, name="Claim your prize", email="signed@example.org")
    assert "Claim your prize" not in mail.text
    signup = Signup.objects.latest("pk")
    assert reminders.remind(signup.created_at) == 0


@pytest.mark.parametrize(
    "name", ["win-prize.com?id=5", "//evil.com", "Ann //evil.com/x", "win-prize.com#a", "(//evil.com)"]
)
def test_links_in_names_are_refused(client: Client, name: str) -> None:
    text()
    assert post_form(client, name=name).status_code == 422


def test_a_repeated_mail_is_kept_apart_from_the_first(client: Client, mailbox: Catcher) -> None:
    first = sign_up(client, mailbox, name="Petra Gildenstren").message
    second = sign_up(client, mailbox, name="Petra Gildenstern").message
    subjects = [str(mail["Subject"]).strip() for mail in (first, second)]
    assert subjects[1].startswith(f"{subjects[0]} (")
    assert subjects[1].endswith(" UTC)")
    assert first["X-Entity-Ref-ID"] != second["X-Entity-Ref-ID"]
    for mail in (first, second):
        assert mail["References"] is None
        assert mail["In-Reply-To"] is None
