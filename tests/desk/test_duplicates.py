"""Signatures of one name and profession: one person who signed twice, or different people. Groups, likeliest first."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from signatories.desk.duplicates import finding
from signatories.desk.duplicates import services as duplicates
from signatories.mail import outbox
from signatories.mine import services as mine
from signatories.models import Act, DuplicateGroup, KnownDistinct, OutboundMail, Signature, Signup
from signatories.models.act import Verb
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import signed
from tests.races import at_once
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db


def look() -> None:
    """Let the job run."""
    finding.look(timezone.now())


def pair(**changes: Any) -> tuple[Signature, Signature]:
    """Two signatures of one name with two addresses."""
    found = signed(address="one@example.org"), signed(address="two@example.org", **changes)
    look()
    return found


def found() -> list[list[int]]:
    """The groups as the desk shows them, each as its ids."""
    return [[member.pk for member in group.members] for group in duplicates.page(99).groups]


def answer(
    desk: Client, members: tuple[Signature, ...], what: str, reason: str = "Asked her.", **more: Any
) -> str:  # fmt: skip
    """Answer a group: the first of `members` stays, all others are the same person, unless told otherwise."""
    ids = [member.pk for member in members]
    group = DuplicateGroup.objects.filter(members__overlap=ids).first()
    sent = {"member": ids, "same": ids, "keep": ids[0], "answer": what, "reason": reason} | more
    path = f"/desk/doubles/{group.pk if group else 1}/"
    return desk.post(path, sent, follow=True).content.decode()


def test_one_person_the_later_one_goes_and_both_mailboxes_are_told(desk: Client, mailbox: Catcher) -> None:
    earlier, later = pair(name="AVELINE ASHGROVE")
    assert "AVELINE ASHGROVE" in desk.get("/desk/doubles/").content.decode()
    assert "1 signature withdrawn" in answer(desk, (earlier, later), "merge")
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
    assert found() == []
    Client().post(back[1])
    later.refresh_from_db()
    assert later.state == State.PUBLISHED
    assert tally.repair() == {}
    look()
    assert "AVELINE ASHGROVE" in desk.get("/desk/doubles/").content.decode()


def test_the_later_one_may_stay(desk: Client) -> None:
    earlier, later = pair()
    answer(desk, (earlier, later), "merge", keep=later.pk)
    assert dict(Signature.objects.values_list("pk", "state")) == {
        earlier.pk: State.WITHDRAWN, later.pk: State.PUBLISHED,
    }  # fmt: skip


def test_two_people_are_remembered(desk: Client) -> None:
    earlier, later = pair()
    assert "different people" in answer(desk, (earlier, later), "apart")
    assert KnownDistinct.objects.get().first == earlier
    look()
    assert "Nobody stands there twice" in desk.get("/desk/doubles/").content.decode()
    assert "Nothing was changed" in answer(desk, (earlier, later), "apart")
    assert Act.objects.of_the_desk().get().verb == Verb.APART
    assert not OutboundMail.objects.exists()


def three() -> tuple[Signature, Signature, Signature]:
    people = tuple(signed(address=f"{n}@example.org") for n in range(3))
    look()
    return people  # type: ignore[return-value]


def test_three_of_one_name_are_one_entry_and_merged_at_once(desk: Client, mailbox: Catcher) -> None:
    people = three()
    assert found() == [[person.pk for person in people]]
    page = desk.get("/desk/doubles/").content.decode()
    assert page.count('name="keep"') == 3
    assert "2 signatures withdrawn" in answer(desk, people, "merge", keep=people[1].pk)
    assert list(Signature.objects.counted()) == [people[1]]
    assert Act.objects.filter(verb=Verb.MERGE).count() == 2
    assert OutboundMail.objects.filter(kind=MailKind.MERGED).count() == 3
    outbox.drain()
    mails = [mail for mail in mailbox.mails if "became one" in mail.message["Subject"]]
    assert {mail.to[0] for mail in mails} == {f"{n}@example.org" for n in range(3)}
    assert "the other one stands" in mails[0].text
    assert found() == []


def test_three_different_people_are_decided_at_once(desk: Client) -> None:
    people = three()
    answer(desk, people, "apart")
    assert KnownDistinct.objects.count() == 3
    look()
    assert found() == []
    fourth = signed(address="four@example.org")
    look()
    assert found() == [[*(person.pk for person in people), fourth.pk]]


def test_who_is_not_marked_is_another_person_than_the_one_who_stays(desk: Client) -> None:
    first, second, other = three()
    answer(desk, (first, second, other), "merge", same=[first.pk, second.pk])
    assert set(Signature.objects.counted()) == {first, other}
    assert KnownDistinct.objects.get().first == first
    look()
    assert found() == []


@pytest.mark.parametrize("state", [State.HELD, State.REJECTED])
def test_only_what_counts_is_a_double(desk: Client, state: str) -> None:
    earlier, later = pair()
    Signature.objects.filter(pk=later.pk).update(state=state, changed_at=timezone.now())
    assert found() == []
    assert "Nothing was changed" in answer(desk, (earlier, later), "merge")
    look()
    assert not DuplicateGroup.objects.exists()
    assert not Act.objects.of_the_desk().exists()


def test_another_name_or_profession_is_no_double(desk: Client) -> None:
    earlier, later = pair(profession="poet")
    other = signed(name="Bram Bellweather", address="three@example.org")
    look()
    assert found() == []
    for members in ((earlier, later), (earlier, other)):
        assert "Nothing was changed" in answer(desk, members, "merge")
    assert set(Signature.objects.values_list("state", flat=True)) == {State.PUBLISHED}


def test_a_corrected_name_leaves_its_group(desk: Client) -> None:
    _earlier, later = pair()
    later.name = "Bram Bellweather"
    later.set_keys()
    later.changed_at = timezone.now()
    later.save()
    assert found() == []
    look()
    assert not DuplicateGroup.objects.exists()
    again = signed(name="Bram Bellweather", address="three@example.org")
    look()
    assert found() == [[later.pk, again.pk]]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": ""}, "Please say why"),
        ({"answer": "evil"}, "valid choice"),
        ({"keep": ""}, "Please choose which one stays"),
        ({"keep": 1}, "Please choose which one stays"),
        ({"keep": "9" * 40}, "less than or equal"),
        ({"same": []}, "Please choose who is the same person"),
        ({"same": [1]}, "look at the group again"),
        ({"member": []}, "look at the group again"),
        ({"member": list(range(1, 30))}, "look at the group again"),
        ({"member": ["x", "9" * 40]}, "valid choice"),
    ],
)
def test_a_mistake_is_told_beside_the_group_and_what_was_typed_is_kept(
    desk: Client, changed: dict[str, Any], said: str
) -> None:
    earlier, later = pair()
    group = DuplicateGroup.objects.get()
    ids = [earlier.pk, later.pk]
    sent = {"member": ids, "same": ids, "keep": ids[0], "answer": "merge", "reason": "Kept words"} | changed
    response = desk.post(f"/desk/doubles/{group.pk}/", sent)
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert "Kept words" in page or not sent["reason"]
    assert Signature.objects.counted().count() == 2


def test_a_place_in_front_goes_to_the_one_who_stays(desk: Client) -> None:
    earlier, later = pair()
    Signature.objects.filter(pk=later.pk).update(featured=3)
    answer(desk, (earlier, later), "merge")
    assert list(Signature.objects.featured_names()) == [earlier]


def test_merging_twice_is_merging_once(desk: Client, mailbox: Catcher) -> None:
    earlier, later = pair()
    answer(desk, (earlier, later), "merge")
    assert "Nothing was changed" in answer(desk, (earlier, later), "merge")
    assert OutboundMail.objects.filter(kind=MailKind.MERGED).count() == 2
    assert Act.objects.of_the_desk().count() == 1


def test_the_likeliest_come_first() -> None:
    """Hours apart in two countries; from one provider; in one band within minutes and from one network."""
    now = timezone.now() - timedelta(days=3)

    def two(name: str, hours: float, *more: dict[str, Any]) -> list[int]:
        return [
            signed(name=name, address=f"{name[0]}{n}@{extra.pop('domain', f'{n}.example')}", now=moment, **extra).pk
            for n, extra in enumerate(more)
            for moment in [now + n * timedelta(hours=hours)]
        ]

    unlikely = two("Ada Vance", 30, {"country": "IE"}, {"country": "FR"})
    band = two("Bram Oake", 0.1, {"affiliation": "The Lanterns"}, {"affiliation": "the lanterns"})
    provider = two("Celia Marsh", 30, {"domain": "gmail.com"}, {"domain": "gmail.com"})
    country = two("Dorian Pike", 0.1, {"country": "IE"}, {"country": "IE"})
    network = two("Elowen Reed", 0.1, {"country": "IE"}, {"country": "IE"})
    Signup.objects.filter(signature__in=network).update(network=b"n" * 16)
    look()
    order = found()
    assert order[:3] == [network, band, country]
    assert {tuple(ids) for ids in order[3:]} == {tuple(unlikely), tuple(provider)}
    scores = list(DuplicateGroup.objects.order_by("-score").values_list("score", flat=True))
    assert scores[3] == scores[4]


def many_groups(count: int) -> None:
    for n in range(count):
        for m in range(2):
            signed(name=f"Person {n}", address=f"{n}-{m}@example.org")
    look()


def shown(page: bytes) -> list[int]:
    return [int(pk) for pk in re.findall(rb'id="entry-(\d+)"', page)]


def test_pages_of_ten_with_a_total_reach_every_group_once(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many_groups(23)
    seen: list[int] = []
    sizes, path = [], "/desk/doubles/"
    while path:
        with django_assert_max_num_queries(20):
            page = desk.get(path).content
        assert b"<strong>23</strong> groups" in page
        sizes.append(len(shown(page)))
        seen += shown(page)
        link = re.search(rb'rel="next" href="([^"]+)"', page)
        path = f"/desk/doubles/{link[1].decode()}" if link else ""
    assert sizes == [10, 10, 3]
    assert len(set(seen)) == 23


def test_an_answer_leads_back_to_its_page_and_a_mistake_is_told_there(desk: Client) -> None:
    many_groups(12)
    link = re.search(rb'rel="next" href="([^"]+)"', desk.get("/desk/doubles/").content)
    assert link
    second = desk.get(f"/desk/doubles/{link[1].decode()}").content
    first, last = shown(second)
    action = re.search(rf'action="(/desk/doubles/{first}/\?after=[\d.]+)#'.encode(), second)
    assert action
    members = DuplicateGroup.objects.get(pk=first).members
    wrong = desk.post(action[1].decode(), {"answer": "apart", "reason": "", "member": members})
    assert wrong.status_code == 422
    assert shown(wrong.content) == [first, last]
    done = desk.post(action[1].decode(), {"answer": "apart", "reason": "Asked both.", "member": members})
    assert done["Location"] == f"/desk/doubles/{link[1].decode()}"
    assert shown(desk.get(done["Location"]).content) == [last]


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "1", "\u0663.1", "1.", ".1", f"1.{2**63}", "1.1"])
def test_an_odd_place_shows_a_page(desk: Client, after: str) -> None:
    assert desk.get("/desk/doubles/", {"after": after}).status_code == 200


def test_of_very_many_of_one_name_the_first_are_shown_and_the_rest_later(desk: Client) -> None:
    people = [signed(address=f"{n}@example.org").pk for n in range(finding.MOST_MEMBERS + 2)]
    look()
    (first,) = found()
    assert first == people[: finding.MOST_MEMBERS]
    shown_ones = tuple(Signature.objects.filter(pk__in=first).order_by("pk"))
    answer(desk, shown_ones, "merge")
    (rest,) = found()
    assert rest == [people[0], *people[finding.MOST_MEMBERS :]]


def test_the_job_looks_only_at_what_was_changed(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    earlier, later = pair()
    Signature.objects.update(changed_at=timezone.now() - timedelta(hours=1))
    DuplicateGroup.objects.all().delete()
    look()
    assert found() == []
    third = signed(address="three@example.org")
    with django_assert_max_num_queries(20):
        look()
    assert found() == [[earlier.pk, later.pk, third.pk]]


@pytest.mark.django_db(transaction=True)
def test_who_withdraws_while_an_organizer_merges_is_withdrawn_once(olga: AbstractBaseUser) -> None:
    for turn in range(5):
        people = [signed(name=f"Ada Vance {'I' * turn}", address=f"{turn}-{n}@example.org").pk for n in range(3)]
        look()
        first, second, third = people

        def merge(keep: int = first, others: tuple[int, ...] = (second, third)) -> int:
            return duplicates.merge(keep=keep, others=others, organizer=olga, reason="So.", now=timezone.now())

        def withdraw(pk: int) -> int:
            return int(mine.withdraw(signature_id=pk, now=timezone.now()))

        acts: list[Callable[[], int]] = [merge, partial(withdraw, second), partial(withdraw, first)]
        turns = iter(acts)

        def take_turn(turns: Iterator[Callable[[], int]] = turns) -> int:
            return next(turns)()

        at_once(3, take_turn)
        states = dict(Signature.objects.filter(pk__in=people).values_list("pk", "state"))
        assert states[people[0]] == states[people[1]] == State.WITHDRAWN
        merged = states[people[2]] == State.WITHDRAWN
        ends = Act.objects.filter(signature__in=people, after=State.WITHDRAWN)
        assert ends.count() == 2 + merged
        tally.fold()
        assert tally.repair() == {}


@pytest.mark.django_db(transaction=True)
def test_two_organizers_who_merge_in_opposite_ways_leave_one(olga: AbstractBaseUser) -> None:
    people = [signed(address=f"{n}@example.org").pk for n in range(2)]
    look()
    ways = iter([people, people[::-1]])

    def merge() -> int:
        keep, other = next(ways)
        return duplicates.merge(keep=keep, others=[other], organizer=olga, reason="So.", now=timezone.now())

    assert sorted(at_once(2, merge)) == [0, 1]
    assert Signature.objects.counted().count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_page_asks_the_database_for_rows_by_index() -> None:
    many_groups(2)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN " + str(DuplicateGroup.objects.order_by("-score", "-pk")[:11].query))
        assert "duplicate_group_likeliest" in str(cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
