"""Addresses that were deleted after the end of signing do not come back with a backup of before, nor does signing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from signatories.models import Closing, Signature, Signup
from signatories.models.closing import signing_end
from signatories.operations import closing
from signatories.privacy import retention
from signatories.tally import services as tally
from tests.operations.backups import person, restore
from tests.people import organizer, post_form

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def end_and_delete(olga: AbstractBaseUser, now: datetime) -> datetime:
    """End signing, set the day, and let it come; returns when addresses were deleted."""
    assert closing.end(organizer=olga, now=now) or Closing.current().ended_at
    with time_machine.travel(now + 10 * DAY, tick=False):
        assert closing.settle(timezone.now())
        assert closing.keep_addresses_until(day=(now + 40 * DAY).date(), organizer=olga, now=timezone.now())
    with time_machine.travel(now + 40 * DAY, tick=False):
        retention.forget(timezone.now())
        return timezone.now()


@pytest.mark.parametrize("deleted", [False, True])
def test_a_backup_of_before_holds_addresses_only_until_it_is_restored(
    backed_up: Callable[[], Path], deleted: bool
) -> None:
    olga, now = organizer(), timezone.now()
    for n in range(3):
        person(n)
    tally.fold()
    source = backed_up()  # from before the end, so its row knows of no day
    if deleted:
        end_and_delete(olga, now)
    restore(source, "--replace")
    having = Signature.objects.exclude(address_sealed=b"").count()
    assert having == (0 if deleted else 3)
    assert set(Signature.objects.values_list("name", flat=True)) == {f"Person Number{n}" for n in range(3)}
    assert tally.repair() == {}
    assert (Closing.current().ended_at is None) is not deleted


@pytest.mark.parametrize("made", ["before the end", "before its account", "after the end"])
def test_signing_stays_ended_and_the_day_is_known(backed_up: Callable[[], Path], client: Client, made: str) -> None:
    now = timezone.now()
    olga = organizer() if made != "before its account" else None
    person(0)
    if olga and made == "after the end":
        assert closing.end(organizer=olga, now=now)
    source = backed_up()
    deleted_at = end_and_delete(olga or organizer(), now)
    signing_end()
    restore(source, "--replace")
    row, end = Closing.current(), signing_end()
    assert (row.ended_at, row.addresses_until) == (now, deleted_at.date())
    assert row.addresses_deleted_at == deleted_at and row.settled_at and row.last_edition
    assert row.ended_by and (row.ended_by == olga) is (olga is not None)
    assert row.ended_by.is_active is (olga is not None)
    assert end and end.addresses_deleted_at == deleted_at
    assert post_form(client, email="p0@example.org").status_code == 410
    assert not Signup.objects.exists()
    retention.forget(timezone.now())  # nothing is left to do
    assert Closing.current().addresses_deleted_at == deleted_at
