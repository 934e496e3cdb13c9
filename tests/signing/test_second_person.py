"""Two people share a mailbox; one person signs under a second spelling; one name stands on the list already."""

import re

import pytest
from django.test import Client

from signatories.identity import links
from signatories.identity.links import Purpose
from signatories.models import Signature, Signup
from signatories.models.signature import State
from tests.people import sign_up, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def newest_link() -> str:
    """The link that the mail of the newest form would hold, had there been something to confirm."""
    signup = Signup.objects.latest("pk")
    return f"/confirm/{links.make(Purpose.CONFIRM, signup.pk, signup.nonce)}/"


def test_a_second_person_is_offered_a_place_and_held(client: Client, mailbox: Catcher) -> None:
    signed()
    mail = sign_up(client, mailbox, name="Bram Bellweather")
    assert "already signed" in mail.message["Subject"]
    assert "Aveline Ashgrove" in mail.text
    assert "shares this mailbox" in mail.text
    path = mail.path("confirm")
    page = client.get(path).content.decode()
    assert "has already signed for" in page
    for _ in range(2):
        assert client.post(path).status_code == 303
    second = Signature.objects.get(name="Bram Bellweather")
    assert (second.state, second.mailbox_place) == (State.HELD, 2)
    assert second.held_for == ["second-in-mailbox"]
    assert Signature.objects.count() == 2


def test_there_is_no_third_place(client: Client, mailbox: Catcher) -> None:
    signed()
    signed(name="Bram Bellweather")
    mail = sign_up(client, mailbox, name="Corisande Duskwood")
    assert "shares this mailbox" not in mail.text
    client.post(newest_link())
    assert {s.name for s in Signature.objects.all()} == {"Aveline Ashgrove", "Bram Bellweather"}


@pytest.mark.parametrize(
    ("first", "second"), [("Nils", "Inga"), ("Otto", "Corisande"), ("Лукьян", "Мария"), ("Paul", "Martina")]
)
def test_a_second_person_of_the_same_surname_is_taken_and_held(
    client: Client, mailbox: Catcher, first: str, second: str
) -> None:
    signed(name=f"{first} Featherstonehaugh")
    mail = sign_up(client, mailbox, name=f"{second} Featherstonehaugh")
    assert mail.code
    client.post(mail.path("confirm"))
    assert Signature.objects.get(name=f"{second} Featherstonehaugh").held_for == ["second-in-mailbox"]


def test_who_may_be_the_same_person_is_asked(client: Client, mailbox: Catcher) -> None:
    """Paul and Paula: a typing error, or two people. Nothing happens before they say which."""
    signed(name="Paul Featherstonehaugh")
    path = sign_up(client, mailbox, name="Paula Featherstonehaugh").path("confirm")
    page = client.get(path).content.decode()
    assert "Is this you, to mend your entry" in page
    undecided = client.post(path)
    assert undecided.status_code == 422
    assert "is this you, or somebody else?" in undecided.content.decode()
    assert Signature.objects.count() == 1
    assert client.post(path, {"another": "1"}).status_code == 303
    assert {s.name for s in Signature.objects.all()} == {"Paul Featherstonehaugh", "Paula Featherstonehaugh"}


def test_signing_again_mends_a_misspelling(client: Client, mailbox: Catcher) -> None:
    """Both mails are there before either is confirmed; the newer page offers to correct what the older one signed."""
    older = sign_up(client, mailbox, name="Petra Gildenstren").path("confirm")
    newer = sign_up(client, mailbox, name="Petra Gildenstern", profession="poet").path("confirm")
    client.post(older)
    page = client.get(newer).content.decode()
    corrects = re.search(r'formaction="([^"]+)"', page)
    assert corrects
    typed = dict(re.findall(r'<input type="text" name="(\w+)" value="([^"]*)"', page))
    assert typed["name"] == "Petra Gildenstern"
    saved = client.post(corrects[1], typed | {"profession": "poet", "appearance": "named"})
    assert saved.status_code == 303
    signature = Signature.objects.get()
    assert (signature.name, signature.profession, signature.letter) == ("Petra Gildenstern", "poet", "G")


def test_the_same_name_once_more_is_corrected_not_doubled(client: Client, mailbox: Catcher) -> None:
    older = sign_up(client, mailbox).path("confirm")
    newer = sign_up(client, mailbox, profession="poet").path("confirm")
    client.post(older)
    page = client.get(newer).content.decode()
    assert "This is me" in page
    assert 'name="another"' not in page
    client.post(newer, {"another": "1"})
    assert Signature.objects.count() == 1


@pytest.mark.parametrize("spelling", ["A. Ashgrove", "Ashgrove Aveline", "AVELINE ASHGROVE"])
def test_another_spelling_is_the_same_person(client: Client, mailbox: Catcher, spelling: str) -> None:
    signed()
    mail = sign_up(client, mailbox, name=spelling)
    assert "shares this mailbox" not in mail.text
    assert mail.path("mine")
    client.post(newest_link())
    assert Signature.objects.get().name == "Aveline Ashgrove"


def test_who_is_listed_already_is_asked_whether_it_is_the_same_person(client: Client, mailbox: Catcher) -> None:
    other = signed(address="other@example.org", profession="singer")
    path = sign_up(client, mailbox, profession="singer").path("confirm")
    page = client.get(path).content.decode()
    assert "already listed" in page
    assert other.get_absolute_url() in page
    client.post(path)  # a namesake goes on and is not kept waiting
    assert Signature.objects.public().count() == 2


@pytest.mark.parametrize("changes", [{"profession": "poet"}, {"name": "Bram Bellweather"}])
def test_others_are_not_asked(client: Client, mailbox: Catcher, changes: dict[str, str]) -> None:
    signed(address="other@example.org", profession="singer")
    page = client.get(sign_up(client, mailbox, **changes).path("confirm")).content.decode()
    assert "already listed" not in page


def test_an_unnamed_one_is_betrayed_to_nobody(client: Client, mailbox: Catcher) -> None:
    signed(address="other@example.org", named=False)
    assert "already listed" not in client.get(sign_up(client, mailbox).path("confirm")).content.decode()
