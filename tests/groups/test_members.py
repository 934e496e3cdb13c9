"""Members of a group: a link for each, standing under it, leaving it, and a number that tells on nobody."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from signatories.groups import services
from signatories.mine import services as mine
from signatories.models import Membership, Signature
from signatories.models.signature import State
from signatories.privacy import retention
from tests.groups.bands import band_of, join, join_links, own_page, permalink, publish, sign, words
from tests.people import post_form, read_mail, signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_of_five_and_then_the_fifth(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 5)
    for link, name in zip(links[:4], ["Ada Vance", "Bram Fell", "Cosima Thorn", "Dorian Reed"], strict=True):
        join(client, mailbox, link, name)
        page = permalink(client, band)
        assert "Members who have signed" in page and name in page
        assert not re.search(r"\b(5|five|All)\b", page), page
    join(client, mailbox, links[4], "Esme Hollow")
    assert "All 5 members have signed" in permalink(client, band)
    assert Membership.all_have_signed(band) == 5


def test_a_member_without_a_name_is_not_pointed_at(client: Client, mailbox: Catcher) -> None:
    band, own, links = band_of(client, mailbox, 2)
    join(client, mailbox, links[0], "Ada Vance")
    join(client, mailbox, links[1], "Bram Fell", appearance="unnamed")
    page = permalink(client, band)
    assert "Members who have signed" in page
    assert "Bram" not in page and "2 members" not in page
    seen = client.get(f"{own}members/").content.decode()
    assert "Ada Vance" in seen and "Bram" not in seen


def test_the_page_behind_a_link(client: Client, mailbox: Catcher) -> None:
    _band, _own, links = band_of(client, mailbox, 2)
    answer = client.get(links[0])
    page = answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert 'content="noindex, nofollow"' in page
    assert "The Paper Lanterns has signed this declaration, and asks you as a member." in words(page)
    assert 'value="The Paper Lanterns"' in page
    wrong = post_form(client, links[0], name="")
    assert wrong.status_code == 422 and "asks you as a member" in words(wrong.content.decode())


def test_each_link_works_once(client: Client, mailbox: Catcher) -> None:
    _band, _own, links = band_of(client, mailbox, 2)
    first = join(client, mailbox, links[0], "Ada Vance")
    assert client.get(links[0]).status_code == 410
    assert post_form(client, links[0], email="late@example.org").status_code == 410
    assert Membership.objects.get(signature=first).group.name == "The Paper Lanterns"


def test_of_two_who_share_a_link_the_first_to_confirm_has_it(client: Client, mailbox: Catcher) -> None:
    _band, _own, links = band_of(client, mailbox, 2)
    post_form(client, links[0], name="Ada Vance", email="ada@example.org")
    post_form(client, links[0], name="Bram Fell", email="bram@example.org")
    client.post(read_mail(mailbox, "bram@example.org").path("confirm"))
    client.post(read_mail(mailbox, "ada@example.org").path("confirm"))
    joined = Membership.objects.exclude(signature=None).values_list("signature__name", flat=True)
    assert [*joined] == ["Bram Fell"]
    assert Signature.objects.filter(name="Ada Vance", state=State.PUBLISHED).exists()


def test_who_has_signed_before_stands_under_the_group_all_the_same(client: Client, mailbox: Catcher) -> None:
    before = signed(name="Ada Vance", address="ada@example.org")
    band, _own, links = band_of(client, mailbox, 2)
    post_form(client, links[0], name="Ada Vance", email="ada@example.org")
    own = read_mail(mailbox, "ada@example.org").path("mine")
    assert "The Paper Lanterns asks you as a member" in words(client.get(own).content.decode())
    offered, other = Membership.objects.order_by("pk")
    client.post(f"{own}join/", {"member": other.hidden_id})  # not the one of the link
    assert not Membership.objects.exclude(signature=None).exists()
    client.post(f"{own}join/", {"member": offered.hidden_id})
    assert Membership.objects.get(signature=before).group == band
    post_form(client, links[1], name="Ada Vance", email="ada@example.org")
    client.post(f"{own}join/", {"member": other.hidden_id})
    assert Membership.objects.filter(signature=before).count() == 1
    assert "Ada Vance" in permalink(client, band)


@pytest.mark.parametrize("who", ["speaker", "group"])
def test_a_link_that_was_taken_back_makes_nobody_a_member(client: Client, mailbox: Catcher, who: str) -> None:
    band, own, links = band_of(client, mailbox, 2)
    post_form(client, links[0], name="Ada Vance", email="ada@example.org")
    if who == "speaker":
        place = Membership.objects.earliest("pk")
        client.post(f"{own}members/remove/", {"member": place.hidden_id})
        client.post(read_mail(mailbox, "ada@example.org").path("confirm"))
        assert not Membership.objects.exclude(signature=None).exists()
    else:
        mine.withdraw(signature_id=band.pk, now=timezone.now())
        client.post(read_mail(mailbox, "ada@example.org").path("confirm"))
    assert client.get(links[0]).status_code == 410
    assert Signature.objects.get(name="Ada Vance").state == State.PUBLISHED


def test_a_member_leaves_and_keeps_their_signature(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 2)
    ada = join(client, mailbox, links[0], "Ada Vance")
    own = own_page(client, mailbox, "ada@example.org")
    assert "You stand under The Paper Lanterns" in words(client.get(own).content.decode())
    client.post(f"{own}leave/", {"member": Membership.objects.get(signature=ada).hidden_id})
    assert "Ada Vance" not in permalink(client, band)
    ada.refresh_from_db()
    assert ada.state == State.PUBLISHED


@pytest.mark.parametrize("sent", ["", "x", "0", "-1", "9" * 40, "١", "A" * 22, "é" * 22])
def test_what_is_no_place_changes_nothing(client: Client, mailbox: Catcher, sent: str) -> None:
    _band, own, _links = band_of(client, mailbox, 2)
    assert client.post(f"{own}members/remove/", {"member": sent}).status_code == 303
    assert client.post(f"{own}leave/", {"member": sent}).status_code == 303
    assert Membership.objects.standing().count() == 2


def test_a_speaker_touches_no_other_group(client: Client, mailbox: Catcher) -> None:
    _band, own, _links = band_of(client, mailbox, 2)
    other = publish(sign(client, mailbox, name="Hollow Reed", email="reed@example.org"))
    services.add_places(group_id=other.pk, count=1)
    client.post(f"{own}members/remove/", {"member": Membership.objects.get(group=other).hidden_id})
    assert Membership.objects.standing().filter(group=other).exists()


def test_before_somebody_has_looked_there_are_no_links(client: Client, mailbox: Catcher) -> None:
    band = sign(client, mailbox)
    own = own_page(client, mailbox)
    assert "come when a person has made sure" in words(client.get(f"{own}members/").content.decode())
    assert client.post(f"{own}members/", {"count": 3}).status_code == 422
    assert not band.members.exists()


@pytest.mark.parametrize("count", ["", "0", "-1", "x", "101", "1e9"])
def test_a_wrong_number_of_links(client: Client, mailbox: Catcher, count: str) -> None:
    band, own, _links = band_of(client, mailbox, 2)
    assert client.post(f"{own}members/", {"count": count}).status_code == 422
    assert client.post(f"{own}members/", {"count": "99"}).status_code == 422
    assert band.members.count() == 2


def test_a_person_has_no_members(client: Client, mailbox: Catcher) -> None:
    signed(address="ada@example.org")
    own = own_page(client, mailbox, "ada@example.org")
    assert client.get(f"{own}members/").status_code == 404


def test_a_garbled_link_is_explained(client: Client, mailbox: Catcher) -> None:
    _band, _own, links = band_of(client, mailbox, 1)
    for wrong in (links[0][:-3] + "x/", "/join/1.x/", "/join/nothing/"):
        answer = client.get(wrong)
        assert answer.status_code == 404
        assert (
            "ask whoever gave it to you" in answer.content.decode() and "type the code" not in answer.content.decode()
        )


def test_memberships_go_with_the_member_and_with_the_group(client: Client, mailbox: Catcher) -> None:
    band, _own, links = band_of(client, mailbox, 2)
    ada = join(client, mailbox, links[0], "Ada Vance")
    for gone in (ada, band):
        mine.withdraw(signature_id=gone.pk, now=timezone.now())
        assert retention.erase(signature_id=gone.pk, now=timezone.now())
    assert not Membership.objects.exists()


def test_no_page_of_a_group_or_a_member_holds_the_id_of_a_place(client: Client, mailbox: Catcher) -> None:
    """It counts up over all groups; beside a link it would explain every other link of that table."""
    band, own, links = band_of(client, mailbox, 2)
    _move_ids_far_away(band)
    links = join_links(client.get(f"{own}members/").content.decode())
    signed(name="Bram Fell", address="bram@example.org")
    post_form(client, links[1], name="Bram Fell", email="bram@example.org")
    join(client, mailbox, links[0], "Ada Vance")
    pages = [f"{own}members/", *(own_page(client, mailbox, f"{name}@example.org") for name in ("ada", "bram"))]
    shown = [client.get(page).content.decode() for page in pages]
    assert [page.count('name="member"') for page in shown] == [2, 1, 1]
    assert not [page for page in shown if "987654" in page]


def _move_ids_far_away(band: Signature) -> None:
    for n, place in enumerate(Membership.objects.filter(group=band).order_by("pk")):
        Membership.objects.filter(pk=place.pk).update(id=9876540 + n)
