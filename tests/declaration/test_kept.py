"""Answers that every page needs: asked by one, kept for the others, told without asking while the database is away."""

import threading
from collections.abc import Iterator

import pytest
from django.db import Error

from declaration.database import kept
from declaration.database.kept import Kept


@pytest.fixture(autouse=True)
def _nothing_is_postponed() -> Iterator[None]:
    Kept.postpone(0)
    yield
    Kept.postpone(0)


class Database:
    """Answers with a number that grows, or not at all."""

    def __init__(self) -> None:
        self.asked, self.is_away = 0, False

    def answer(self) -> int:
        self.asked += 1
        if self.is_away:
            raise Error("away")
        return self.asked


def test_it_is_asked_once_until_its_time_is_over() -> None:
    there = Database()
    lasts, short = Kept(there.answer, lambda: 60), Kept(there.answer, lambda: -1)
    assert [lasts.get(), lasts.get()] == [1, 1]
    assert [short.get(), short.get()] == [2, 3]
    lasts.forget()
    assert lasts.get() == 4


def test_who_has_waited_is_told_and_nobody_waits_again() -> None:
    there = Database()
    first, second = Kept(there.answer, lambda: -1), Kept(there.answer, lambda: -1)
    assert (first.get(), second.get()) == (1, 2)
    there.is_away = True
    with pytest.raises(Error):
        first.get()
    assert (first.get(), second.get(), there.asked) == (1, 2, 3)  # also the answer that was not asked for yet
    assert first.last(otherwise=0) == 1
    there.is_away = False
    first.forget()
    assert first.get() == 4


def test_what_never_answered_is_asked_by_everybody() -> None:
    there = Database()
    there.is_away = True
    never = Kept(there.answer, lambda: 60)
    for _ in range(2):
        with pytest.raises(Error):
            never.get()
    assert never.last(otherwise=None) is None
    there.is_away = False
    assert never.get() == 3


def test_while_one_asks_the_others_go_by_the_answer_before() -> None:
    begun, over = threading.Event(), threading.Event()
    answers = iter([1, 2])

    def slowly() -> int:
        found = next(answers)
        if found > 1:
            begun.set()
            over.wait(10)
        return found

    slow = Kept(slowly, lambda: -1)
    assert slow.get() == 1
    asking = threading.Thread(target=slow.get)
    asking.start()
    assert begun.wait(10)
    assert slow.get() == 1
    over.set()
    asking.join(10)
    assert slow.last(otherwise=0) == 2
    assert kept.AWAY_SECONDS <= 10  # an edit at the desk counts everywhere within that
