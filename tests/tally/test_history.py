"""The history of the public number: noted as it was shown, never counted again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from signatories.mine import services as mine
from signatories.models import Signature, TallyHistory
from signatories.tally import history
from signatories.tally import services as tally
from tests.people import signed

pytestmark = pytest.mark.django_db


def noted() -> list[tuple[int, int]]:
    return [(step.count, step.named) for step in history.hours()]


def test_each_hour_holds_the_number_that_was_shown_last() -> None:
    signed()
    signed(name="Bram Bellweather", address="bram@example.org", named=False)
    tally.fold()
    assert noted() == [(2, 1)]
    signed(name="Cosima Thorn", address="cosima@example.org")
    tally.fold()
    assert noted() == [(3, 2)]
    tally.fold()  # nothing has changed
    assert noted() == [(3, 2)]


def test_whoever_leaves_changes_no_earlier_hour() -> None:
    goes = signed()
    tally.fold()
    before = timezone.now() - timedelta(hours=5)
    TallyHistory.objects.update(hour=before.replace(minute=0, second=0, microsecond=0))
    mine.withdraw(signature_id=goes.pk, now=timezone.now())
    tally.fold()
    assert noted() == [(1, 1), (0, 0)]


def test_days_without_a_change_repeat_the_one_before() -> None:
    for hour, count in ((datetime(2026, 11, 1, 9, tzinfo=UTC), 4), (datetime(2026, 11, 1, 23, tzinfo=UTC), 7),
                        (datetime(2026, 11, 4, 0, tzinfo=UTC), 9)):  # fmt: skip
        TallyHistory.objects.create(hour=hour, count=count, named=count - 1)
    found = history.days(datetime(2026, 11, 5, 12, tzinfo=UTC))
    assert [(day.day.day, day.count, day.named) for day in found] == [
        (1, 7, 6), (2, 7, 6), (3, 7, 6), (4, 9, 8), (5, 9, 8),
    ]  # fmt: skip
    assert found[0].day == date(2026, 11, 1)


def test_before_the_first_signature_there_is_no_day() -> None:
    assert history.days(timezone.now()) == []


def test_signatures_with_moments_of_the_past_are_counted_back() -> None:
    for n, hour in enumerate((8, 8, 10)):
        signature = signed(name=f"Person {'ABC'[n]}", address=f"p{n}@example.org", named=n != 1)
        Signature.objects.filter(pk=signature.pk).update(published_at=datetime(2026, 11, 1, hour, 30, tzinfo=UTC))
    history.count_back()
    assert history.hours() == [
        history.Step(datetime(2026, 11, 1, 8, tzinfo=UTC), 2, 1), history.Step(datetime(2026, 11, 1, 10, tzinfo=UTC), 3, 2),
    ]  # fmt: skip
