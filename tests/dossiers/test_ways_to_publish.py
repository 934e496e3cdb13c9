"""Nothing publishes a signature that looks like a watched name before somebody has verified whose it is."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from signatories.audit.services import BY_SIGNER, by_organizer, by_rule
from signatories.desk.dossiers import verification
from signatories.desk.people import support
from signatories.desk.queue import services as queue
from signatories.lifecycle import mass_moves, transitions
from signatories.mine import services as mine
from signatories.models import Act, MassMove, Signature
from signatories.models.act import Verb
from signatories.models.signature import State, VerifiedAs
from signatories.screening import auto_release, holds
from signatories.tally import services as tally
from tests.dossiers.moonwright import NAME, state_of, waiting
from tests.people import signed

pytestmark = pytest.mark.django_db
HELD = (State.HELD, "")


def act_of(signature: Signature) -> int:
    return Act.objects.filter(signature=signature).latest("pk").pk


def publish(signature: Signature, olga: AbstractBaseUser) -> None:
    assert not queue.publish(signature_id=signature.pk, organizer=olga, reason="Known.", now=timezone.now())


def publish_what_was_rejected(signature: Signature, olga: AbstractBaseUser) -> None:
    queue.reject(signature_id=signature.pk, organizer=olga, reason="Invented.", now=timezone.now())
    publish(signature, olga)
    queue.hold(signature_id=signature.pk, organizer=olga, reason="Again.", now=timezone.now())


def undo_a_reject(signature: Signature, olga: AbstractBaseUser) -> None:
    """It goes back to where it was, which is not the list."""
    queue.reject(signature_id=signature.pk, organizer=olga, reason="Invented.", now=timezone.now())
    assert queue.undo(act_id=act_of(signature), organizer=olga, now=timezone.now())


def mass_move(signature: Signature, olga: AbstractBaseUser) -> None:
    shown = mass_moves.shown_now()
    part = mass_moves.freeze(Signature.objects.all(), shown, verb=Verb.PUBLISH, before=State.HELD)
    assert list(part.ids) == [signature.pk]
    mass_moves.begin([part], verb=Verb.PUBLISH, by=by_organizer(olga, "All are known."))
    mass_moves.work(now=timezone.now())
    assert (MassMove.objects.get().moved, MassMove.objects.get().skipped) == (0, 1)


def rule(signature: Signature, olga: AbstractBaseUser) -> None:
    assert transitions.move([signature.pk], Verb.PUBLISH, by=by_rule("A rule."), now=timezone.now()) == []


def release(signature: Signature, olga: AbstractBaseUser) -> None:
    Signature.objects.filter(pk=signature.pk).update(held_for=[*signature.held_for, holds.CROWD])
    assert auto_release.release(timezone.now() + timedelta(days=2)) == 0


def withdraw_and_restore(signature: Signature, olga: AbstractBaseUser) -> None:
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    assert mine.undo(signature_id=signature.pk, now=timezone.now())


def withdraw_and_restore_at_the_desk(signature: Signature, olga: AbstractBaseUser) -> None:
    support.withdraw(signature=signature, organizer=olga, reason="Asked.", now=timezone.now())
    signature.refresh_from_db()
    assert support.restore(signature=signature, organizer=olga, reason="Asked.", now=timezone.now())


def restore_what_is_said_to_have_been_published(signature: Signature, olga: AbstractBaseUser) -> None:
    """As a row would be that was withdrawn before names were verified, and escaped the migration."""
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    Signature.objects.filter(pk=signature.pk).update(withdrawn_from=State.PUBLISHED)
    assert mine.undo(signature_id=signature.pk, now=timezone.now())


def correct(signature: Signature, olga: AbstractBaseUser) -> None:
    """Another spelling, another profession, and back."""
    for name, profession in ((f"{NAME} jr", "actor"), (NAME, "singer")):
        signature.refresh_from_db()
        update = mine.SignatureUpdate(**vars(mine.update_of(signature)) | {"name": name, "profession": profession})
        assert mine.mend(signature_id=signature.pk, update=update, now=timezone.now())


def correct_to_a_harmless_name(signature: Signature, olga: AbstractBaseUser) -> None:
    """What it waited for stays, so that nobody slips in by a detour."""
    update = mine.SignatureUpdate(**vars(mine.update_of(signature)) | {"name": "Wilma Fernhill"})
    mine.mend(signature_id=signature.pk, update=update, now=timezone.now())
    publish(signature, olga)


def store_in_memory(signature: Signature, olga: AbstractBaseUser) -> None:
    with transaction.atomic():
        locked = transitions.lock_one(Verb.CORRECT, BY_SIGNER, signature.pk)
        assert locked
        locked.signature.state = State.PUBLISHED
        transitions.store(locked, Verb.CORRECT, by=BY_SIGNER, now=timezone.now())


def the_task_of_verifications(signature: Signature, olga: AbstractBaseUser) -> None:
    assert verification.publish_due(timezone.now() + timedelta(days=1)) == 0


WAYS: tuple[Callable[[Signature, AbstractBaseUser], None], ...] = (
    publish, publish_what_was_rejected, undo_a_reject, mass_move, rule, release, withdraw_and_restore,
    withdraw_and_restore_at_the_desk, restore_what_is_said_to_have_been_published, correct, correct_to_a_harmless_name,
    store_in_memory, the_task_of_verifications,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_way_publishes_it(
    way: Callable[[Signature, AbstractBaseUser], None], olga: AbstractBaseUser, client: Client
) -> None:
    signature = waiting()
    way(signature, olga)
    assert state_of(signature) == HELD
    tally.fold()
    assert tally.number(timezone.now()).count == 0
    found = Signature.objects.get(pk=signature.pk)
    assert found.number is None
    assert NAME not in client.get("/signatories/").content.decode()
    assert client.get("/api/v1/count").json()["count"] == 0


def test_the_database_has_the_last_word() -> None:
    signature, numbers = waiting(), count(1)
    changes = {"state": State.PUBLISHED, "published_at": timezone.now()}
    with pytest.raises(IntegrityError, match="signature_notable_is_verified"), transaction.atomic():
        Signature.objects.filter(pk=signature.pk).update(**changes, number=next(numbers))
    for verified_as in VerifiedAs:
        Signature.objects.filter(pk=signature.pk).update(**changes, number=next(numbers), verified_as=verified_as)
    # Other reasons to wait are no matter of this rule.
    Signature.objects.filter(pk=signature.pk).update(verified_as="", held_for=[holds.CROWD])


@pytest.mark.parametrize("verified_as", list(VerifiedAs))
def test_who_was_verified_comes_back_by_the_usual_ways(verified_as: str, olga: AbstractBaseUser) -> None:
    signature = waiting()
    Signature.objects.filter(pk=signature.pk).update(verified_as=verified_as)
    assert queue.publish(signature_id=signature.pk, organizer=olga, reason="Known.", now=timezone.now())
    queue.reject(signature_id=signature.pk, organizer=olga, reason="A slip.", now=timezone.now())
    assert queue.undo(act_id=act_of(signature), organizer=olga, now=timezone.now())
    assert state_of(signature) == (State.PUBLISHED, verified_as)
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    assert mine.undo(signature_id=signature.pk, now=timezone.now())
    assert state_of(signature) == (State.PUBLISHED, verified_as)
    assert tally.repair() == {}


def test_a_rejected_signature_that_takes_a_watched_name_comes_back_by_no_undo(olga: AbstractBaseUser) -> None:
    other = waiting()  # the name is watched
    signature = signed(name="Wilma Fernhill", address="wilma@example.org")
    queue.reject(signature_id=signature.pk, organizer=olga, reason="Invented.", now=timezone.now())
    update = mine.SignatureUpdate(**vars(mine.update_of(signature)) | {"name": NAME})
    assert mine.mend(signature_id=signature.pk, update=update, now=timezone.now())
    assert state_of(signature) == (State.REJECTED, "")
    decision = Act.objects.filter(signature=signature, verb=Verb.REJECT).get()
    assert not queue.undo(act_id=decision.pk, organizer=olga, now=timezone.now())
    publish(signature, olga)
    assert (state_of(signature), state_of(other)) == ((State.REJECTED, ""), HELD)


def test_what_was_published_before_its_name_was_watched_stays(client: Client, olga: AbstractBaseUser) -> None:
    signature = signed(name=NAME)
    assert signature.state == State.PUBLISHED
    waiting(address="another@example.org")
    assert state_of(signature) == (State.PUBLISHED, "")
    assert NAME in client.get(f"/signatories/{signature.number}/").content.decode()
    queue.reject(signature_id=signature.pk, organizer=olga, reason="A slip.", now=timezone.now())
    assert queue.undo(act_id=act_of(signature), organizer=olga, now=timezone.now())
    assert state_of(signature) == (State.PUBLISHED, "")


def test_the_desk_says_where_it_is_published(desk: Client) -> None:
    signature = waiting()
    assert f"/desk/signatures/{signature.pk}/verify/" in desk.get("/desk/queue/").content.decode()
    assert 'value="publish"' not in desk.get("/desk/queue/").content.decode()
    for headers in ({}, {"HX-Request": "true"}):
        answer = desk.post(
            f"/desk/signatures/{signature.pk}/decide/", {"verb": "publish", "reason": "Known."}, headers=headers
        )
        assert answer.status_code == 422
        assert "looks like a watched name" in answer.content.decode()
    assert state_of(signature) == HELD
    desk.post(f"/desk/signatures/{signature.pk}/decide/", {"verb": "reject", "reason": "Invented."})
    assert state_of(signature) == (State.REJECTED, "")
