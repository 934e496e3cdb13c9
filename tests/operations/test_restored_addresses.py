"""Addresses that were deleted after the end of signing do not come back with a backup of before."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from signatories.models import Signature
from signatories.operations import closing
from signatories.privacy import retention
from signatories.tally import services as tally
from tests.operations.backups import person, restore
from tests.people import organizer

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


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
        assert closing.end(organizer=olga, now=now)
        assert closing.keep_addresses_until(day=(now + 40 * DAY).date(), organizer=olga, now=now)
        with time_machine.travel(now + 40 * DAY):
            assert closing.settle(timezone.now())
            retention.forget(timezone.now())
    restore(source, "--replace")
    having = Signature.objects.exclude(address_sealed=b"").count()
    assert having == (0 if deleted else 3)
    assert set(Signature.objects.values_list("name", flat=True)) == {f"Person Number{n}" for n in range(3)}
    assert tally.repair() == {}
