"""Organizers choose and order the featured names; the first page shows them."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from signatories.desk.featured import services as featured
from signatories.mine import services as mine
from signatories.models import Act, Signature
from signatories.models.act import Verb
from signatories.models.signature import State
from tests.people import signed

pytestmark = pytest.mark.django_db
NAMES = ("Aveline Ashgrove", "Bram Bellweather", "Coralie Vance")


def people() -> list[Signature]:
    return [signed(name=name, address=f"{name.split()[0]}@example.org") for name in NAMES]


def put_in_front(desk: Client, *signatures: Signature) -> None:
    for signature in signatures:
        assert desk.post("/desk/notable/add/", {"number": signature.number}).status_code == 303


def shown(page: bytes) -> list[str]:
    """Find the names in the block of the first page."""
    block = re.search(r'<div class="roll notable">(.*?)</div>', page.decode(), re.DOTALL)
    return re.findall(r"<bdi[^>]*>([^<]*)</bdi></a>", block[1]) if block else []


def test_in_front_in_the_order_the_desk_gives_and_the_desk_sees_the_same_block(client: Client, desk: Client) -> None:
    anonymous = Client()
    assert shown(anonymous.get("/").content) == []
    ann, bram, coralie = people()
    put_in_front(desk, coralie, ann, bram)
    assert shown(anonymous.get("/").content) == ["Coralie Vance", "Aveline Ashgrove", "Bram Bellweather"]
    assert desk.post(f"/desk/notable/{bram.pk}/move/", {"to": "1"}).status_code == 303
    names = ["Bram Bellweather", "Coralie Vance", "Aveline Ashgrove"]
    assert shown(anonymous.get("/").content) == names
    assert shown(anonymous.get("/fr/").content) == names

    def block(page: bytes) -> str:
        found = re.search(
            r'<section class="stack" aria-labelledby="notable-title">.*?</section>', page.decode(), re.DOTALL
        )
        assert found
        return found[0]

    assert block(anonymous.get("/").content) == block(desk.get("/desk/notable/").content)
    desk.post(f"/desk/notable/{coralie.pk}/remove/")
    assert shown(anonymous.get("/").content) == ["Bram Bellweather", "Aveline Ashgrove"]
    assert list(Signature.objects.featured_names().values_list("featured", flat=True)) == [1, 2]
    assert set(Act.objects.of_the_desk().values_list("verb", flat=True)) == {Verb.FEATURE}
    assert Act.objects.of_the_desk().count() == 5


def test_who_is_not_public_is_not_shown_and_the_desk_says_why(desk: Client) -> None:
    ann, bram, coralie = people()
    put_in_front(desk, ann, bram, coralie)
    Signature.objects.filter(pk=ann.pk).update(state=State.HELD)
    Signature.objects.filter(pk=bram.pk).update(named=False)
    mine.withdraw(signature_id=coralie.pk, now=timezone.now())
    assert shown(Client().get("/").content) == []
    page = desk.get("/desk/notable/").content.decode()
    assert "not shown now: held" in page
    assert "not shown now: without name" in page
    assert "Coralie" not in page


def test_only_what_is_on_the_list_comes_in_front(desk: Client) -> None:
    ann, bram, _coralie = people()
    Signature.objects.filter(pk=ann.pk).update(state=State.HELD)
    Signature.objects.filter(pk=bram.pk).update(named=False)
    for number in (ann.number, bram.number, 1, "", "x", "9" * 30):
        response = desk.post("/desk/notable/add/", {"number": number})
        assert response.status_code == 422
        assert f'value="{number}"' in response.content.decode() or not number
    assert featured.all_featured() == []
    assert not Act.objects.of_the_desk().exists()


@pytest.mark.parametrize("to", ["", "x", "9999", "-1", "²"])
def test_places_that_are_none(desk: Client, to: str) -> None:
    ann, bram, _coralie = people()
    put_in_front(desk, ann, bram)
    assert "Nothing was changed" in desk.post(f"/desk/notable/{ann.pk}/move/", {"to": to}, follow=True).content.decode()
    assert featured.all_featured() == [ann, bram]


def test_twice_is_once_and_there_is_an_end(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bram, _coralie = people()
    put_in_front(desk, ann)
    assert desk.post("/desk/notable/add/", {"number": ann.number}).status_code == 422
    monkeypatch.setattr(featured, "MAX_FEATURED", 1)
    assert desk.post("/desk/notable/add/", {"number": bram.number}).status_code == 422
    assert featured.all_featured() == [ann]
    desk.post(f"/desk/notable/{ann.pk}/remove/")
    assert "Nothing was changed" in desk.post(f"/desk/notable/{ann.pk}/remove/", follow=True).content.decode()


def test_strangers_put_nobody_in_front(client: Client) -> None:
    (ann, *_others) = people()
    assert client.post("/desk/notable/add/", {"number": ann.number}).status_code == 302
    assert featured.all_featured() == []


def test_one_more_is_seen_among_the_others_before_it_is_put_in_front(client: Client, desk: Client) -> None:
    """The block is set as on the first page; nobody else sees it, and nothing is changed."""
    anonymous = Client()
    ann, bram, coralie = people()
    put_in_front(desk, coralie)
    page = desk.get("/desk/notable/", {"try": str(ann.number)}).content
    assert shown(page) == ["Coralie Vance", "Aveline Ashgrove"]
    assert b"would stand last" in page
    assert shown(desk.get("/desk/notable/").content) == shown(anonymous.get("/").content) == ["Coralie Vance"]
    mine.withdraw(signature_id=bram.pk, now=timezone.now())
    for number in (bram.number, coralie.number, 987, "x", "9" * 30, "-1"):
        page = desk.get("/desk/notable/", {"try": str(number)}).content
        assert shown(page) == ["Coralie Vance"] and b"is not on the list by name" in page
    assert Act.objects.filter(verb=Verb.FEATURE).count() == 1
