"""A mass move: a frozen set, moved in batches, once each, whatever happens to workers and whoever decides beside it."""

import random
import threading
from collections import Counter

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from signatories import tasks
from signatories.audit.services import by_organizer, by_rule
from signatories.desk.queue import services as queue
from signatories.lifecycle import mass_moves, transitions
from signatories.mine import services as mine
from signatories.models import Act, MassMove, Signature
from signatories.models.act import MOVES, Verb
from signatories.models.mass_move import MassMoveState
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import organizer, signed_to, text
from tests.races import at_once

pytestmark = pytest.mark.django_db
WHY = "Invented."


@pytest.fixture(autouse=True)
def _batches_of_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few people are several batches."""
    monkeypatch.setattr(mass_moves, "BATCH", 10)


def people(count: int) -> list[int]:
    """The ids of so many published people."""
    words = text()
    return [signed_to(words, address=f"p{n}@example.org", name=f"Person {n}").pk for n in range(count)]


def ask(verb: Verb, by: AbstractBaseUser, before: State = State.PUBLISHED) -> MassMove:
    """Freeze everybody who is in a state now."""
    everyone = Signature.objects.all()
    part = mass_moves.freeze(everyone, mass_moves.shown_now(), verb=verb, before=before)
    return mass_moves.begin([part], verb=verb, by=by_organizer(by, WHY))


def work_all() -> None:
    """Let a worker work until nothing is left."""
    while mass_moves.work_batch(now=timezone.now()):
        pass


def work(times: int) -> None:
    """Work so many batches."""
    for _ in range(times):
        assert mass_moves.work_batch(now=timezone.now())


def states() -> Counter[str]:
    """How many are in each state."""
    return Counter(Signature.objects.values_list("state", flat=True))


def fresh(move: MassMove) -> MassMove:
    """The row as it is stored now."""
    return MassMove.objects.get(pk=move.pk)


def numbers(move: MassMove) -> tuple[str, int, int, int]:
    """State, total, moved and skipped."""
    move = fresh(move)
    return move.state, move.total, move.moved, move.skipped


def acts_of(verb: Verb) -> Counter[int]:
    """How many acts of a kind each signature has."""
    return Counter(Act.objects.filter(verb=verb).exclude(signature=None).values_list("signature_id", flat=True))


def test_a_frozen_set_is_moved_batch_by_batch_and_nobody_else(olga: AbstractBaseUser) -> None:
    frozen = people(25)
    move = ask(Verb.REJECT, olga)
    assert states() == {State.PUBLISHED: 25}
    late = signed_to(text(), address="late@example.org", name="Late Comer")
    assert numbers(move) == (MassMoveState.WAITING, 25, 0, 0)
    work(1)
    assert numbers(move) == (MassMoveState.RUNNING, 25, 10, 0)
    assert fresh(move).finished_at is None
    work(2)
    assert numbers(move) == (MassMoveState.DONE, 25, 25, 0)
    assert fresh(move).finished_at
    assert not mass_moves.work_batch(now=timezone.now())
    assert acts_of(Verb.REJECT) == dict.fromkeys(frozen, 1)
    assert set(Act.objects.filter(verb=Verb.REJECT).values_list("organizer", "reason")) == {(olga.pk, WHY)}
    assert [late.pk] == list(Signature.objects.counted().values_list("pk", flat=True))
    assert tally.repair() == {}


def test_the_task_works_and_a_rule_may_ask(olga: AbstractBaseUser) -> None:
    people(25)
    everyone = Signature.objects.all()
    part = mass_moves.freeze(everyone, mass_moves.shown_now(), verb=Verb.HOLD, before=State.PUBLISHED)
    mass_moves.begin([part], verb=Verb.HOLD, by=by_rule("A rule of the house."))
    tasks.move()
    assert states() == {State.HELD: 25}
    assert not Act.objects.filter(verb=Verb.HOLD).exclude(actor="rule", organizer=None).exists()


def test_a_worker_that_is_killed_in_the_middle_leaves_the_rest_to_the_next(
    olga: AbstractBaseUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after its second batch is moved and before that is committed."""
    frozen = people(35)
    move = ask(Verb.REJECT, olga)
    work(1)
    door = transitions.move

    def killed(*args: object, **more: object) -> list[int]:
        door(*args, **more)  # type: ignore[arg-type]
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(transitions, "move", killed)
        with pytest.raises(SystemExit):
            tasks.move()
    assert numbers(move) == (MassMoveState.RUNNING, 35, 10, 0)
    assert states() == {State.REJECTED: 10, State.PUBLISHED: 25}
    tasks.move()
    assert numbers(move) == (MassMoveState.DONE, 35, 35, 0)
    assert acts_of(Verb.REJECT) == dict.fromkeys(frozen, 1)
    assert tally.repair() == {}


def test_one_run_of_the_task_ends_and_the_next_goes_on(olga: AbstractBaseUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mass_moves, "BATCHES_A_RUN", 2)
    people(35)
    move = ask(Verb.REJECT, olga)
    tasks.move()
    assert numbers(move) == (MassMoveState.RUNNING, 35, 20, 0)
    tasks.move()
    assert numbers(move) == (MassMoveState.DONE, 35, 35, 0)


def test_who_was_decided_about_since_is_left_and_counted(olga: AbstractBaseUser) -> None:
    """Also who is in the same state again; a signer who only mends the entry is moved."""
    frozen, now = people(25), timezone.now()
    move, oona = ask(Verb.REJECT, olga), organizer("oona")
    held, again, gone, mended = frozen[0], frozen[11], frozen[12], frozen[13]
    queue.hold(signature_id=held, organizer=oona, reason="Wait.", now=now)
    queue.hold(signature_id=again, organizer=oona, reason="Wait.", now=now)
    queue.publish(signature_id=again, organizer=oona, reason="Known.", now=now)
    mine.withdraw(signature_id=gone, now=now)
    update = mine.update_of(Signature.objects.get(pk=mended))
    mine.mend(signature_id=mended, update=mine.SignatureUpdate(**vars(update) | {"country": "FR"}), now=now)
    work_all()
    assert numbers(move) == (MassMoveState.DONE, 25, 22, 3)
    assert states() == {State.REJECTED: 22, State.HELD: 1, State.PUBLISHED: 1, State.WITHDRAWN: 1}
    assert Signature.objects.get(pk=mended).state == State.REJECTED
    assert tally.repair() == {}


def test_who_was_decided_about_after_the_page_was_shown_is_not_in_the_set(olga: AbstractBaseUser) -> None:
    first, *others = people(5)
    everyone, now = Signature.objects.all(), timezone.now()
    shown = mass_moves.shown_now()
    queue.hold(signature_id=first, organizer=olga, reason="Wait.", now=now)
    queue.publish(signature_id=first, organizer=olga, reason="Known.", now=now)
    part = mass_moves.freeze(everyone, shown, verb=Verb.REJECT, before=State.PUBLISHED)
    assert list(part.ids) == others


def test_cancel_stops_after_a_batch_and_what_was_moved_is_put_back(olga: AbstractBaseUser) -> None:
    people(35)
    move, now = ask(Verb.REJECT, olga), timezone.now()
    assert mass_moves.undo(mass_move_id=move.pk, organizer=olga) is None  # it has not ended
    work(2)
    assert mass_moves.cancel(mass_move_id=move.pk, organizer=olga, now=now)
    assert not mass_moves.cancel(mass_move_id=move.pk, organizer=olga, now=now)
    work_all()
    assert numbers(move) == (MassMoveState.CANCELLED, 35, 20, 0)
    assert states() == {State.REJECTED: 20, State.PUBLISHED: 15}
    undo = mass_moves.undo(mass_move_id=move.pk, organizer=olga)
    assert undo
    work_all()
    assert numbers(undo) == (MassMoveState.DONE, 20, 20, 0)
    assert fresh(move).state == MassMoveState.UNDONE
    assert states() == {State.PUBLISHED: 35}
    assert tally.repair() == {}


def test_cancelled_before_it_began_there_is_nothing_to_undo(olga: AbstractBaseUser) -> None:
    people(3)
    move = ask(Verb.REJECT, olga)
    assert mass_moves.cancel(mass_move_id=move.pk, organizer=olga, now=timezone.now())
    tasks.move()
    assert states() == {State.PUBLISHED: 3}
    assert mass_moves.undo(mass_move_id=move.pk, organizer=olga) is None


def test_undo_puts_each_back_to_where_it_was_except_who_was_decided_about_since(olga: AbstractBaseUser) -> None:
    keys, now, oona = people(24), timezone.now(), organizer("oona")
    transitions.move(keys[:12], Verb.HOLD, by=by_rule("Rush."), now=now, changes={"held_for": ["rush"]})
    before = dict(Signature.objects.values_list("pk", "state"))
    numbers_before = dict(Signature.objects.values_list("pk", "number"))
    everyone = Signature.objects.all()
    shown = mass_moves.shown_now()
    parts = [
        mass_moves.freeze(everyone, shown, verb=Verb.REJECT, before=state) for state in (State.HELD, State.PUBLISHED)
    ]
    move = mass_moves.begin(parts, verb=Verb.REJECT, by=by_organizer(olga, WHY))
    work_all()
    assert states() == {State.REJECTED: 24}
    other, again = keys[0], keys[20]
    queue.publish(signature_id=other, organizer=oona, reason="Known.", now=now)
    queue.publish(signature_id=again, organizer=oona, reason="Known.", now=now)
    queue.reject(signature_id=again, organizer=oona, reason="Not known.", now=now)
    undo = mass_moves.undo(mass_move_id=move.pk, organizer=oona)
    assert undo
    assert mass_moves.undo(mass_move_id=move.pk, organizer=olga) is None  # it is being undone
    work_all()
    assert numbers(undo) == (MassMoveState.DONE, 24, 22, 2)
    after = dict(Signature.objects.values_list("pk", "state"))
    assert after == before | {other: State.PUBLISHED, again: State.REJECTED}
    assert dict(Signature.objects.values_list("pk", "number")) == numbers_before
    back = Signature.objects.filter(state=State.HELD)
    assert {tuple(reasons) for reasons in back.values_list("held_for", flat=True)} == {("rush",)}
    assert set(Act.objects.filter(reason=f"Undone: {WHY}").values_list("organizer", flat=True)) == {oona.pk}
    assert mass_moves.undo(mass_move_id=move.pk, organizer=olga) is None  # it is undone
    assert tally.repair() == {}


def test_an_undo_can_be_undone(olga: AbstractBaseUser) -> None:
    people(12)
    move = ask(Verb.REJECT, olga)
    work_all()
    undo = mass_moves.undo(mass_move_id=move.pk, organizer=olga)
    work_all()
    assert undo
    assert states() == {State.PUBLISHED: 12}
    assert mass_moves.undo(mass_move_id=undo.pk, organizer=olga)
    work_all()
    assert states() == {State.REJECTED: 12}
    assert tally.repair() == {}


def test_a_mass_move_has_a_reason(olga: AbstractBaseUser) -> None:
    people(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        MassMove.objects.create(verb=Verb.REJECT, reason="", organizer_id=olga.pk)


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_move_each_once(olga: AbstractBaseUser) -> None:
    frozen = people(60)
    moves = [ask(Verb.REJECT, olga), ask(Verb.REJECT, olga)]  # of the same people, too
    at_once(4, lambda: mass_moves.work(now=timezone.now()))
    work_all()
    assert acts_of(Verb.REJECT) == dict.fromkeys(frozen, 1)
    rows = [fresh(move) for move in moves]
    assert {row.state for row in rows} == {MassMoveState.DONE}
    assert sum(row.moved for row in rows) == 60
    assert sum(row.skipped for row in rows) == 60
    assert tally.repair() == {}


@pytest.mark.django_db(transaction=True)
def test_an_organizer_who_decides_beside_it_is_never_overruled(
    olga: AbstractBaseUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Oona decides about single people, in any order, while the worker moves the set."""
    monkeypatch.setattr(mass_moves, "BATCH", 3)
    frozen, oona = people(45), organizer("oona")
    move = ask(Verb.REJECT, olga)
    chosen = random.Random(7).sample(frozen, 20)
    start, done = threading.Barrier(2), []

    def decide() -> None:
        start.wait(10)
        for key in chosen:
            for verb in (queue.hold, queue.publish):
                if verb(signature_id=key, organizer=oona, reason="By hand.", now=timezone.now()):
                    done.append(key)
        connection.close()

    thread = threading.Thread(target=decide)
    thread.start()
    start.wait(10)
    work_all()
    thread.join()
    assert len(done) >= len(chosen)
    for key in set(done):
        newest = Act.objects.filter(signature=key, verb__in=MOVES).latest("pk")
        assert newest.organizer_id == oona.pk
        assert Signature.objects.get(pk=key).state == newest.after
    state, total, moved, skipped = numbers(move)
    assert (state, total, moved + skipped) == (MassMoveState.DONE, 45, 45)
    assert acts_of(Verb.REJECT).total() == moved
    assert tally.repair() == {}
