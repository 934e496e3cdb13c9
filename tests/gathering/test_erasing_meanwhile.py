"""Somebody is erased in the very moment in which the worker reads or checks a file that names them."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from signatories.gathering import preparing, reading
from signatories.models import GatheredBatch, Invitee
from signatories.privacy import own_data
from tests.gathering.gathering import (
    ROW,
    WILMA,
    approved,
    checked,
    erased,
    gathering_partner,
    mailed,
    members,
    people,
    send_all,
    table,
    upload,
)
from tests.partners.partners import officer
from tests.people import text
from tests.races import somebody_waits_for_a_lock
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def erased_in_thread(address: str = WILMA) -> str:
    try:
        return erased(address)
    finally:
        connection.close()


def hand_over(browser: Client, content: bytes) -> GatheredBatch:
    """Hand a file over; no worker looks at it yet."""
    browser.post("/partner/names/", {"file": SimpleUploadedFile("members.csv", content), "language": "en"})
    return GatheredBatch.objects.latest("pk")


def erase_while(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], None]) -> str:
    """Run `act`, and erase her in another thread when it comes to a function of reading.py; what the erasure said."""
    with ThreadPoolExecutor(1) as pool:
        asked: list[Future[str]] = []
        before = getattr(reading, name)

        def erasing(*args: Any) -> Any:
            if not asked:
                asked.append(pool.submit(erased_in_thread))
                wait(asked, timeout=3)  # it ends at once, or waits for the worker
            return before(*args)

        monkeypatch.setattr(reading, name, erasing)
        act()
        return asked[0].result(timeout=30)


def nothing_names_her(batch: GatheredBatch, browser: Client) -> None:
    batch.refresh_from_db()
    told = own_data.of_mailbox(WILMA)
    assert [(one["name"], one["answer"]) for one in told["invitations"]] == [("", "declined")]
    assert told["lines_of_files"] == []
    assert "Wilma" not in browser.get(f"/partner/names/{batch.pk}/").content.decode()


def nobody_asks_her(mailbox: Catcher) -> None:
    mailbox.mails.clear()
    approved(gathering_partner("Label of Lanterns", "lanterns"), table([ROW, *members(1)]))
    send_all()
    assert mailed(mailbox) == ["m0@union.example"] and mailbox.of(WILMA) == []


def test_while_its_rows_are_checked(mailbox: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    text()
    own = officer(gathering_partner())
    batch = upload(own, table([*members(2), ROW]))
    own.post(f"/partner/names/{batch.pk}/columns/", batch.columns)
    assert "rows erased" in erase_while(monkeypatch, "rows", preparing.work)
    nothing_names_her(batch, own)
    assert batch.state == "open"
    assert {row.name for row in people(batch).values()} == {"", "Member Number0000 Ash", "Member Number0001 Ash"}
    nobody_asks_her(mailbox)


def test_while_it_is_read(mailbox: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    text()
    own = officer(gathering_partner())
    batch = hand_over(own, table([ROW, *members(2)]))
    assert "rows erased" in erase_while(monkeypatch, "packed", preparing.work)
    nothing_names_her(batch, own)
    assert batch.state == "columns"
    own.post(f"/partner/names/{batch.pk}/columns/", batch.columns)
    preparing.work()
    nothing_names_her(batch, own)
    assert len(people(batch)) == 3
    nobody_asks_her(mailbox)


def test_while_it_waits_to_be_read(mailbox: Catcher) -> None:
    text()
    own = officer(gathering_partner())
    batch = hand_over(own, table([*members(2), ROW]))
    assert [line["cells"] for line in own_data.of_mailbox(WILMA)["lines_of_files"]] == [list(ROW)]
    assert "rows erased" in erased()
    preparing.work()
    nothing_names_her(batch, own)
    assert batch.state == "columns"
    nobody_asks_her(mailbox)


def test_a_file_that_cannot_be_read_is_in_nobodys_way(mailbox: Catcher) -> None:
    text()
    own = officer(gathering_partner())
    batch = hand_over(own, b"%PDF-1.4 no table")
    rob = officer(gathering_partner("House of Reeds", "reeds"), "rob")
    other = checked(rob, table([ROW]))
    GatheredBatch.objects.filter(pk=batch.pk).update(state="reading", file=batch.file, error="")
    assert own_data.of_mailbox(WILMA)["lines_of_files"]
    assert "rows erased" in erased()
    nothing_names_her(other, rob)
    batch.refresh_from_db()
    assert (batch.state, bytes(batch.file)) == ("failed", b"")
    assert "no CSV and no XLSX" in own.get(f"/partner/names/{batch.pk}/").content.decode()


def test_while_a_turn_of_its_file_is_taken(mailbox: Catcher) -> None:
    """A turn locks the file before its rows; an erasure that had the rows first would wait for it, and it for them."""
    text()
    batch = approved(gathering_partner(), table([ROW]))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            GatheredBatch.objects.select_for_update().get(pk=batch.pk)
            asked = pool.submit(erased_in_thread)
            assert somebody_waits_for_a_lock()
            assert Invitee.objects.filter(batch=batch).select_for_update(nowait=True).get().name == ROW[0]
        assert "rows erased" in asked.result(timeout=30)


def test_many_are_erased_at_once_while_it_is_checked_again(mailbox: Catcher) -> None:
    """Nobody waits for somebody who waits for them."""
    text()
    own = officer(gathering_partner())
    batch = checked(own, table(members(30)))
    own.post(f"/partner/names/{batch.pk}/columns/", batch.columns)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(partial(erased_in_thread, f"m{n}@union.example")) for n in range(6)]
        preparing.work()
        assert all("rows erased" in one.result(timeout=60) for one in asked)
    assert Invitee.objects.filter(name="").count() == 6
    assert Invitee.objects.exclude(name="").count() == 24
