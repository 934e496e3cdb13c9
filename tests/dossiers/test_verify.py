"""A signature is verified as the person's own: by two organizers, or by one after a delay."""

from datetime import datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from declaration.demo import totp
from signatories.desk.access import DECISIONS_A_FACTOR
from signatories.desk.dossiers import verification
from signatories.desk.queue import services as queue
from signatories.mine import services as mine
from signatories.models import Act, DossierProof, Organizer, Signature, Verification
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.tally import services as tally
from signatories.tasks import verified as verified_task
from tests.dossiers.moonwright import NAME, PRIVATE, browser_of, colleague, proof, state_of, waiting, watched
from tests.people import SECRET, organizer
from tests.races import at_once

pytestmark = pytest.mark.django_db
VERIFIED = (State.PUBLISHED, "person")
HELD = (State.HELD, "")


def agree(browser: Client, signature: Signature, by: DossierProof) -> HttpResponse:
    return browser.post(f"/desk/signatures/{signature.pk}/verify/agree/", {"proof": by.pk})  # type: ignore[return-value]


def page(browser: Client, signature: Signature) -> str:
    return browser.get(f"/desk/signatures/{signature.pk}/verify/").content.decode()


def count() -> int:
    tally.fold()
    return tally.number(timezone.now()).count


# --- Two -----------------------------------------------------------------------------------------------------------
def test_the_second_organizer_publishes(desk: Client, olga: AbstractBaseUser, client: Client) -> None:
    signature, boris = waiting(), colleague()
    evidence = proof(olga)
    assert "Two organizers must agree" in page(desk, signature)
    assert agree(desk, signature, evidence).status_code == 303
    assert state_of(signature) == HELD
    assert "once another organizer agrees" in page(desk, signature)
    second = browser_of(boris)
    assert "You are the second" in page(second, signature)
    assert agree(second, signature, evidence).status_code == 303
    assert state_of(signature) == VERIFIED
    assert count() == 1
    done = Verification.objects.get()
    assert (done.first_by_id, done.second_by_id, done.proof_id) == (olga.pk, boris.pk, evidence.pk)
    assert done.done_at and not done.due_at
    assert Client().get(f"/signatories/{Signature.objects.get(pk=signature.pk).number}/").status_code == 200


def test_agreeing_twice_is_no_agreement_of_two(desk: Client, olga: AbstractBaseUser) -> None:
    signature, evidence = waiting(), proof(olga)
    colleague()
    for _ in range(3):
        agree(desk, signature, evidence)
    assert state_of(signature) == HELD
    assert Verification.objects.get().second_by_id is None
    with pytest.raises(IntegrityError, match="verification_by_two_accounts"):
        Verification.objects.update(second_by=olga, second_at=timezone.now())


def test_the_trail_tells_who_agreed_and_nothing_of_the_proof(desk: Client, olga: AbstractBaseUser) -> None:
    signature, boris, evidence = waiting(), colleague(), proof(olga)
    agree(desk, signature, evidence)
    agree(browser_of(boris), signature, evidence)
    acts = list(Act.objects.of_the_desk().filter(signature=signature).order_by("pk"))
    assert [(act.organizer_id, act.verb) for act in acts] == [(olga.pk, "edit"), (boris.pk, "publish")]
    assert f"by proof {evidence.pk}" in acts[0].reason and "Two people agreed" in acts[1].reason
    assert not Act.objects.filter(reason__contains=PRIVATE).exists()
    assert not Act.objects.filter(reason__contains=NAME).exists()


def test_it_needs_a_proof_of_that_name(desk: Client, olga: AbstractBaseUser) -> None:
    signature = waiting()
    colleague()
    assert "Record a proof in the dossier first" in page(desk, signature)
    other = proof(olga, "Wilma Fernhill")
    for said in ("", "0", "x", str(other.pk)):
        answer = desk.post(f"/desk/signatures/{signature.pk}/verify/agree/", {"proof": said})
        assert answer.status_code == 422
    boris = organizer("bert")
    made = verification.agree(
        signature_id=signature.pk, proof_id=other.pk, organizer=boris, alone=False, now=timezone.now()
    )
    assert made is None
    assert not Verification.objects.exists() and state_of(signature) == HELD


def test_moderators_may_and_editors_may_not(olga: AbstractBaseUser) -> None:
    signature, evidence = waiting(), proof(olga)
    mona, edith = organizer("mona", role=Role.MODERATOR), organizer("edith", role=Role.EDITOR)
    colleague()
    assert agree(browser_of(edith), signature, evidence).status_code == 403
    assert agree(browser_of(mona), signature, evidence).status_code == 303
    assert Verification.objects.get().first_by_id == mona.pk


def test_a_signature_that_was_changed_since_needs_both_anew(desk: Client, olga: AbstractBaseUser) -> None:
    """The first agreed to something else than what the second sees."""
    signature, boris, evidence = waiting(), colleague(), proof(olga)
    agree(desk, signature, evidence)
    update = mine.SignatureUpdate(**vars(mine.update_of(signature)) | {"affiliation": "The Impostors"})
    assert mine.mend(signature_id=signature.pk, update=update, now=timezone.now())
    agree(browser_of(boris), signature, evidence)
    assert state_of(signature) == HELD
    open_one = Verification.objects.open().get()
    assert (open_one.first_by_id, Verification.objects.exclude(cancelled_at=None).count()) == (boris.pk, 1)
    agree(desk, signature, evidence)
    assert state_of(signature) == VERIFIED


def test_one_agrees_and_another_rejects(desk: Client, olga: AbstractBaseUser) -> None:
    """Also when it is held again: who agreed before the rejection has not agreed since."""
    signature, boris, evidence = waiting(), colleague(), proof(olga)
    agree(desk, signature, evidence)
    queue.reject(signature_id=signature.pk, organizer=boris, reason="A prank.", now=timezone.now())
    assert agree(browser_of(boris), signature, evidence).status_code == 303
    assert state_of(signature) == (State.REJECTED, "")
    queue.hold(signature_id=signature.pk, organizer=boris, reason="Once more.", now=timezone.now())
    agree(browser_of(boris), signature, evidence)
    assert state_of(signature) == HELD


def test_an_agreement_is_taken_back_by_anybody_who_decides(desk: Client, olga: AbstractBaseUser) -> None:
    signature, boris, evidence = waiting(), colleague(), proof(olga)
    agree(desk, signature, evidence)
    stop = f"/desk/signatures/{signature.pk}/verify/stop/"
    assert browser_of(boris).post(stop).status_code == 303
    assert not Verification.objects.open().exists()
    assert "somebody else was quicker" in desk.post(stop, follow=True).content.decode()
    agree(browser_of(boris), signature, evidence)
    assert state_of(signature) == HELD


# --- One -----------------------------------------------------------------------------------------------------------
def test_one_organizer_publishes_after_a_delay(desk: Client, olga: AbstractBaseUser) -> None:
    signature, evidence = waiting(), proof(olga)
    assert "You are alone at the desk" in page(desk, signature)
    assert agree(desk, signature, evidence).status_code == 303
    due = Verification.objects.get().due_at
    assert due and timedelta(minutes=14) < due - timezone.now() <= verification.DELAY
    assert verification.publish_due(due - timedelta(seconds=1)) == 0
    assert state_of(signature) == HELD
    with time_machine.travel(due, tick=False):
        verified_task()
        verified_task()
    assert state_of(signature) == VERIFIED
    assert count() == 1
    act = Act.objects.of_the_desk().filter(signature=signature).latest("pk")
    assert (act.verb, act.organizer_id) == ("publish", olga.pk)
    assert "One person decided" in act.reason
    assert Verification.objects.get().second_by_id is None


@pytest.mark.parametrize("minutes", [29, 31])
def test_who_counts_as_at_the_desk(desk: Client, olga: AbstractBaseUser, minutes: int) -> None:
    signature = waiting()
    proof(olga)
    colleague(at=timezone.now() - timedelta(minutes=minutes))
    assert ("You are alone" in page(desk, signature)) is (minutes == 31)


def test_who_may_not_decide_makes_no_second(desk: Client, olga: AbstractBaseUser) -> None:
    signature = waiting()
    proof(olga)
    Organizer.objects.filter(account_id=colleague().pk).update(role=Role.EDITOR)
    assert "You are alone" in page(desk, signature)


def test_it_is_stopped_within_the_delay(desk: Client, olga: AbstractBaseUser) -> None:
    signature, evidence = waiting(), proof(olga)
    agree(desk, signature, evidence)
    mona = organizer("mona", role=Role.MODERATOR)
    assert "Stop it" in page(browser_of(mona), signature)
    browser_of(mona).post(f"/desk/signatures/{signature.pk}/verify/stop/")
    assert verification.publish_due(timezone.now() + timedelta(hours=1)) == 0
    assert state_of(signature) == HELD


def test_a_second_organizer_who_comes_within_the_delay_publishes_at_once(desk: Client, olga: AbstractBaseUser) -> None:
    signature, evidence = waiting(), proof(olga)
    agree(desk, signature, evidence)
    agree(browser_of(colleague()), signature, evidence)
    assert state_of(signature) == VERIFIED
    assert verification.publish_due(timezone.now() + timedelta(hours=1)) == 0
    assert count() == 1


def test_who_is_alone_later_gives_the_own_agreement_a_moment(desk: Client, olga: AbstractBaseUser) -> None:
    signature, evidence, boris = waiting(), proof(olga), colleague()
    agree(desk, signature, evidence)
    assert Verification.objects.get().due_at is None
    get_user_model().objects.filter(pk=boris.pk).update(is_active=False)
    agree(desk, signature, evidence)
    assert Verification.objects.get().due_at is not None
    assert state_of(signature) == HELD


@pytest.mark.parametrize("what", ["rejected", "renamed", "role lost", "proof gone"])
def test_nothing_is_published_when_something_changed_within_the_delay(
    desk: Client, olga: AbstractBaseUser, what: str
) -> None:
    signature, evidence = waiting(), proof(olga)
    agree(desk, signature, evidence)
    expected = HELD
    if what == "rejected":
        queue.reject(signature_id=signature.pk, organizer=olga, reason="A prank.", now=timezone.now())
        expected = (State.REJECTED, "")
    elif what == "renamed":
        update = mine.SignatureUpdate(**vars(mine.update_of(signature)) | {"name": f"{NAME} Band"})
        mine.mend(signature_id=signature.pk, update=update, now=timezone.now())
    elif what == "role lost":
        Organizer.objects.filter(account_id=olga.pk).update(role=Role.VIEWER)
    else:
        watched().delete()
    assert verification.publish_due(timezone.now() + timedelta(hours=1)) == 0
    assert state_of(signature) == expected
    assert not Verification.objects.open().exists()


def test_the_second_factor_covers_twenty_decisions(desk: Client, olga: AbstractBaseUser) -> None:
    start = timezone.now()
    evidence = proof(olga)
    waits = [waiting(address=f"c{n}@example.org") for n in range(DECISIONS_A_FACTOR + 1)]
    with time_machine.travel(start + timedelta(minutes=10)):  # it is not fresh any more
        asked = agree(desk, waits[0], evidence)
        assert asked.status_code == 302 and "reauthenticate" in asked["Location"]
        assert not Verification.objects.exists()
        code = totp.code(SECRET, (start + timedelta(minutes=10)).timestamp())
        assert desk.post(asked["Location"], {"code": code})["Location"] == "/desk/repeat/"
        assert "Not done yet" in desk.get("/desk/repeat/").content.decode()
        assert agree(desk, waits[0], evidence).status_code == 303
    with time_machine.travel(start + timedelta(minutes=20)):
        statuses = [agree(desk, each, evidence).status_code for each in waits[1:]]
    assert statuses == [303] * (DECISIONS_A_FACTOR - 1) + [302]
    assert Verification.objects.count() == DECISIONS_A_FACTOR


def test_two_need_no_fresh_factor(desk: Client, olga: AbstractBaseUser) -> None:
    signature, evidence = waiting(), proof(olga)
    later = timezone.now() + timedelta(minutes=10)
    colleague(at=later)
    with time_machine.travel(later):
        assert agree(desk, signature, evidence).status_code == 303


# --- Races ---------------------------------------------------------------------------------------------------------
class Together:
    """Two acts that begin at the same moment."""

    def __init__(self) -> None:
        self.barrier, self.todo = Barrier(2), [0, 1]

    def turn(self) -> int:
        n = self.todo.pop()
        self.barrier.wait(10)
        return n


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_two_organizers_agree_at_the_same_moment(round_: int) -> None:
    olga, boris = organizer(), colleague()
    signature, evidence, together = waiting(), proof(olga), Together()

    def act() -> int:
        who = (olga, boris)[together.turn()]
        made = verification.agree(
            signature_id=signature.pk, proof_id=evidence.pk, organizer=who, alone=False, now=timezone.now()
        )
        return int(bool(made and made.done_at))

    assert sum(at_once(2, act)) == 1
    assert state_of(signature) == VERIFIED
    done = Verification.objects.get()
    assert {done.first_by_id, done.second_by_id} == {olga.pk, boris.pk}
    assert count() == 1 and tally.repair() == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_the_second_agrees_while_another_rejects(round_: int) -> None:
    olga, boris = organizer(), colleague()
    signature, evidence, together = waiting(), proof(olga), Together()
    verification.agree(signature_id=signature.pk, proof_id=evidence.pk, organizer=olga, alone=False, now=timezone.now())

    def act() -> int:
        if together.turn():
            made = verification.agree(
                signature_id=signature.pk, proof_id=evidence.pk, organizer=boris, alone=False, now=timezone.now()
            )
            return int(bool(made and made.done_at))
        return 10 * queue.reject(signature_id=signature.pk, organizer=olga, reason="A prank.", now=timezone.now())

    done = sum(at_once(2, act))
    # The rejection wins in each case: of what waits, or of what was published just before.
    assert done in (10, 11)
    assert state_of(signature) == (State.REJECTED, "person" if done == 11 else "")
    assert count() == 0 and tally.repair() == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_the_delay_is_over_while_somebody_stops_it(round_: int) -> None:
    olga = organizer()
    signature, evidence, together = waiting(), proof(olga), Together()
    verification.agree(signature_id=signature.pk, proof_id=evidence.pk, organizer=olga, alone=True, now=timezone.now())

    def act() -> int:
        if together.turn():
            return verification.publish_due(timezone.now() + verification.DELAY)
        return 10 * verification.stop(signature_id=signature.pk, organizer=olga, now=timezone.now())

    done = sum(at_once(2, act))
    assert done in (1, 10)  # one of them, never both
    assert state_of(signature) == (VERIFIED if done == 1 else HELD)
    assert not Verification.objects.open().exists()
    assert count() == (done == 1) and tally.repair() == {}


def test_due_ones_are_few_in_a_run(olga: AbstractBaseUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "BATCH", 2)
    evidence, now = proof(olga), timezone.now()
    for n in range(3):
        row = waiting(address=f"c{n}@example.org")
        verification.agree(signature_id=row.pk, proof_id=evidence.pk, organizer=olga, alone=True, now=now)
    later: datetime = now + timedelta(hours=1)
    assert [verification.publish_due(later) for _ in range(3)] == [2, 1, 0]
