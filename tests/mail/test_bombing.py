"""Through every form that a stranger can send, a third person gets few mails, and no words of the stranger (T19, T20)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from signatories.groups import services as groups
from signatories.mail import outbox
from signatories.models import Setting, Signup
from signatories.models.mailing import MailState
from tests.groups.bands import form as form_of_group
from tests.partners.partners import partner
from tests.people import form, read_mail, set_to, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
VICTIM = "victim@example.org"
DOORS = ["sign", "with", "join", "group"]
type Send = Callable[..., Any]


@pytest.fixture
def send(client: Client, in_one_window: None) -> Send:
    """Sends a form by a door, `send("join", name=…)`; by "join" through a new link of a band each time."""
    text()
    partner()
    band = signed(name="Hollow Reed", address="reed@example.org", profession="band")
    assert groups.add_places(group_id=band.pk, count=60)
    places = [groups.link_of(place) for place in band.members.order_by("pk")]
    outbox.drain()

    def sent(door: str, **changes: Any) -> Any:
        path = {"sign": "/sign/", "with": "/with/stage-hands/?by=newsletter", "group": "/sign/group/"}.get(door)
        typed = (form_of_group if door == "group" else form)(**{"email": VICTIM} | changes)
        return client.post(path or f"/join/{places.pop()}/", typed, REMOTE_ADDR="192.0.2.7")

    return sent


@pytest.fixture
def few() -> Any:
    """Few forms of one network are free."""
    set_to(free_per_network=3, most_per_network=3)
    yield
    Setting.objects.all().delete()


@pytest.mark.parametrize("door", [*DOORS, "all"])
def test_a_mailbox_gets_few_mails_a_day_whatever_the_door(send: Send, mailbox: Catcher, door: str) -> None:
    for n in range(20):
        used = DOORS[n % len(DOORS)] if door == "all" else door
        assert send(used, name=f"Name {chr(65 + n)}", email=f"victim+{n}@example.org").status_code == 303
    while outbox.drain():
        pass
    to_victim = [mail for mail in mailbox.mails if mail.to[0].startswith("victim")]
    assert len(to_victim) == settings.MAILS_PER_MAILBOX_PER_DAY
    assert Signup.objects.filter(mail_state=MailState.SET_ASIDE).count() >= 14


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.usefixtures("few")
def test_a_network_sends_few_forms_whatever_the_door(send: Send, door: str) -> None:
    """The doors are counted together; after that each asks for the puzzle, with what was typed kept."""
    for n, other in enumerate(["sign", "with", "group"]):
        assert send(other, name=f"Name {chr(65 + n)}", email=f"a{n}@example.org").status_code == 303
    before = Signup.objects.count()
    answer = send(door, name="Somebody Else")
    assert answer.status_code == 429
    assert 'value="Somebody Else"' in answer.content.decode()
    assert Signup.objects.count() == before
    # Who goes on without the puzzle is taken; the mail waits for a pace of its own (T43).
    assert send(door, name="Somebody Else", without="1").status_code == 303
    late = Signup.objects.latest("pk")
    assert late.held_for == ["unsolved"] and late.mail_state == MailState.WAITING


@pytest.mark.parametrize("door", DOORS)
def test_a_form_sent_twice_is_one_mail(send: Send, mailbox: Catcher, door: str) -> None:
    for _ in range(2):
        send(door, name="Petra Gildenstern")
    outbox.drain()
    assert len(mailbox.of(VICTIM)) == 1


PHRASES = [
    "You won 1000 EUR, claim it today", "Go to win-prize.com", "win-prize.com", "Call +44 20 7946 0000",
    "Your account is suspended", "Claim your prize now", "Free Tickets", "bit.ly prize", "we know where you live",
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("phrase", PHRASES)
def test_no_field_carries_words_into_the_mail(send: Send, mailbox: Catcher, door: str, phrase: str) -> None:
    """Neither the name of a group, nor of its speaker, nor what stands beside a name."""
    answer = send(door, name=phrase, affiliation=phrase, representative=phrase, name_latin=phrase)
    if answer.status_code == 422:
        assert not Signup.objects.filter(name=phrase).exists()
        return
    mail = read_mail(mailbox, VICTIM)
    for part in (mail.text, mail.html, str(mail.message["Subject"])):
        assert phrase not in part and "win-prize" not in part
    assert "the name that you typed" in mail.text


@pytest.mark.parametrize(
    "name", ["WIN http://evil.example", "www.evil.example", "//evil.example", "<a href=//evil.example>x</a>", "evil.example/x"]
)  # fmt: skip
@pytest.mark.parametrize("field", ["name", "representative", "name_latin"])
def test_a_group_has_no_link_in_any_name(send: Send, mailbox: Catcher, field: str, name: str) -> None:
    assert send("group", **{field: name}).status_code == 422
    assert outbox.drain() == 0


@pytest.mark.parametrize("field", ["name", "representative", "name_latin"])
def test_a_group_smuggles_no_header_in(send: Send, mailbox: Catcher, field: str) -> None:
    """T20."""
    assert send("group", **{field: "Ann\r\nBcc: bob at example\r\n\r\nOwl"}).status_code == 303
    mail = read_mail(mailbox, VICTIM)
    assert mail.to == [VICTIM] and mail.message["Bcc"] is None


def test_the_mail_to_a_member_does_not_name_the_group(send: Send, mailbox: Catcher) -> None:
    """Whoever speaks for a group knows the link, and could write to anybody under its name."""
    send("join", name="Ada Vance")
    mail = read_mail(mailbox, VICTIM)
    assert "Hollow Reed" not in mail.text + mail.html + str(mail.message["Subject"])
    assert "Ada Vance" in mail.text
