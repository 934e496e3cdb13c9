"""Bands, ensembles, companies and organisations sign through a speaker, and are counted apart from people."""

import csv
import io
from pathlib import Path

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from signatories.desk.queue import services as queue
from signatories.editions import services as editions
from signatories.identity.filing import guess_filing
from signatories.models import Signature, Signup, WatchedName
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.editions.building import as_dicts, body, build
from tests.groups.bands import form, publish, sign, words
from tests.people import organizer, read_mail, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_band_signs_waits_and_stands_on_the_list_when_somebody_has_looked(client: Client, mailbox: Catcher) -> None:
    band = sign(client, mailbox)
    assert (band.state, band.held_for) == (State.HELD, ["group"])
    assert (band.profession, band.named, band.filed_under, band.letter) == ("band", True, "Paper", "P")
    assert (band.representative, band.representative_role) == ("Vera Quill", "speaker")
    assert client.get("/signatories/1/").status_code == 404
    publish(band)
    page = words(client.get(band.get_absolute_url()).content.decode())
    assert "The Paper Lanterns" in page
    assert "Band" in page
    assert "confirmed by the speaker of the group, and looked at by a person" in page
    assert "Vera Quill" not in page
    assert "The Paper Lanterns" in client.get("/signatories/?profession=band").content.decode()
    assert "The Paper Lanterns" in client.get("/signatories/?letter=P").content.decode()


def test_groups_are_counted_apart_everywhere(
    client: Client, mailbox: Catcher, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    signed(name="Ada Vance", address="ada@example.org")
    signed(name="Bram Fell", address="bram@example.org", named=False)
    publish(sign(client, mailbox))
    publish(sign(client, mailbox, name="Choir of Small Hours", profession="ensemble", email="choir@example.org"))
    number = tally.number(timezone.now())
    assert (number.count, number.named, number.unnamed, number.groups) == (2, 1, 1, 2)
    assert tally.repair() == {}
    assert client.get("/api/v1/count").json() | {"as_of": ""} == {
        "count": 2, "named": 1, "unnamed": 1, "groups": 2, "as_of": "", "final": False,
    }  # fmt: skip
    home = words(client.get("/").content.decode())
    assert "2 have signed 1 by name, 1 without and 2 bands and organisations" in home
    listed = words(client.get("/signatories/").content.decode())
    assert "Ada Vance" in listed and "The Paper Lanterns" in listed and "Choir of Small Hours" in listed
    tallies = client.get("/api/v1/tallies/profession").json()
    assert [part["code"] for part in tallies["counts"]] == ["singer"]

    edition = build()
    assert (edition.named, edition.unnamed, edition.groups, edition.count) == (1, 1, 2, 2)
    plain = body(client.get("/press/latest.csv")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(plain)))
    assert {(row["name"], row["profession"], row["profession_text"]) for row in rows} == {
        ("Ada Vance", "singer", "Singer"), ("The Paper Lanterns", "band", "Band"),
        ("Choir of Small Hours", "ensemble", "Ensemble or choir"),
    }  # fmt: skip
    told = body(client.get("/press/latest.json"))
    assert b'"groups": 2' in told
    assert len(as_dicts(body(client.get("/press/latest.xlsx")))) == 3
    cite = client.get("/press/cite.txt").content.decode()
    assert "2 people have signed" in cite and "and 2 bands and organisations" in cite
    facts = words(client.get("/press/editions/1/").content.decode())
    assert "Bands and organisations 2" in facts
    while editions.build_waiting_part():
        pass
    of_groups = body(client.get("/press/editions/1/groups.csv")).decode("utf-8-sig")
    assert "Paper Lanterns" in of_groups and "Ada Vance" not in of_groups
    music = body(client.get("/press/editions/1/music.csv")).decode("utf-8-sig")
    assert "Ada Vance" in music and "Paper Lanterns" not in music


def test_a_second_edition_tells_people_who_left_and_no_group(
    client: Client, mailbox: Catcher, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    signed(name="Ada Vance", address="ada@example.org")
    build()
    band = publish(sign(client, mailbox))
    second = build()
    assert (second.added, second.left, second.groups) == (0, 0, 1)
    name = organizer("remover")
    queue.reject(signature_id=band.pk, organizer=name, reason="It was not them.", now=timezone.now())
    third = build()
    assert (third.added, third.left, third.groups) == (0, 0, 0)
    number = words(client.get("/corrections/").content.decode())
    assert "UTC: 1, 1 by name and 0 without." in number


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name": ""}, "Please enter the name of the group."),
        ({"profession": ""}, "Please choose what it is."),
        ({"profession": "singer"}, "Please choose what it is."),
        ({"representative": ""}, "Please enter your own name."),
        ({"email": ""}, "Please enter your e-mail address."),
        ({"name": "www.band.example"}, 'class="error"'),
    ],
)
def test_what_is_wrong_is_explained_and_kept(client: Client, changes: dict[str, str], wrong: str) -> None:
    text()
    answer = client.post("/sign/group/", form(**changes))
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert "Vera Quill" in answer.content.decode() or "representative" in changes
    assert not Signup.objects.exists()


def test_a_person_is_no_band(client: Client) -> None:
    text()
    answer = client.post(
        "/sign/", {"name": "Ada", "profession": "band", "email": "a@example.org", "appearance": "named"}
    )
    assert answer.status_code == 422


def test_a_group_named_like_a_watched_name_waits_for_that_too(client: Client, mailbox: Catcher) -> None:
    WatchedName.objects.create(name="Cassius Moonwright")
    band = sign(client, mailbox, name="Cassius Moonwright")
    assert band.held_for == ["looks-like:Cassius Moonwright", "group"]


def test_its_speaker_also_signs_as_a_person(client: Client, mailbox: Catcher) -> None:
    band = sign(client, mailbox)
    signed(name="Vera Quill", address="vera@example.org")
    assert Signature.objects.exclude(pk=band.pk).get().state == State.PUBLISHED


def test_the_speaker_mends_and_withdraws_it(client: Client, mailbox: Catcher) -> None:
    band = publish(sign(client, mailbox))
    client.post("/mine/", {"email": "vera@example.org"})
    own = read_mail(mailbox, "vera@example.org").path("mine")
    page = client.get(own).content.decode()
    assert 'name="appearance"' not in page and 'name="affiliation"' not in page
    mended = {"name": "Les Lanternes", "profession": "ensemble", "filed_under": "Paper", "country": "FR"}
    assert client.post(own, mended).status_code == 303
    band.refresh_from_db()
    assert (band.name, band.profession, band.filed_under, band.named) == (
        "Les Lanternes",
        "ensemble",
        "Lanternes",
        True,
    )
    client.post(f"{own}withdraw/")
    tally.fold()
    assert tally.number(timezone.now()).groups == 0
    assert tally.repair() == {}


def test_no_group_is_without_a_name() -> None:
    signature = signed()
    with pytest.raises(IntegrityError, match="signature_group_is_named"):
        Signature.objects.filter(pk=signature.pk).update(profession="band", named=False)


@pytest.mark.parametrize(
    ("name", "filing"),
    [
        ("The Paper Lanterns", "Paper"), ("Les Lanternes", "Lanternes"), ("L’Orchestre des Brumes", "Orchestre"),
        ("Die Papierlaternen", "Papierlaternen"), ("Los Faroles", "Faroles"), ("The", "The"), ("Hollow Reed", "Hollow"),
        ("劇団ほたる", "劇団ほたる"), ("-M-", "M"), ("  ", "  "), ("A Flock of Lanterns", "Flock"), ("An Owl", "Owl"),
        ("A", "A"), ("An", "An"), ("Los", "Los"), ("Die", "Die"), ("As", "As"), ("As We Lie Waiting", "As"),
        ("De La Brume", "De"), ("O Lantern", "O"),
        # Quotes and brackets go; the words in them count, as they do not in the name of a person.
        ("“Nine” Ensemble", "Nine"), ('"Odd Al" Band', "Odd"), ("The “Nine” Ensemble", "Nine"),
        ("“The Nine” Ensemble", "Nine"), ("»Neun« Ensemble", "Neun"), ("”Nio” Ensemble", "Nio"), ("(low) tide", "low"),
        ("The (Inter)National Choir", "InterNational"), ("'Til Thursday", "Til"), ("#1 Uncles", "1"),
        ("Hollow Reed (Dublin)", "Hollow"), ("Gekidan Hotaru (劇団ほたる)", "Gekidan"), ("“L’Orage” Trio", "Orage"),
    ],
)  # fmt: skip
def test_it_is_filed_under_its_first_word_without_article(name: str, filing: str) -> None:
    assert guess_filing(name, of_group=True) == filing


@pytest.mark.parametrize(
    ("name", "language", "country", "filing"),
    [
        ("As Lanternas", "pt", "", "Lanternas"), ("O Farol", "en", "BR", "Farol"), ("O Farol", "pt-br", "", "Farol"),
        ("De Lantaarns", "nl", "", "Lantaarns"), ("De Lantaarns", "en", "NL", "Lantaarns"),
        ("De la Niebla", "es", "", "De"), ("A Flock of Lanterns", "de", "DE", "Flock"), ("A Dos Luces", "es", "", "A"),
        ("A Due Voci", "en", "IT", "A"), ("An der Quelle", "de", "", "An"), ("An Owl", "fr", "", "Owl"),
    ],
)  # fmt: skip
def test_a_word_that_is_an_article_elsewhere_stays(name: str, language: str, country: str, filing: str) -> None:
    assert guess_filing(name, language=language, country=country, of_group=True) == filing


def test_a_name_that_stays_keeps_its_filing_and_a_new_one_is_guessed_anew(client: Client, mailbox: Catcher) -> None:
    """Also where the old one was guessed by an earlier version, which left out what stands in quotes."""
    band = sign(client, mailbox, name="“Paper Owl” Night Choir")
    Signature.objects.filter(pk=band.pk).update(filed_under="Night")
    client.post("/mine/", {"email": "vera@example.org"})
    own = read_mail(mailbox, "vera@example.org").path("mine")
    mended = {"name": band.name, "profession": "ensemble", "filed_under": "Night", "country": "IE"}
    assert client.post(own, mended).status_code == 303
    band.refresh_from_db()
    assert band.filed_under == "Night"
    assert client.post(own, mended | {"name": "“Paper Owls” Night Choir"}).status_code == 303
    band.refresh_from_db()
    assert band.filed_under == "Paper"


@given(st.text(max_size=60))
def test_any_name_has_a_filing(name: str) -> None:
    assert not name or guess_filing(name, of_group=True)
