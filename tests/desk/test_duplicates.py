"""Pairs with one name and profession: one person, or two."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

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
        assert looked.total == len(looked.pairs)
        seen += looked.pairs
        if looked.further is None:
            break
        before = looked.further
    assert seen == [(old[0], again), (old[0], old[1])]
    page = desk.get("/desk/doubles/").content.decode()
    assert "<strong>1</strong> pair of the same name and profession among the newest 3 signatures." in page
    assert "Look at earlier signatures" in page
    link = re.search(r'href="(\?before=\d+)"', page)
    assert link
    assert desk.get(f"/desk/doubles/{link[1]}").status_code == 200


def shown(page: bytes) -> list[int]:
    """The later signatures of the pairs on a page."""
    return [int(pk) for pk in re.findall(rb'id="entry-(\d+)"', page)]


def many_pairs(count: int) -> list[int]:
    """So many people who signed twice; returns the ids of their later signatures, newest first."""
    people = [signed(name=f"Person {n}", address=f"{n}-{m}@example.org") for n in range(count) for m in range(2)]
    return [person.pk for person in people[1::2]][::-1]


def test_many_pairs_have_a_total_and_pages_of_ten(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    later = many_pairs(23)
    pages = []
    path = "/desk/doubles/"
    for number in (1, 2, 3):
        with django_assert_max_num_queries(30):
            pages.append(desk.get(path).content)
        assert b"<strong>23</strong> pairs of the same name and profession." in pages[-1]
        assert f"Page {number} of 3.".encode() in pages[-1]
        link = re.search(rb'rel="next" href="([^"]+)"', pages[-1])
        path = f"/desk/doubles/{link[1].decode()}" if link else ""
    assert path == ""
    assert [shown(page) for page in pages] == [later[:10], later[10:20], later[20:]]
    assert b'rel="prev" href="?page=2"' in pages[-1]
    assert shown(desk.get("/desk/doubles/?page=99").content) == later[20:]


def test_an_answer_leads_back_to_its_page_and_a_mistake_is_told_there(desk: Client) -> None:
    later = many_pairs(12)
    page = desk.get("/desk/doubles/?page=2").content.decode()
    action = re.search(rf'action="(/desk/doubles/\d+/{later[10]}/\?page=2)#', page)
    assert action
    wrong = desk.post(action[1], {"answer": "apart", "reason": ""})
    assert wrong.status_code == 422
    assert shown(wrong.content) == later[10:]
    assert b"Please say why" in wrong.content
    done = desk.post(action[1], {"answer": "apart", "reason": "Asked both."})
    assert done["Location"] == "/desk/doubles/?page=2"
    assert shown(desk.get(done["Location"]).content) == later[11:]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1", "\u0663"])
def test_an_odd_place_shows_a_page(desk: Client, before: str) -> None:
    assert desk.get("/desk/doubles/", {"before": before}).status_code == 200
