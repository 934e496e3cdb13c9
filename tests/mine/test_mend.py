"""A signer mends the signature on the own page."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from signatories.models import OutboundMail, Signature, WatchedName
from signatories.models.act import Verb
from signatories.models.signature import State
from signatories.screening import standing
from signatories.screening.conditions import Conditions
from signatories.tally import services as tally
from tests.people import ADDRESS, organizer, read_mail, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db
type OwnPage = Callable[[Signature], str]


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Aveline Ashgrove", "filed_under": "Ashgrove", "name_latin": "", "profession": "singer",
        "profession_other": "", "affiliation": "", "country": "", "appearance": "named",
    } | changes  # fmt: skip


def count() -> tuple[int, int]:
    tally.fold()
    number = tally.number(timezone.now())
    return number.named, number.unnamed


def test_looking_changes_nothing(client: Client, own_page: OwnPage) -> None:
    signature = signed()
    for _ in range(3):
        assert client.get(own_page(signature)).status_code == 200
        client.head(own_page(signature))
    assert Signature.objects.filter(pk=signature.pk, changed_at=signature.changed_at).exists()


def test_a_misspelt_name_is_mended_everywhere(client: Client, mailbox: Catcher, own_page: OwnPage) -> None:
    signature = signed(name="Avelinne Ashgrove")
    response = client.post(own_page(signature), typed(filed_under="", name_latin="Ashgrove Aveline", country="FR"))
    assert response.status_code == 303
    assert b"saved" in client.get(response["Location"]).content
    page = client.get("/signatories/?q=aveline").content
    assert b"Aveline Ashgrove" in page
    assert b"Avelinne" not in page
    signature.refresh_from_db()
    assert (signature.state, signature.letter, signature.country.code) == (State.PUBLISHED, "A", "FR")
    mail = read_mail(mailbox)
    assert "Aveline Ashgrove" in mail.text
    assert "Aveline" not in mail.message["Subject"]
    assert client.get(mail.path("mine")).status_code == 200
    assert tally.repair() == {}


def test_only_name_and_appearance_are_told_by_mail(client: Client, own_page: OwnPage) -> None:
    signature = signed()
    client.post(own_page(signature), typed())
    client.post(own_page(signature), typed(affiliation="The Paper Lanterns"))
    assert not OutboundMail.objects.exists()
    signature.refresh_from_db()
    assert signature.affiliation == "The Paper Lanterns"


def test_hiding_and_showing_the_name(client: Client, mailbox: Catcher, own_page: OwnPage) -> None:
    signature = signed()
    assert count() == (1, 0)
    client.post(own_page(signature), typed(appearance="unnamed"))
    assert count() == (0, 1)
    assert client.get(f"/signatories/{signature.number}/").status_code == 404
    assert "without showing" in read_mail(mailbox).text
    client.post(own_page(signature), typed())
    assert count() == (1, 0)
    assert client.get(f"/signatories/{signature.number}/").status_code == 200
    assert tally.repair() == {}


def test_news_on_and_off(client: Client, own_page: OwnPage) -> None:
    signature = signed()
    wishes: list[dict[str, str]] = [{"news": "on"}, {}]
    for wish in wishes:
        client.post(own_page(signature), typed(**wish))
        signature.refresh_from_db()
        assert signature.news is bool(wish)


def test_a_filing_guessed_by_an_earlier_version_stays_until_the_name_changes(client: Client, own_page: OwnPage) -> None:
    signature = signed(name="Aveline Ashgrove Jr.")
    Signature.objects.update(filed_under="Jr.")
    for name, filing in (("Aveline Ashgrove Jr.", "Jr."), ("Aveline Ashgrave Jr.", "Ashgrave")):
        client.post(own_page(signature), typed(name=name, filed_under="Jr.", country="FR"))
        signature.refresh_from_db()
        assert (signature.name, signature.filed_under) == (name, filing)


@pytest.mark.parametrize(
    ("name", "reason"), [("Cassius Moonwright", "looks-like:Cassius Moonwright"), ("Otto Netherby", "renamed")]
)
def test_a_name_that_becomes_another_person_waits(client: Client, own_page: OwnPage, name: str, reason: str) -> None:
    WatchedName.objects.create(name="Cassius Moonwright")
    signature = signed()
    client.post(own_page(signature), typed(name=name, filed_under=""))
    signature.refresh_from_db()
    assert signature.state == State.HELD
    assert reason in signature.held_for
    assert count() == (0, 0)
    assert client.get(f"/signatories/{signature.number}/").status_code == 404
    assert b"a person looks at it" in client.get(own_page(signature)).content


def test_what_was_published_with_a_watched_name_is_not_held_for_it_again(client: Client, own_page: OwnPage) -> None:
    signature = signed(name="Cassius Moonwright")
    WatchedName.objects.create(name="Cassius Moonwright")
    client.post(own_page(signature), typed(name="Cassius Moonwright", filed_under="", affiliation="The Ember Choir"))
    signature.refresh_from_db()
    assert (signature.state, signature.affiliation) == (State.PUBLISHED, "The Ember Choir")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("name", ""), ("name", "<b>"), ("name", "Ann\0"), ("filed_under", "https://x.example"), ("profession", "x")],
)
def test_a_wrong_field_is_explained_and_changes_nothing(
    client: Client, own_page: OwnPage, field: str, wrong: str
) -> None:
    signature = signed()
    response = client.post(own_page(signature), typed(affiliation="Kept in the form", **{field: wrong}))
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in response.content.decode()
    assert b"Kept in the form" in response.content
    signature.refresh_from_db()
    assert (signature.name, signature.affiliation) == ("Aveline Ashgrove", "")


def test_own_data_to_read_and_as_json(client: Client, own_page: OwnPage) -> None:
    signature = signed(name="Яна Барвинок", name_latin="Yana Barvinok")
    page = client.get(f"{own_page(signature)}data/").content.decode()
    data = client.get(f"{own_page(signature)}data.json")
    assert data["Content-Type"] == "application/json; charset=utf-8"
    kept = json.loads(data.content)
    assert "attachment" in data["Content-Disposition"]
    assert kept["address"] == ADDRESS
    for value in (ADDRESS, "Яна Барвинок", "Yana Barvinok", kept["text_sha256"], kept["signed_at"]):
        assert value in page
        assert value in kept.values()


def test_a_link_ends_after_a_while(client: Client, own_page: OwnPage) -> None:
    path = own_page(signed())
    with time_machine.travel(timezone.now() + timedelta(days=32)):
        for way in (path, f"{path}withdraw/", f"{path}data.json"):
            assert client.get(way).status_code == 410
        assert client.post(path, typed(name="Otto Netherby")).status_code == 410
        assert client.post(f"{path}withdraw/").status_code == 410
    assert Signature.objects.get().name == "Aveline Ashgrove"


def test_links_of_others_and_garbled_ones_open_nothing(client: Client, own_page: OwnPage) -> None:
    mine = signed()
    other = signed(name="Bram Bellweather", address="bram@example.org")
    mac = own_page(mine).split(".")[1]
    garbled = [own_page(other).split(".")[0] + "." + mac, own_page(mine)[:-2] + "/", own_page(mine).upper()]
    garbled += [own_page(mine).replace("-7", "-8", 1), "/mine/1.x/", "/mine/%00/", "/mine/undefined/"]
    for path in garbled:
        assert client.get(path).status_code == 404, path
        assert client.post(path, typed(name="Otto Netherby")).status_code == 404
        assert client.post(f"{path}withdraw/").status_code == 404
    assert not Signature.objects.filter(name="Otto Netherby").exists()
    assert Signature.objects.filter(state=State.PUBLISHED).count() == 2


@pytest.mark.parametrize(("name", "state"), [("Ann Quinmaf", "held"), ("Aveline Ashgroove", "published")])
def test_what_matches_a_rule_about_who_comes_after_the_mending_waits_for_it(
    client: Client, own_page: OwnPage, name: str, state: str
) -> None:
    signature = signed(name="Ann Quinmav" if state == "held" else "Aveline Ashgrove")
    rule = standing.add(
        title="Quinmaf", conditions=Conditions(name="quinmaf"), verb=Verb.HOLD, reason="A machine.", organizer=organizer(),
        ends_at=None, now=timezone.now(),
    )  # fmt: skip
    client.post(own_page(signature), typed(name=name, filed_under=""))
    signature.refresh_from_db()
    assert (signature.state, f"rule:{rule.pk}" in signature.held_for) == (state, state == "held")


def test_who_stood_with_a_rule_before_is_not_held_for_it_again(client: Client, own_page: OwnPage) -> None:
    signature = signed(name="Ann Quinmaf")
    standing.add(
        title="Quinmaf", conditions=Conditions(name="quinmaf"), verb=Verb.HOLD, reason="A machine.", organizer=organizer(),
        ends_at=None, now=timezone.now(),
    )  # fmt: skip
    client.post(own_page(signature), typed(name="Ann Quinmaf", filed_under="", country="FR"))
    signature.refresh_from_db()
    assert (signature.state, signature.country.code) == ("published", "FR")
