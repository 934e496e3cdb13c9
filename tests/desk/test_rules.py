"""Rules: conditions, a preview that is frozen, exactly its people moved and put back, and who comes later."""

import html
import ipaddress
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories import tasks
from signatories.desk.queue import services as queue
from signatories.mine import services as mine
from signatories.models import Act, MassMove, PreviewedSet, Rule, Signature, Signup
from signatories.models.act import Verb
from signatories.privacy import retention
from signatories.screening import limits, previews
from tests.desk.rules import WAITING, move, preview
from tests.people import enter, organizer, signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailbox")]


def crowd(count: int, domain: str = "bots.example", first: int = 0) -> list[Signature]:
    """Some people of one mail domain."""
    return [signed(address=f"p{n}@{domain}", name=f"Person {n} Fen") for n in range(first, first + count)]


def states(people: list[Signature]) -> list[str]:
    """The states of people, in their order."""
    now = {row.pk: row.state for row in Signature.objects.filter(pk__in=[each.pk for each in people])}
    return [now[each.pk] for each in people]


def test_exactly_the_previewed_are_moved_the_others_are_named_and_one_act_puts_them_back(desk: Client) -> None:
    """A8, A16: five who match only after the preview stay, whether they came or were changed."""
    shown = crowd(5)
    other = [signed(address=f"o{n}@elsewhere.example", name=f"Other {n} Fen") for n in range(2)]
    path = preview(desk, domain="b?ts.ex*")
    page = desk.get(path).content.decode()
    assert "5 match" in page and "Person 3 Fen" in page and "bots.example" in page
    late = crowd(3, first=5)
    Signature.objects.filter(pk__in=[each.pk for each in other]).update(domain="bots.example")
    response = move(desk, path, "reject")
    assert response.status_code == 303
    assert states(shown) == ["published"] * 5  # the request moves nobody
    tasks.move()
    assert states(shown) == ["rejected"] * 5
    assert states(late + other) == ["published"] * 5
    page = desk.get(response["Location"]).content.decode()
    assert all(each.name in page for each in late + other)
    withdrawn = shown[0]
    mine.withdraw(signature_id=withdrawn.pk, now=timezone.now())
    newest = MassMove.objects.latest("pk")
    assert desk.post(f"/desk/alarms/moves/{newest.pk}/undo/").status_code == 303
    tasks.move()
    assert states(shown) == ["withdrawn"] + ["published"] * 4


def test_the_conditions_of_a_preview_are_changed_from_where_they_were(desk: Client) -> None:
    crowd(1)
    since = "2026-01-02T03:04:00+00:00"
    page = desk.get(preview(desk, domain="b?ts.example", since=since, decided="on", states=["held"])).content.decode()
    link = re.search(r'href="(/desk/rules/\?[^"]+)"', page)
    assert link
    form = desk.get(html.unescape(link[1])).content.decode()
    assert 'value="b?ts.example"' in form and 'value="2026-01-02T03:04"' in form
    assert len(re.findall(r"<input[^>]* checked", form)) == 2  # held, and also decided about
    for odd in ("?since=%00", "?since=1%2B1", "?since=2026-99-99T00:00%2B00:00", "?states=x", "?x=1", "?country=XX"):
        assert desk.get(f"/desk/rules/{odd}").status_code == 200


def test_a_preview_moves_nobody_and_is_pressed_once(desk: Client) -> None:
    crowd(2)
    path = preview(desk, domain="bots.example")
    acts = Act.objects.count()
    desk.get(path)
    assert Act.objects.count() == acts
    assert move(desk, path, "hold").status_code == 303
    shown = previews.token(PreviewedSet.objects.get())
    again = desk.post(f"{path}move/", {"shown": shown, "verb": "reject", "reason": "Twice."})
    assert again.status_code == 404
    assert MassMove.objects.count() == 1


def test_a_decision_after_the_preview_is_left_as_it_is(desk: Client, olga: AbstractBaseUser) -> None:
    people = crowd(3)
    path = preview(desk, domain="bots.example")
    queue.hold(signature_id=people[0].pk, organizer=olga, reason="I know her.", now=timezone.now())
    queue.publish(signature_id=people[0].pk, organizer=olga, reason="I know her.", now=timezone.now())
    move(desk, path, "reject")
    tasks.move()
    assert states(people) == ["published", "rejected", "rejected"]


def test_whom_an_organizer_has_decided_about_is_left_out_unless_asked_for(desk: Client, olga: AbstractBaseUser) -> None:
    people = crowd(2)
    queue.hold(signature_id=people[0].pk, organizer=olga, reason="Look.", now=timezone.now())
    assert "1 match" in desk.get(preview(desk, domain="bots.example")).content.decode()
    assert "2 match" in desk.get(preview(desk, domain="bots.example", decided="on")).content.decode()


def test_a_forged_or_foreign_preview_is_refused(desk: Client, boris: Client) -> None:
    crowd(2)
    path = preview(desk, domain="bots.example")
    shown = previews.token(PreviewedSet.objects.get())
    assert boris.get(path).status_code == 404
    assert boris.post(f"{path}move/", {"shown": shown, "verb": "hold", "reason": "Mine."}).status_code == 404
    for forged in (shown[:-2] + "xx", "", "1:2:3", "\0", "ü"):
        assert desk.post(f"{path}move/", {"shown": forged, "verb": "hold", "reason": "x"}).status_code in (404, 422)
    other = preview(desk, name="person 1")
    assert desk.post(f"{other}move/", {"shown": shown, "verb": "hold", "reason": "x"}).status_code == 404
    assert not MassMove.objects.exists()


def test_an_old_preview_is_deleted_and_refused(desk: Client) -> None:
    crowd(1)
    path = preview(desk, domain="bots.example")
    retention.forget(timezone.now() + previews.KEPT + timedelta(minutes=1))
    assert desk.get(path).status_code == 404
    assert not PreviewedSet.objects.exists()


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({}, "everybody"),
        ({"domain": "bots example"}, "mail domain like"),
        ({"domain": "x" * 300}, "at most 255"),
        ({"network": "300.1.2.3"}, "address like"),
        ({"since": "yesterday"}, "valid date"),
        ({"country": "XX"}, "valid choice"),
        ({"states": ["withdrawn"], "name": "x"}, "valid choice"),
        ({"states": [], "name": "x"}, "required"),
        ({"name": "a\0b"}, "Null characters"),
    ],
)
def test_bad_conditions_are_told_and_kept(desk: Client, asked: dict[str, object], word: str) -> None:
    response = desk.post("/desk/rules/preview/", WAITING | asked)
    assert response.status_code == 422
    assert word in response.content.decode()
    assert not PreviewedSet.objects.exists()


def test_too_many_are_refused_before_anything_is_frozen(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST", 2)
    crowd(3)
    response = desk.post("/desk/rules/preview/", WAITING | {"domain": "bots.example"})
    assert response.status_code == 422 and "narrow it down" in response.content.decode()
    assert not PreviewedSet.objects.exists()


@pytest.mark.parametrize("left_out", ["verb", "reason"])
def test_a_move_wants_a_decision_and_a_reason(desk: Client, left_out: str) -> None:
    crowd(1)
    path = preview(desk, domain="bots.example")
    assert move(desk, path, "hold", **{left_out: ""}).status_code == 422
    assert move(desk, path, "hold", later="day").status_code == 422  # without a name
    assert not MassMove.objects.exists() and not Rule.objects.exists()


def test_who_comes_later_waits_or_is_rejected_as_the_rule_says(desk: Client, olga: AbstractBaseUser) -> None:
    crowd(2)
    move(desk, preview(desk, domain="bots.example"), "reject", later="day", title="The machine")
    tasks.move()
    rule = Rule.objects.get()
    late, other = signed(address="late@bots.example", name="Late Fen"), signed(address="a@b.example", name="Ann Fen")
    assert states([late, other]) == ["held", "published"]
    assert "The machine" in desk.get("/desk/queue/").content.decode()  # beside why it waits
    tasks.move()
    assert states([late, other]) == ["rejected", "published"]
    act = Act.objects.filter(signature=late, verb=Verb.REJECT).get()
    assert act.organizer_id == olga.pk and f"rule {rule.pk}" in act.reason
    assert "1 decided" in desk.get("/desk/rules/").content.decode()
    desk.post(f"/desk/rules/{rule.pk}/end/")
    assert states([signed(address="last@bots.example", name="Last Fen")]) == ["published"]


def test_a_rule_ends_by_itself_and_with_the_power_of_its_organizer(desk: Client, olga: AbstractBaseUser) -> None:
    crowd(1)
    move(desk, preview(desk, domain="bots.example"), "reject", later="day", title="The machine")
    tasks.move()
    olga.is_active = False
    olga.save()
    late = signed(address="late@bots.example", name="Late Fen")
    tasks.move()
    assert states([late]) == ["held"]
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    assert states([signed(address="last@bots.example", name="Last Fen", now=tomorrow)]) == ["published"]


def test_a_rule_publishes_only_who_waits_for_where_they_come_from(desk: Client) -> None:
    """The rule of a trusted domain publishes no namesake of a watched name."""
    move(desk, preview(desk, domain="union.example"), "publish", later="always", title="The union")
    people = crowd(14, domain="union.example")
    assert states(people).count("held") > 0
    second = signed(address="p0@union.example", name="Somebody Else Entirely")
    tasks.move()
    assert set(states(people)) == {"published"}
    assert states([second]) == ["held"]


def test_a_network_is_asked_by_its_address_and_forgotten_with_the_forms(desk: Client) -> None:
    people = crowd(2)
    digest = limits.network(ipaddress.ip_address("192.0.2.7"))
    Signup.objects.filter(signature=people[0]).update(network=digest)
    path = preview(desk, network="192.0.2.7")
    assert "1 match" in desk.get(path).content.decode()
    move(desk, path, "hold", later="always", title="One hall")
    rule = Rule.objects.get()
    assert rule.ends_at is not None
    retention.forget(timezone.now() + timedelta(days=31))
    rule.refresh_from_db()
    assert "network" not in rule.conditions and rule.ended_at


def test_a_moderator_neither_previews_nor_moves(desk: Client) -> None:
    crowd(1)
    path = preview(desk, domain="bots.example")
    moderator = Client()
    enter(moderator, organizer("mona", role=None))
    for address in ("/desk/rules/", path):
        assert moderator.get(address).status_code in (403, 404)
