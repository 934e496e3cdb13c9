"""A mailing at the desk: whom it is for, the number, the test, the start with a fresh second factor, how far it is."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from signatories.desk.partners import services as partners
from signatories.mail import outbox
from signatories.models import Mailing, Signature
from signatories.models.organizer import Role
from signatories.news import sending
from signatories.privacy import own_data
from tests.news.news import editor, published, reader, receivers, send_all
from tests.people import enter, organizer
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
ALL = {"language": "", "profession": "", "country": "", "partner": "", "pace": "600"}


@pytest.fixture
def edna(client: Client) -> Client:
    """The browser of an editor."""
    return enter(client, organizer("edna", role=Role.EDITOR))


def prepare(browser: Client, **changes: str) -> str:
    """Prepare a mailing; returns the address of its page."""
    update = published()
    answer = browser.post(f"/desk/news/{update.pk}/mailings/new/", ALL | changes)
    assert answer.status_code == 303, answer.content.decode()
    return answer["Location"]


def test_from_the_audience_to_the_last_mail(edna: Client, mailbox: Catcher) -> None:
    for n in range(3):
        reader(f"p{n}@example.org", name=f"Person{n} Ash")
    path = prepare(edna)
    assert "being counted" in edna.get(path).content.decode()
    sending.work(timezone.now())
    page = edna.get(path).content.decode()
    assert "3 in all, 600 a minute" in page and "Start now" not in page
    assert "You get this mail because" in page and "Vous recevez ce message parce que" in page
    edna.post(f"{path}test/")
    assert "has not gone yet" in edna.get(path).content.decode()
    refused = edna.post(f"{path}start/", {"now": "1"})
    assert refused.status_code == 409 and "The test has not gone yet" in refused.content.decode()
    outbox.drain()
    assert len(mailbox.of("edna@declaration.example")) == 2
    assert "Start now: 3 mails" in edna.get(path).content.decode()
    assert edna.post(f"{path}start/", {"now": "1"})["Location"] == path
    send_all()
    page = edna.get(path).content.decode()
    assert ": done" in page and "<dt>Sent</dt><dd>3" in page
    assert receivers(mailbox) == [f"p{n}@example.org" for n in range(3)]
    # The person reads it among the data kept, and so does who asks for all of them.
    person = Signature.objects.get(name="Person0 Ash")
    facts = {key: value for key, _label, value in own_data.facts(person)}
    assert facts["news_mailed"].startswith("The list is printed (")
    (told,) = own_data.of_mailbox("p0@example.org")["signatures"]
    assert len(told["news_mailed"]) == 1


def test_the_start_asks_for_the_second_factor(edna: Client, mailbox: Catcher) -> None:
    path = prepare(edna)
    edna.post(f"{path}test/")
    outbox.drain()
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        asked = edna.post(f"{path}start/", {"now": "1"})
    assert asked.status_code == 302 and "/accounts/" in asked["Location"]
    assert Mailing.objects.get().state == "draft"


def test_a_moment_in_the_past_is_told(edna: Client, mailbox: Catcher) -> None:
    path = prepare(edna)
    edna.post(f"{path}test/")
    outbox.drain()
    answer = edna.post(f"{path}start/", {"later": "1", "at": "2020-01-01T10:00"})
    assert answer.status_code == 422 and "This moment is over" in answer.content.decode()
    later = timezone.now() + timedelta(days=1)
    assert edna.post(f"{path}start/", {"later": "1", "at": f"{later:%Y-%m-%dT%H:%M}"}).status_code == 303
    assert Mailing.objects.get().starts_at and sending.work(timezone.now()) == 0


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, 4),
        ({"language": "fr"}, 1),
        ({"profession": "author"}, 1),
        ({"country": "IE"}, 1),
        ({"partner": "ours"}, 1),
        ({"language": "fr", "country": "IE"}, 0),
    ],
)
def test_the_audience(edna: Client, mailbox: Catcher, chosen: dict[str, str], found: int) -> None:
    values = {
        "name": "Union of Stage Hands",
        "slug": "stage-hands",
        "site": "",
        "stance": "supports",
        "sentence": {},
        "duties": {},
    }
    union = partners.add(values=values, organizer=editor())
    reader("fr@example.org", name="Fay Ash", language="fr")
    reader("wr@example.org", name="Wren Brook", profession="author")
    reader("ie@example.org", name="Ida Cole", country="IE")
    by = reader("by@example.org", name="Bea Dale")
    Signature.objects.filter(pk=by.pk).update(channel=union.channels.get())
    if "partner" in chosen:
        chosen = chosen | {"partner": str(union.pk)}
    prepare(edna, **chosen)
    sending.work(timezone.now())
    assert Mailing.objects.get().people == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"pace": "0"}, {"pace": "6001"}, {"pace": "x"}, {"pace": ""}, {"language": "xx"}, {"language": "../en"},
        {"profession": "robber"}, {"country": "XX"}, {"partner": "99999"}, {"partner": "x"},
    ],
)  # fmt: skip
def test_a_wrong_choice_is_told_and_changes_nothing(edna: Client, wrong: dict[str, str]) -> None:
    update = published()
    answer = edna.post(f"/desk/news/{update.pk}/mailings/new/", ALL | wrong)
    assert answer.status_code == 422 and not Mailing.objects.exists()
    path = prepare(edna)
    assert edna.post(path, ALL | wrong).status_code == 422
    assert Mailing.objects.get().pace == 600


def test_a_draft_and_what_was_taken_down_cannot_be_mailed(edna: Client, mailbox: Catcher) -> None:
    path = prepare(edna)
    update = Mailing.objects.get().update
    edna.post(f"/desk/news/{update.pk}/down/")
    assert edna.get(f"/desk/news/{update.pk}/mailings/new/").status_code == 404
    assert edna.post(f"{path}start/", {"now": "1"}).status_code == 409
    assert "cancelled" in edna.get(path).content.decode()


def test_while_it_goes_the_pace_is_changed_and_it_is_paused_resumed_and_cancelled(
    edna: Client, mailbox: Catcher
) -> None:
    reader("p@example.org", name="Person Ash")
    path = prepare(edna)
    edna.post(f"{path}test/")
    outbox.drain()
    edna.post(f"{path}start/", {"now": "1"})
    assert edna.post(f"{path}pace/", {"pace": "x"}).status_code == 422
    edna.post(f"{path}pace/", {"pace": "30"})
    edna.post(f"{path}pause/")
    assert ": paused" in edna.get(path).content.decode()
    edna.post(f"{path}resume/")
    edna.post(f"{path}cancel/")
    mailing = Mailing.objects.get()
    assert (mailing.pace, mailing.state) == (30, "cancelled")
    assert edna.post(path, ALL).status_code == 303 and Mailing.objects.get().pace == 30
