"""An answer to an alarm moves exactly those whom the page has shown, by the worker, and can be taken back in one act."""

import re

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories import tasks
from signatories.desk.queue import services as queue
from signatories.lifecycle import mass_moves
from signatories.models import Act, Alarm, MassMove, Signature
from signatories.models.act import Verb
from signatories.models.mass_move import MassMoveState
from signatories.models.signature import State
from signatories.screening import alerts
from signatories.tally import services as tally
from tests.desk.alarms import alarm_about, answer, newest_move, press, shown
from tests.people import signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailbox")]


def at(desk: Client, move: MassMove, more: str = "") -> str:
    """The page of a mass move."""
    return desk.get(f"/desk/alarms/moves/{move.pk}/{more}").content.decode()


def count(state: State) -> int:
    """How many are in a state."""
    return Signature.objects.filter(state=state).count()


def is_open(alarm: Alarm) -> bool:
    """Whether an alarm waits for an answer."""
    return Alarm.objects.filter(pk=alarm.pk, closed_at=None).exists()


def test_five_who_confirm_after_the_page_was_shown_are_not_rejected_and_one_act_takes_all_back(
    desk: Client, olga: AbstractBaseUser
) -> None:
    """E33, C20: the alarm shows 54, five more confirm, 54 are rejected, and undo puts these 54 back."""
    alarm = alarm_about("bots.example", 54)
    page = desk.get("/desk/alarms/").content.decode()
    assert "Reject all 54" in page
    seen = shown(desk, alarm)
    late = [signed(address=f"late{n}@bots.example", name=f"Late {n}").pk for n in range(5)]
    assert count(State.HELD) == 59
    response = press(desk, alarm, "reject", **seen)
    assert response.status_code == 303
    move = newest_move()
    assert response["Location"] == f"/desk/alarms/moves/{move.pk}/"
    assert count(State.HELD) == 59  # the request moves nobody
    assert is_open(alarm)
    tasks.move()
    assert "<strong>54 of 54</strong> rejected" in at(desk, move)
    assert not is_open(alarm)
    assert sorted(Signature.objects.filter(state=State.HELD).values_list("pk", flat=True)) == late
    assert "Undo: put 54 back" in at(desk, move)
    assert desk.post(f"/desk/alarms/moves/{move.pk}/undo/").status_code == 303
    assert count(State.REJECTED) == 54
    tasks.move()
    assert "<strong>54 of 54</strong> put back" in at(desk, newest_move())
    assert count(State.HELD) == 59
    assert is_open(alarm)  # its answer is taken back
    assert Act.objects.filter(verb=Verb.HOLD, organizer_id=olga.pk).count() == 54
    assert tally.repair() == {}
    answer(desk, alarm, "known")
    assert count(State.PUBLISHED) == 59  # who was put back waits for nothing else than before


def test_the_same_for_a_domain_that_is_known(desk: Client) -> None:
    alarm = alarm_about("union.example")
    assert "union.example is known to us: publish 12" in desk.get("/desk/alarms/").content.decode()
    seen = shown(desk, alarm)
    signed(address="late@union.example", name="Late Comer")
    assert press(desk, alarm, "known", **seen).status_code == 303
    assert (count(State.PUBLISHED), count(State.HELD)) == (0, 13)
    tasks.move()
    assert (count(State.PUBLISHED), count(State.HELD)) == (12, 1)
    assert desk.post(f"/desk/alarms/moves/{newest_move().pk}/undo/").status_code == 303
    tasks.move()
    assert (count(State.PUBLISHED), count(State.HELD)) == (0, 13)


def test_the_alarm_is_closed_with_the_last_batch(
    desk: Client, olga: AbstractBaseUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass_moves, "BATCH", 5)
    alarm = alarm_about("bots.example")
    press(desk, alarm, "reject")
    for done in (5, 10):
        assert is_open(alarm)
        mass_moves.work_batch(now=timezone.now())
        assert f"<strong>{done} of 12</strong>" in at(desk, newest_move())
    assert is_open(alarm)
    page = desk.get("/desk/alarms/").content.decode()
    assert "2 of 3 parts are done" in page
    assert "Reject all" not in page
    assert press(desk, alarm, "reject", shown="9999999.9999999.9.9.9").status_code == 303
    assert MassMove.objects.count() == 1  # one at a time answers an alarm
    mass_moves.work_batch(now=timezone.now())
    assert not is_open(alarm)
    assert count(State.REJECTED) == 12
    closed = Act.objects.filter(verb=Verb.EDIT, reason=f"alarm {alarm.pk} looked at")
    assert [act.organizer_id for act in closed] == [olga.pk]


def test_cancelled_the_alarm_stays_open_and_is_answered_anew(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mass_moves, "BATCH", 5)
    alarm = alarm_about("bots.example")
    press(desk, alarm, "reject")
    mass_moves.work_batch(now=timezone.now())
    move = newest_move()
    assert "Cancel</button>" in at(desk, move)
    assert desk.post(f"/desk/alarms/moves/{move.pk}/cancel/").status_code == 303
    tasks.move()
    assert (count(State.REJECTED), count(State.HELD)) == (5, 7)
    assert is_open(alarm)
    page = at(desk, move)
    assert "Cancelled" in page
    assert "Cancel</button>" not in page
    assert "hx-trigger" not in page  # nothing moves any more
    assert "Reject all 7" in desk.get("/desk/alarms/").content.decode()
    answer(desk, alarm, "reject")
    assert count(State.REJECTED) == 12
    assert not is_open(alarm)


def test_who_was_decided_about_since_the_page_was_shown_stays(desk: Client, olga: AbstractBaseUser) -> None:
    alarm = alarm_about("union.example")
    seen = shown(desk, alarm)
    first, second = Signature.objects.filter(state=State.HELD).order_by("pk")[:2]
    queue.publish(signature_id=first.pk, organizer=olga, reason="I know her.", now=timezone.now())
    press(desk, alarm, "reject", **seen)
    queue.publish(signature_id=second.pk, organizer=olga, reason="And her.", now=timezone.now())
    tasks.move()
    move = newest_move()
    assert (move.total, move.moved, move.skipped) == (11, 10, 1)
    assert "1 left as they are" in at(desk, move)
    assert count(State.PUBLISHED) == 2


@pytest.mark.parametrize("wrong", ["", "x", "1.2.3", "1.2.3.4.-5", "1" * 5000, "1.2.3.4." + "9" * 19])
def test_without_what_was_shown_nobody_is_moved(desk: Client, wrong: str) -> None:
    alarm = alarm_about("bots.example")
    response = press(desk, alarm, "reject", shown=wrong)
    assert response.status_code == 422
    assert "Please look at the numbers again" in response.content.decode()
    assert not MassMove.objects.exists()
    assert count(State.HELD) == 12


def test_more_than_were_counted_are_not_moved(desk: Client) -> None:
    """Somebody joined those who were shown in that very moment."""
    alarm = alarm_about("bots.example")
    *bound, publish, hold, reject = shown(desk, alarm)["shown"].split(".")
    press(desk, alarm, "reject", shown=".".join([*bound, publish, hold, str(int(reject) - 1)]))
    assert not MassMove.objects.exists()
    assert "Nothing was changed" in desk.get("/desk/alarms/").content.decode()


def test_an_alarm_that_concerns_nobody_any_more_is_closed_at_once(desk: Client, olga: AbstractBaseUser) -> None:
    alarm = alarm_about("union.example")
    for person in Signature.objects.filter(state=State.HELD):
        queue.publish(signature_id=person.pk, organizer=olga, reason="Known.", now=timezone.now())
    assert press(desk, alarm, "known").status_code == 303
    assert not is_open(alarm)
    assert not MassMove.objects.exists()


def test_an_undo_opens_no_alarm_beside_a_newer_one(desk: Client) -> None:
    alarm = alarm_about("bots.example")
    answer(desk, alarm, "reject")
    Alarm.objects.create(kind=alarm.kind, subject=alarm.subject, words="Again.", size=30)
    desk.post(f"/desk/alarms/moves/{newest_move().pk}/undo/")
    tasks.move()
    assert count(State.HELD) == 12
    assert not is_open(alarm)


def test_the_page_shows_who_why_and_how_far_and_asks_again_by_itself(desk: Client) -> None:
    alarm = alarm_about("bots.example")
    press(desk, alarm, "reject", "All made by one machine.", **shown(desk, alarm))
    move = newest_move()
    page = at(desk, move)
    for words in (
        "Reject 12",
        "All made by one machine.",
        "olga",
        "<strong>0 of 12</strong>",
        "Look again",
        "every 2s",
    ):
        assert words in page
    part = desk.get(f"/desk/alarms/moves/{move.pk}/", headers={"hx-request": "true"}).content.decode()
    assert re.match(r"\s*<section", part)
    assert "<html" not in part
    assert f"/desk/alarms/moves/{move.pk}/" in desk.get("/desk/alarms/").content.decode()
    assert f"mass move {move.pk}: reject 12" in desk.get("/desk/trail/").content.decode()


def test_strangers_see_and_do_nothing(desk: Client, client: Client) -> None:
    press(desk, alarm_about("bots.example"), "reject")
    path, stranger = f"/desk/alarms/moves/{newest_move().pk}/", Client()
    assert stranger.get(path).status_code == 302
    for act in ("cancel/", "undo/"):
        assert stranger.post(path + act).status_code == 302
        assert desk.get(path + act).status_code == 405
        assert desk.post(f"/desk/alarms/moves/1/{act}").status_code == 404
    assert newest_move().state == MassMoveState.WAITING


def test_the_old_alarm_of_a_network_goes_and_its_move_stays(desk: Client) -> None:
    alarm = alarm_about("bots.example")
    answer(desk, alarm, "reject")
    alarm.delete()
    assert newest_move().alarm is None
    desk.post(f"/desk/alarms/moves/{newest_move().pk}/undo/")
    tasks.move()
    assert count(State.HELD) == 12
    assert alerts.raise_alarms(timezone.now())
