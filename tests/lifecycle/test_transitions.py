"""The one door: who may move a signature from where to where, and what is written when it moves."""

import itertools
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone

from signatories.audit.services import BY_SIGNER, By, by_command, by_organizer, by_rule
from signatories.lifecycle import transitions
from signatories.mine import services as mine
from signatories.models import Act, Signature
from signatories.models.act import Actor, Verb
from signatories.models.signature import State
from signatories.tally import services as tally
from tests.people import organizer, signed

pytestmark = pytest.mark.django_db

DECISIONS = {Verb.PUBLISH: State.PUBLISHED, Verb.REJECT: State.REJECTED, Verb.HOLD: State.HELD}
# From where each may move with a decision; the table of docs/architecture.md in numbers.
ALLOWED = {
    (Actor.ORGANIZER, Verb.PUBLISH): {State.HELD, State.REJECTED},
    (Actor.ORGANIZER, Verb.REJECT): {State.HELD, State.PUBLISHED},
    (Actor.ORGANIZER, Verb.HOLD): {State.PUBLISHED, State.REJECTED},
    (Actor.RULE, Verb.PUBLISH): {State.HELD},
    (Actor.RULE, Verb.HOLD): {State.PUBLISHED},
}


def by(actor: Actor) -> By:
    """Somebody with a reason."""
    if actor == Actor.ORGANIZER:
        return by_organizer(organizer(), "Because.")
    return By(actor=actor, reason="Because.")


def in_state(state: State, **more: str) -> Signature:
    """A signature that came to its state through the door."""
    signature = signed(**more)  # type: ignore[arg-type]
    now = timezone.now()
    if state == State.WITHDRAWN:
        mine.withdraw(signature_id=signature.pk, now=now)
    elif state != State.PUBLISHED:
        verb = Verb.HOLD if state == State.HELD else Verb.REJECT
        transitions.move([signature.pk], verb, by=by_organizer(organizer("before"), "Before."), now=now)
    signature.refresh_from_db()
    assert signature.state == state
    return signature


def truth() -> None:
    """The tally is what the rows say."""
    assert tally.repair() == {}


@pytest.mark.parametrize(("actor", "verb", "state"), list(itertools.product(Actor, DECISIONS, State)))
def test_a_decision_moves_from_where_the_table_says_and_from_nowhere_else(
    actor: Actor, verb: Verb, state: State
) -> None:
    signature, acts = in_state(state), Act.objects.count()
    who = by(actor)
    if (actor, verb) not in ALLOWED:
        with pytest.raises(transitions.NotAllowed):
            transitions.move([signature.pk], verb, by=who, now=timezone.now())
        allowed = False
    else:
        allowed = state in ALLOWED[actor, verb]
        assert transitions.move([signature.pk], verb, by=who, now=timezone.now()) == [signature.pk] * allowed
    changed_at = signature.changed_at
    signature.refresh_from_db()
    assert signature.state == (DECISIONS[verb] if allowed else state)
    assert (signature.changed_at > changed_at) == allowed
    assert Act.objects.count() == acts + allowed
    if allowed:
        act = Act.objects.latest("pk")
        assert (act.verb, act.actor, act.before, act.after) == (verb, actor, state, DECISIONS[verb])
        assert act.organizer_id == who.organizer_id
    truth()


def test_the_whole_life_of_a_signature_is_one_history_without_personal_values() -> None:
    signature, now = signed(), timezone.now()
    update = mine.update_of(signature)
    mine.mend(signature_id=signature.pk, update=mine.SignatureUpdate(**vars(update) | {"country": "FR"}), now=now)
    mine.mend(signature_id=signature.pk, update=mine.SignatureUpdate(**vars(update) | {"named": False}), now=now)
    mine.withdraw(signature_id=signature.pk, now=now)
    mine.undo(signature_id=signature.pk, now=now)
    transitions.move([signature.pk], Verb.HOLD, by=by_rule("Rule."), now=now)
    acts = Act.objects.filter(signature=signature).order_by("pk")
    assert [(act.verb, act.actor, act.before, act.after, act.reason) for act in acts] == [
        ("confirm", "signer", "", "published", ""),
        ("correct", "signer", "published", "published", ""),
        ("hide", "signer", "published", "published", ""),
        ("withdraw", "signer", "published", "withdrawn", ""),
        ("restore", "signer", "withdrawn", "published", ""),
        ("hold", "rule", "published", "held", "Rule."),
    ]
    assert [act.verb for act in Act.objects.of_the_desk()] == ["hold"]
    assert [act.who for act in acts][-2:] == ["signer", "rule"]
    truth()


def test_a_set_is_moved_in_as_many_statements_as_a_single_one(
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:
    people = [signed(address=f"p{n}@example.org", name=f"Person {n}") for n in range(30)]
    held, now = [person.pk for person in people[1:]], timezone.now()
    olga = organizer()
    with django_assert_max_num_queries(7):  # type: ignore[operator]  # savepoint, look, row, tally, acts, savepoint
        transitions.move([people[0].pk], Verb.HOLD, by=by_organizer(olga, "One."), now=now)
    with django_assert_max_num_queries(7):  # type: ignore[operator]
        assert transitions.move(held, Verb.HOLD, by=by_organizer(olga, "All."), now=now) == held
    assert Act.objects.filter(reason="All.").count() == 29
    assert not Signature.objects.counted().exists()
    with django_assert_max_num_queries(8):  # type: ignore[operator]  # and the mails of thanks
        transitions.move(held, Verb.PUBLISH, by=by_organizer(olga, "All."), now=now)
    numbers = set(Signature.objects.counted().values_list("number", flat=True))
    assert numbers == {person.number for person in people[1:]}  # drawn once, and kept
    truth()


def test_who_was_never_published_is_given_numbers_one_by_one_and_the_moment() -> None:
    people = [signed(address=f"p{n}@example.org", name=f"Person {n}") for n in range(5)]
    keys = [person.pk for person in people]
    transitions.move(keys, Verb.HOLD, by=by_rule("Rush."), now=timezone.now())
    Signature.objects.filter(pk__in=keys).update(number=None, published_at=None)  # as if held from the first
    now = datetime(2026, 11, 3, 23, 59, tzinfo=UTC)
    transitions.move(keys, Verb.PUBLISH, by=by_organizer(organizer(), "Known."), now=now)
    published = list(Signature.objects.filter(pk__in=keys))
    assert len({person.number for person in published}) == len(keys)
    assert {person.published_at for person in published} == {now}
    truth()


def test_an_organizer_is_named_and_nobody_else() -> None:
    with pytest.raises(ValueError, match="account"):
        By(actor=Actor.ORGANIZER, reason="Who?")
    with pytest.raises(ValueError, match="account"):
        By(actor=Actor.RULE, organizer_id=1)


@pytest.mark.parametrize("verb", DECISIONS)
def test_a_decision_needs_a_reason(verb: Verb) -> None:
    signature = signed()
    with pytest.raises(ValueError, match="reason"):
        transitions.move([signature.pk], verb, by=by_organizer(organizer(), "  "), now=timezone.now())


def test_what_the_table_does_not_allow_is_undone_with_the_row() -> None:
    """A mistake in the program: a row changed in memory to a state that the verb does not lead to."""
    signature = signed()

    def change() -> None:
        with transaction.atomic():
            (locked,) = transitions.lock(Verb.CORRECT, BY_SIGNER, [signature.pk])
            locked.signature.state, locked.signature.withdrawn_at = State.WITHDRAWN, timezone.now()
            transitions.store(locked, Verb.CORRECT, by=BY_SIGNER, now=timezone.now())

    with pytest.raises(transitions.NotAllowed):
        change()
    assert Signature.objects.get().state == State.PUBLISHED
    assert [act.verb for act in Act.objects.all()] == ["confirm"]


def test_a_command_withdraws_and_does_not_decide() -> None:
    signature = signed()
    with pytest.raises(transitions.NotAllowed):
        transitions.move([signature.pk], Verb.PUBLISH, by=by_command("No."), now=timezone.now())
    assert mine.withdraw(signature_id=signature.pk, now=timezone.now(), by=by_command("Yes."))


@pytest.mark.django_db(transaction=True)
def test_two_sets_in_opposite_order_wait_for_each_other_and_both_are_counted_once() -> None:
    people = [signed(address=f"p{n}@example.org", name=f"Person {n}").pk for n in range(20)]
    olga, moved = organizer(), []
    start = threading.Barrier(2)

    def move(keys: list[int], verb: Verb) -> None:
        start.wait()
        moved.extend(transitions.move(keys, verb, by=by_organizer(olga, "Both."), now=timezone.now()))
        connection.close()

    threads = [
        threading.Thread(target=move, args=[people, Verb.REJECT]),
        threading.Thread(target=move, args=[people[::-1], Verb.REJECT]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moved) == people
    truth()
