"""Pairs with one name and profession: one person, or two."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories.desk.duplicates import services as duplicates
from signatories.mail import outbox
from signatories.models import Act, KnownDistinct, OutboundMail, Signature
from signatories.models.act import Verb
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import signed
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def pair(**changes: Any) -> tuple[Signature, Signature]:
    """Two signatures of one name with two addresses."""
    return signed(address="one@example.org"), signed(address="two@example.org", **changes)


def answer(desk: Client, earlier: Signature, later: Signature, what: str, reason: str = "Asked her.") -> str:
    path = f"/desk/doubles/{earlier.pk}/{later.pk}/"
    return desk.post(path, {"answer": what, "reason": reason}, follow=True).content.decode()


def test_one_person_the_later_one_goes_and_both_mailboxes_are_told(desk: Client, mailbox: Catcher) -> None:
    earlier, later = pair(name="AVELINE ASHGROVE")
    assert "AVELINE ASHGROVE" in desk.get("/desk/doubles/").content.decode()
    assert "withdrawn" in answer(desk, earlier, later, "merge")
    assert dict(Signature.objects.values_list("pk", "state")) == {
        earlier.pk: State.PUBLISHED, later.pk: State.WITHDRAWN,
    }  # fmt: skip
    act = Act.objects.of_the_desk().get()
    assert (act.verb, act.signature_id, act.before, act.after, act.reason) == (
        Verb.MERGE, later.pk, State.PUBLISHED, State.WITHDRAWN, "Asked her.",
    )  # fmt: skip
    tally.fold()
    assert tally.number(timezone.now()).count == 1
    outbox.drain()
    told = {mail.to[0]: mail for mail in mailbox.mails}
    assert set(told) == {"one@example.org", "two@example.org"}
    assert "/mine/" in told["one@example.org"].text
    back = re.search(r"https?://[^/]+(/mine/\S+)", told["two@example.org"].text)
    assert back
    Client().post(back[1])
    later.refresh_from_db()
    assert later.state == State.PUBLISHED
    assert tally.repair() == {}
    assert "AVELINE ASHGROVE" in desk.get("/desk/doubles/").content.decode()


def test_two_people_are_remembered(desk: Client) -> None:
    earlier, later = pair()
    assert "two people" in answer(desk, earlier, later, "apart")
    assert KnownDistinct.objects.get().first == earlier
    assert "Nobody stands there twice" in desk.get("/desk/doubles/").content.decode()
    assert "Nothing was changed" in answer(desk, earlier, later, "apart")
    assert Act.objects.of_the_desk().get().verb == Verb.APART
    assert not OutboundMail.objects.exists()


def test_a_third_of_that_name_is_shown_beside_each_it_was_not_told_apart_from(desk: Client) -> None:
    earlier, later = pair()
    answer(desk, earlier, later, "apart")
    third = signed(address="three@example.org")
    assert duplicates.find_pairs(9).pairs == [(earlier, third)]
    answer(desk, earlier, third, "apart")
    assert duplicates.find_pairs(9).pairs == [(later, third)]
    answer(desk, later, third, "merge")
    assert duplicates.find_pairs(9).pairs == []


@pytest.mark.parametrize("state", [State.HELD, State.REJECTED])
def test_only_what_counts_is_a_double(desk: Client, state: str) -> None:
    earlier, later = pair()
    Signature.objects.filter(pk=later.pk).update(state=state)
    assert duplicates.find_pairs(9).pairs == []
    assert "Nothing was changed" in answer(desk, earlier, later, "merge")
    assert not Act.objects.of_the_desk().exists()


def test_another_name_or_profession_is_no_double(desk: Client) -> None:
    earlier, later = pair(profession="poet")
    other = signed(name="Bram Bellweather", address="three@example.org")
    assert duplicates.find_pairs(9).pairs == []
    for one, two in ((earlier, later), (earlier, other), (later, earlier), (earlier, earlier)):
        assert "Nothing was changed" in answer(desk, one, two, "merge")
    assert desk.post(f"/desk/doubles/1/{'9' * 40}/", {"answer": "merge", "reason": "x"}).status_code == 303
    assert set(Signature.objects.values_list("state", flat=True)) == {State.PUBLISHED}


def test_a_reason_is_needed(desk: Client) -> None:
    earlier, later = pair()
    assert "Please say why" in answer(desk, earlier, later, "merge", "")
    assert "Kept words" in answer(desk, earlier, later, "evil", "Kept words")
    assert Signature.objects.counted().count() == 2


def test_a_place_in_front_goes_to_the_one_who_stays(desk: Client, olga: AbstractBaseUser) -> None:
    earlier, later = pair()
    Signature.objects.filter(pk=later.pk).update(featured=3)
    answer(desk, earlier, later, "merge")
    assert list(Signature.objects.featured_names()) == [earlier]


def test_merging_twice_is_merging_once(desk: Client, mailbox: Catcher) -> None:
    earlier, later = pair()
    answer(desk, earlier, later, "merge")
    assert "Nothing was changed" in answer(desk, earlier, later, "merge")
    assert OutboundMail.objects.filter(kind=MailKind.MERGED).count() == 2
    assert Act.objects.of_the_desk().count() == 1


def test_a_long_list_is_looked_through_in_parts(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "SCANNED", 3)
    old = pair()
    for n, name in enumerate(["Corisande Duskwood", "Delphin Greyfriar", "Elowen Hazelmoor"]):
        signed(name=name, address=f"alone{n}@example.org")
    again = signed(name="Aveline Ashgrove", address="again@example.org")
    seen: list[duplicates.Pair] = []
    before = None
    for _turn in range(9):
        looked = duplicates.find_pairs(9, before=before)
        seen += looked.pairs
        if looked.further is None:
            break
        before = looked.further
    assert seen == [(old[0], again), (old[0], old[1])]
    page = desk.get("/desk/doubles/").content.decode()
    assert "Look at earlier signatures" in page
    link = re.search(r'href="(\?before=\d+)"', page)
    assert link
    assert desk.get(f"/desk/doubles/{link[1]}").status_code == 200


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1", "\u0663"])
def test_an_odd_place_shows_a_page(desk: Client, before: str) -> None:
    assert desk.get("/desk/doubles/", {"before": before}).status_code == 200
