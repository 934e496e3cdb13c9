"""Signatures held for volume alone are published after some hours, unless an organizer has decided on them."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.utils import timezone

from signatories.desk.queue import services as queue
from signatories.desk.reports import services as reports
from signatories.models import Act, Report, Signature
from signatories.models.act import Verb
from signatories.models.signature import State
from signatories.screening import alerts, auto_release, holds
from signatories.tally import services as tally
from tests.people import signed
from tests.races import somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db


def rushed(*held_for: str) -> Signature:
    """A signature held for longer than the hours of the release."""
    signature = signed(name="Person of a rush", address="rush@example.org")
    before = {"state": State.HELD, "held_for": list(held_for), "confirmed_at": timezone.now() - timedelta(hours=13)}
    tally.add(dict.fromkeys(tally.facets(signature), -1))
    Signature.objects.filter(pk=signature.pk).update(**before)
    signature.refresh_from_db()
    return signature


def state(signature: Signature) -> str:
    """Read the state from the database."""
    signature.refresh_from_db()
    return signature.state


def decide(verb: Callable[..., bool], signature: Signature, olga: AbstractBaseUser) -> None:
    """Decide as an organizer."""
    assert verb(signature_id=signature.pk, organizer=olga, reason="Looked at.", now=timezone.now())


def reported(signature: Signature) -> int:
    """Report a signature as a reader; returns the id of the report."""
    return Report.objects.create(signature=signature, wrong="not_me", language="en").pk


def take_down(*, signature_id: int, **how: object) -> bool:
    """Report a signature, and take it down."""
    newest = reported(Signature.objects.get(pk=signature_id))
    return reports.take_down(signature_id=signature_id, newest=newest, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", holds.VOLUME)
@pytest.mark.parametrize("verb", [queue.hold, take_down])
def test_what_an_organizer_holds_or_takes_down_stays_so(
    olga: AbstractBaseUser, verb: Callable[..., bool], reason: str
) -> None:
    signature = rushed(reason)
    assert auto_release.release(timezone.now()) == 1
    assert state(signature) == State.PUBLISHED
    decide(verb, signature, olga)
    assert auto_release.release(timezone.now() + timedelta(days=1)) == 0
    assert state(signature) == State.HELD
    assert "an organizer" in holds.explain(signature.held_for[-1])
    assert tally.repair() == {}


def test_what_was_published_by_hand_and_then_held_stays_so(olga: AbstractBaseUser) -> None:
    signature = rushed(holds.CROWD)
    decide(queue.publish, signature, olga)
    decide(queue.hold, signature, olga)
    assert auto_release.release(timezone.now()) == 0
    assert state(signature) == State.HELD


def test_an_undone_rejection_waits_for_a_person(olga: AbstractBaseUser) -> None:
    signature = rushed(holds.CROWD)
    decide(queue.reject, signature, olga)
    assert queue.undo(act_id=Act.objects.of_the_desk().latest("pk").pk, organizer=olga, now=timezone.now())
    assert auto_release.release(timezone.now()) == 0
    assert state(signature) == State.HELD


def test_a_report_that_is_right_about_somebody_who_waits_keeps_them_waiting(olga: AbstractBaseUser) -> None:
    signature = rushed(holds.CROWD)
    decide(take_down, signature, olga)
    assert auto_release.release(timezone.now()) == 0
    assert state(signature) == State.HELD


def test_what_organizers_decided_before_this_was_on_the_row_counts_too(olga: AbstractBaseUser) -> None:
    signature = rushed(holds.CROWD)
    Act.objects.create(
        verb=Verb.HOLD, signature=signature, organizer_id=olga.pk, before="published", after="held", reason="Wait."
    )
    assert auto_release.release(timezone.now()) == 0


def test_an_alarm_about_somebody_released_holds_them_for_its_own_reason() -> None:
    signature = rushed(holds.CROWD)
    Signature.objects.filter(pk=signature.pk).update(domain="bots.example")
    auto_release.release(timezone.now())
    Signature.objects.filter(pk=signature.pk).update(confirmed_at=timezone.now())
    assert alerts.hold_burst("bots.example", timezone.now()) == 1
    assert auto_release.release(timezone.now() + timedelta(days=1)) == 0
    assert state(signature) == State.HELD
    assert signature.held_for == [holds.CROWD, holds.DOMAIN]
    assert tally.repair() == {}


def test_who_is_released_keeps_the_number_they_had() -> None:
    signature = rushed(holds.UNSOLVED)
    number, published = signature.number, signature.published_at
    fresh = signed(name="Person never listed", address="fresh@example.org")
    Signature.objects.filter(pk=fresh.pk).update(
        state=State.HELD, held_for=[holds.CROWD], number=None, published_at=None,
        confirmed_at=timezone.now() - timedelta(hours=13),
    )  # fmt: skip
    tally.repair()
    assert auto_release.release(timezone.now()) == 2
    signature.refresh_from_db()
    fresh.refresh_from_db()
    assert (signature.number, signature.published_at) == (number, published)
    assert fresh.number
    assert fresh.number > (number or 0)
    assert fresh.published_at
    assert tally.repair() == {}


@pytest.mark.django_db(transaction=True)
def test_an_organizer_who_decides_at_the_very_moment_is_not_overruled(olga: AbstractBaseUser) -> None:
    """The job waits for the lock of a row while an organizer, who holds it, rejects and undoes the rejection."""
    signature, now = rushed(holds.CROWD), timezone.now()
    job = threading.Thread(target=_release, args=(now,))
    with transaction.atomic():
        decide(queue.reject, signature, olga)
        job.start()
        assert somebody_waits_for_a_lock()
        assert queue.undo(act_id=Act.objects.of_the_desk().latest("pk").pk, organizer=olga, now=now)
    job.join()
    assert state(signature) == State.HELD


def _release(now: datetime) -> None:
    try:
        auto_release.release(now)
    finally:
        connection.close()
