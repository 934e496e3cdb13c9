"""The number while others are at it: two that repair (F18, F23), one that folds while it is read."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from signatories.models.tally import Tally, TallyDelta
from signatories.tally import services as tally
from tests.faults.house import wait_for
from tests.people import signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Does something in a thread with a connection of its own."""

    def run(act: Callable[[], Any]) -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        yield lambda act: pool.submit(run, act)


def test_two_that_repair_mend_once(beside: Callable[[Callable[[], Any]], Future[Any]]) -> None:
    """Two beats: the first has seen how far it is off and not yet written it, when the second begins."""
    signed()
    tally.fold()
    Tally.objects.filter(facet="all").update(count=1000)
    looked, go = threading.Event(), threading.Event()

    def stop_after_looking(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if "AS drift" in sql:
            looked.set()
            assert go.wait(20)
        return found

    def slowly() -> dict[str, int]:
        with connection.execute_wrapper(stop_after_looking):
            return tally.repair()

    first = beside(slowly)
    assert looked.wait(20)
    second = beside(tally.repair)
    wait_for(lambda: second.done() or _waits_for_a_lock(), 20)
    go.set()
    assert first.result() == {"all": 999}
    assert second.result() == {}
    assert tally.number(timezone.now()).count == 1
    assert tally.repair() == {}


def _waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone() is not None


def test_a_number_never_claims_a_later_moment_than_its_counts(
    beside: Callable[[Callable[[], Any]], Future[Any]],
) -> None:
    """Between any two of its looks the deltas are folded: it is the number before, and says so, or the one after."""
    signed()
    changed = TallyDelta.objects.earliest("created_at").created_at

    def fold_after(execute: Callable[..., Any], *rest: Any) -> Any:
        found = execute(*rest)
        beside(tally.fold).result()
        return found

    with connection.execute_wrapper(fold_after):
        number = tally.number(timezone.now() + timedelta(seconds=1))
    assert not TallyDelta.objects.exists()
    assert number.count == 1 or number.as_of <= changed
    now = timezone.now()
    assert tally.number(now) == tally.Number(named=1, unnamed=0, as_of=now)
