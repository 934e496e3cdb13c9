"""One process at a time: the lock is held by one, and free as soon as that one has left."""

import threading

import pytest
from django.db import connection, connections

from declaration.database.one_at_a_time import one_at_a_time

pytestmark = pytest.mark.django_db(transaction=True)
LOCK = 0x7E57


def test_only_one_holds_it() -> None:
    with one_at_a_time(LOCK) as first, one_at_a_time(LOCK) as second, one_at_a_time(LOCK + 1) as other:
        assert (first, second, other) == (True, False, True)


def test_it_is_free_as_soon_as_it_is_left() -> None:
    for _ in range(50):
        with one_at_a_time(LOCK) as taken:
            assert taken


def test_it_is_free_after_an_error_and_after_its_connection_was_ended() -> None:
    with pytest.raises(ValueError, match="within"), one_at_a_time(LOCK):
        raise ValueError("within")
    with one_at_a_time(LOCK) as taken:
        assert taken
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    with one_at_a_time(LOCK) as taken:
        assert taken


def test_of_many_at_once_one_gets_it() -> None:
    got, start, end = list[bool](), threading.Barrier(8), threading.Barrier(8)

    def try_it() -> None:
        try:
            start.wait()
            with one_at_a_time(LOCK) as taken:
                got.append(taken)
                end.wait()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]
