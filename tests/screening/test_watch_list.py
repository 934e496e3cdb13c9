"""The watch list is kept in memory, and every change of it holds from the next confirmation on, in every process."""

import threading

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from signatories.models import Signature, WatchedName
from signatories.models.signature import State
from signatories.screening import holds
from tests.people import signed

NAME, HELD = "Aurelia Vantongeren", ["looks-like:Aurelia Vantongeren"]


@pytest.mark.django_db
def test_a_list_that_has_not_changed_is_not_read_again() -> None:
    WatchedName.objects.create(name=NAME)
    holds.name_reasons({NAME})
    with CaptureQueriesContext(connection) as asked:
        assert holds.name_reasons({NAME}) == HELD
    assert len(asked) == 1
    assert "watchedname" not in asked[0]["sql"]


def _created() -> None:
    WatchedName.objects.create(name=NAME)


def _made_in_bulk() -> None:
    row = WatchedName(name=NAME)
    row.set_keys()
    WatchedName.objects.bulk_create([row])


def _renamed() -> None:
    row = WatchedName.objects.create(name="Zed Quillon")
    assert holds.name_reasons({"Zed Quillon"}) == ["looks-like:Zed Quillon"]
    row.name = NAME
    row.save()


def _copied() -> None:
    """As a restore does."""
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY signatories_watchedname (id, name, note, skeleton, search_key) FROM STDIN") as into,
    ):
        into.write(b"7\tAurelia Vantongeren\t\taurella\taurelia vantongeren\n")


@pytest.mark.django_db
@pytest.mark.parametrize("change", [_created, _made_in_bulk, _renamed, _copied])
def test_every_way_to_watch_a_name_holds_at_once(change: object) -> None:
    assert holds.name_reasons({NAME}) == []
    assert callable(change)
    change()
    assert holds.name_reasons({NAME}) == HELD


@pytest.mark.django_db
def test_every_way_to_stop_watching_ends_at_once() -> None:
    for stop in (
        lambda: WatchedName.objects.get().delete(),
        lambda: WatchedName.objects.all().delete(),
        lambda: WatchedName.objects.update(name="Zed Quillon", search_key="zed quillon", skeleton="zedquillon"),
        lambda: connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE signatories_watchedname CASCADE"),
    ):
        WatchedName.objects.all().delete()
        WatchedName.objects.create(name=NAME)
        assert holds.name_reasons({NAME}) == HELD
        stop()
        assert holds.name_reasons({NAME}) == []


@pytest.mark.django_db
def test_a_change_that_is_undone_is_undone_in_memory_too() -> None:
    with transaction.atomic():
        WatchedName.objects.create(name=NAME)
        assert holds.name_reasons({NAME}) == HELD
        transaction.set_rollback(True)
    assert holds.name_reasons({NAME}) == []
    WatchedName.objects.create(name="Zed Quillon")
    assert holds.name_reasons({NAME, "Zed Quillon"}) == ["looks-like:Zed Quillon"]


@pytest.mark.django_db
def test_without_a_version_the_list_is_read_each_time() -> None:
    """As after a restore from a file of another release."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM signatories_watch_list_version")
    assert holds.name_reasons({NAME}) == []
    WatchedName.objects.create(name=NAME)
    assert holds.name_reasons({NAME}) == HELD


@pytest.mark.django_db(transaction=True)
def test_a_name_that_another_process_watches_holds_from_its_commit_on() -> None:
    """The other one is a connection of its own, which tells this process nothing."""
    assert signed(address="one@example.org", name=NAME).state == State.PUBLISHED
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(
            "INSERT INTO signatories_watchedname (name, note, skeleton, search_key) VALUES (%s, '', %s, %s)",
            [NAME, "aurella", "aurelia vantongeren"],
        )
        assert signed(address="two@example.org", name=NAME).state == State.PUBLISHED  # nobody can see it yet
        other.commit()
        assert signed(address="three@example.org", name=NAME).state == State.HELD


@pytest.mark.django_db(transaction=True)
def test_many_confirmations_at_once_all_see_the_new_name() -> None:
    WatchedName.objects.create(name=NAME)
    found: list[list[str]] = []

    def ask() -> None:
        try:
            found.append(holds.name_reasons({NAME}))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [HELD] * 6


@pytest.mark.django_db
def test_a_confirmation_asks_no_more_with_ten_thousand_watched_names() -> None:
    signed(address="first@example.org", name="Zed Quillon")
    counts = []
    for size in (0, 10_000):
        rows = [WatchedName(name=f"Invented Person{n}") for n in range(size)]
        for row in rows:
            row.set_keys()
        WatchedName.objects.bulk_create(rows)
        signed(address=f"warm{size}@example.org", name="Zed Quillon")
        with CaptureQueriesContext(connection) as asked:
            signed(address=f"{size}@example.org", name="Zed Quillon")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert Signature.objects.filter(state=State.PUBLISHED).count() == 5
