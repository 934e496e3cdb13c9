"""A speaker mends the name of the group: warned before, held for a true reason, and judged beside the old name."""

from typing import Any

import pytest
from django.test import Client

from signatories.models import Signature
from signatories.models.signature import State
from tests.groups.bands import band_of, join, join_links, own_page, permalink, publish, sign, words
from tests.people import enter, organizer, read_mail, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)
WARNING = "it leaves the list at once and waits until a person has made sure that the group wants it"
OLD_NAME = "Before the change the name was {} ."


def mended(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "profession": "band", "filed_under": "", "country": "IE"} | changes


def mend(client: Client, own: str, name: str) -> Signature:
    assert client.post(own, mended(name)).status_code == 303
    return Signature.objects.get(name=name)


def desk_page(path: str, name: str) -> str:
    return words(enter(Client(), organizer(name)).get(path).content.decode())


def test_the_form_says_before_what_happens(client: Client, mailbox: Catcher) -> None:
    own = own_page_of_published(client, mailbox)
    page = client.get(own).content.decode()
    assert WARNING in words(page)
    assert page.index(WARNING) < page.index(">Save<")
    assert "looks like somebody else’s" not in words(page)


def own_page_of_published(client: Client, mailbox: Catcher) -> str:
    publish(sign(client, mailbox))
    return own_page(client, mailbox)


def test_the_form_of_a_person_and_of_a_group_that_waits_does_not_warn_so(client: Client, mailbox: Catcher) -> None:
    signed(name="Ada Vance", address="ada@example.org")
    page = words(client.get(own_page(client, mailbox, "ada@example.org")).content.decode())
    assert WARNING not in page and "looks like somebody else’s" in page
    sign(client, mailbox)
    assert WARNING not in words(client.get(own_page(client, mailbox)).content.decode())


@pytest.mark.parametrize(
    "name",
    [
        "the paper lanterns", "The  Paper Lanterns!", "The Pàper Lanterns", "The PaperLanterns", "The Paper-Lanterns",
        "Ŧhe Paper ĽANTERNS", "“The Paper” Lantern´s",
    ],
)  # fmt: skip
def test_capitals_accents_spaces_and_punctuation_change_at_once(client: Client, mailbox: Catcher, name: str) -> None:
    own = own_page_of_published(client, mailbox)
    assert client.post(own, mended(name)).status_code == 303
    band = Signature.objects.get()
    assert band.state == State.PUBLISHED and band.name != "The Paper Lanterns"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The Quiet Four", "The Quiet Five"), ("NBC Singers", "BBC Singers"), ("Quiet", "Quiet Society of Authors"),
        ("Die Stillen", "Stillen"), ("Antebellum", "Lady Antebellum"), ("Dog", "Dr. Dog"), ("The The", "The"),
        ("C++", "C"), ("C#", "C"), ("A ∆", "A"), ("Simon & Vale", "Simon Vale"), ("パンク", "ハンク"), ("שׁם", "שם"),
        ("Май", "Маи"), ("Її", "Іі"), ("Воў", "Воу"),
    ],
)  # fmt: skip
def test_any_other_name_waits(client: Client, mailbox: Catcher, old: str, new: str) -> None:
    publish(sign(client, mailbox, name=old))
    band = mend(client, own_page(client, mailbox), new)
    assert (band.state, band.held_for) == (State.HELD, ["renamed"])


@pytest.mark.parametrize(
    ("old", "new", "state"),
    [
        ("Panku", "PÁNKU!", State.PUBLISHED), ("Panku", "Hanku", State.HELD), ("", "Hanku", State.HELD),
        ("Panku", "", State.HELD),
    ],
)  # fmt: skip
def test_the_name_in_latin_letters_is_a_name_too(
    client: Client, mailbox: Catcher, old: str, new: str, state: State
) -> None:
    publish(sign(client, mailbox, name="パンク", name_latin=old))
    own = own_page(client, mailbox)
    assert client.post(own, mended("パンク", name_latin=new)).status_code == 303
    band = Signature.objects.get()
    assert (band.name_latin, band.state) == (new, state)
    if state == State.HELD:
        for page in (desk_page("/desk/queue/", "ines"), desk_page(f"/desk/signatures/{band.pk}/", "jana")):
            latin = f", in Latin letters {old} ." if old else ", and stood in no Latin letters."
            assert page.count(f"Before the change the name was パンク {latin}") == 1


def test_the_speaker_reads_on_each_page_what_has_happened(client: Client, mailbox: Catcher) -> None:
    band, own, links = band_of(client, mailbox, 2)
    join(client, mailbox, links[0], "Ada Vance")
    mend(client, own, "The Paper Boats")
    page = words(client.get(own).content.decode())
    assert "a person makes sure that the group wants it" in page and "the links of its members do not work" in page
    members = words(client.get(f"{own}members/").content.decode())
    assert "do not work until a person has made sure" in members and "links for your members come" not in members
    mail = read_mail(mailbox, "vera@example.org").text
    assert "a person makes sure that the group wants it" in " ".join(mail.split())
    assert "Show my name" not in mail
    assert [client.get(link).status_code for link in links] == [410, 410]
    band.refresh_from_db()
    publish(band)
    assert "Ada Vance" in permalink(client, band)
    assert links[1] in join_links(client.get(f"{own}members/").content.decode())
    assert client.get(links[1]).status_code == 200


def test_the_desk_judges_the_change_beside_the_old_name(client: Client, mailbox: Catcher) -> None:
    publish(sign(client, mailbox, name="The Quiet Four"))
    own = own_page(client, mailbox)
    mend(client, own, "The Quiet Five")
    band = mend(client, own, "The Quiet Six")
    pages = [desk_page("/desk/queue/", "ines"), desk_page(f"/desk/signatures/{band.pk}/", "jana")]
    for page in pages:
        assert "the name of a group was changed" in page and "looks like another person" not in page
        assert page.count(OLD_NAME.format("The Quiet Four")) == 1
        assert OLD_NAME.format("The Quiet Five") not in page


def test_once_somebody_has_decided_the_old_name_is_not_shown(client: Client, mailbox: Catcher) -> None:
    publish(sign(client, mailbox, name="The Quiet Four"))
    own = own_page(client, mailbox)
    publish(mend(client, own, "The Quiet Five"))
    band = mend(client, own, "Loud Society")
    assert OLD_NAME.format("The Quiet Five") in desk_page("/desk/queue/", "ines")
    assert OLD_NAME.format("The Quiet Four") not in desk_page(f"/desk/signatures/{band.pk}/", "jana")


def test_the_changed_name_of_a_person_is_judged_so_too(client: Client, mailbox: Catcher) -> None:
    signed(name="Ada Vance", address="ada@example.org")
    own = own_page(client, mailbox, "ada@example.org")
    assert client.post(own, mended("Otto Netherby", profession="singer", appearance="named")).status_code == 303
    page = desk_page("/desk/queue/", "ines")
    assert "the name was changed to another one, which may be somebody else’s" in page
    assert OLD_NAME.format("Ada Vance") in page


def test_a_name_that_was_not_changed_has_no_old_one(client: Client, mailbox: Catcher) -> None:
    sign(client, mailbox)
    assert "Before the change" not in desk_page("/desk/queue/", "ines")


def test_who_corrects_it_at_the_desk_is_warned_too(client: Client, mailbox: Catcher) -> None:
    band = publish(sign(client, mailbox))
    assert "leaves the list until somebody has published it again" in desk_page(
        f"/desk/signatures/{band.pk}/correct/", "ines"
    )
    person = signed(name="Ada Vance", address="ada@example.org")
    assert "leaves the list" not in desk_page(f"/desk/signatures/{person.pk}/correct/", "jana")
