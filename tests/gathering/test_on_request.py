"""Somebody who was named asks what we hold of them, or to be erased: in rows, in files, whoever handed them over."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from signatories.gathering import preparing, services
from signatories.mail import outbox
from signatories.models import GatheredBatch, Invitee, OutboundMail, StoppedMailbox
from signatories.privacy import erasure_log, retention
from tests.gathering.gathering import (
    ROW,
    WILMA,
    again,
    approved,
    checked,
    erased,
    gathering_partner,
    mailed,
    members,
    people,
    prove_and_ask,
    send_all,
    table,
    upload,
)
from tests.operations.backups import restore, state_of_everything
from tests.operations.conftest import backed_up as backed_up
from tests.operations.conftest import own_files as own_files
from tests.partners.partners import officer
from tests.people import organizer, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def stored(address: str = WILMA) -> dict[str, list[dict[str, object]]]:
    """What the operator hands out to somebody who asks."""
    out = StringIO()
    call_command("person", "export", address, stdout=out)
    found: dict[str, list[dict[str, object]]] = json.loads(out.getvalue())
    return found


def nothing_is_left() -> None:
    """Nothing names her, and by one row she is never asked again."""
    assert not Invitee.objects.filter(name__startswith="Wilma").exists()
    told = stored()
    assert [one["name"] for one in told["invitations"]] == [""]
    assert told["lines_of_files"] == []
    assert not OutboundMail.objects.filter(kind="gathered", mail_state="waiting").exists()
    assert "Nothing is kept" in erased()


def nobody_asks_her(mailbox: Catcher, slug: str = "lanterns") -> None:
    mailbox.mails.clear()
    approved(gathering_partner("Label of Lanterns", slug), table([ROW, *members(1)]))
    send_all()
    assert mailed(mailbox) == ["m0@union.example"] and mailbox.of(WILMA) == []


def test_asked_by_one_and_waiting_in_the_file_of_another(mailbox: Catcher) -> None:
    text()
    approved(gathering_partner(), table([ROW]))
    send_all()
    other = checked(
        officer(gathering_partner("House of Reeds", "reeds"), "rob"), table([ROW, ("Bram", "b@union.example", "", "")])
    )
    assert [one["given_by"] for one in stored()["invitations"]] == ["Union of Stage Hands", "House of Reeds"]
    assert "rows erased" in erased()
    nothing_is_left()
    assert {row.name for row in people(other).values()} == {"", "Bram"}
    nobody_asks_her(mailbox)


def test_in_two_files_that_are_not_sent(mailbox: Catcher) -> None:
    text()
    for name, slug in (("Union of Stage Hands", "stage-hands"), ("House of Reeds", "reeds")):
        checked(officer(gathering_partner(name, slug), slug), table([*members(1, "reeds.example"), ROW]))
    assert len(stored()["invitations"]) == 2
    assert "rows erased" in erased()
    nothing_is_left()
    assert set(Invitee.objects.values_list("answer", flat=True)) == {"", "declined", "passed"}
    nobody_asks_her(mailbox)


def test_silent_before_and_in_a_new_file(mailbox: Catcher) -> None:
    text()
    approved(gathering_partner(), table([ROW]))
    send_all()
    retention.purge(timezone.now() + timedelta(days=31))
    checked(officer(gathering_partner("House of Reeds", "reeds"), "rob"), table([ROW]))
    assert [one["answer"] for one in stored()["invitations"]] == ["silent", ""]
    assert "rows erased" in erased()
    nothing_is_left()
    nobody_asks_her(mailbox)


def test_a_mail_that_waits_does_not_go(mailbox: Catcher) -> None:
    text()
    union = gathering_partner()
    batch = approved(union, table([ROW, *members(2)]))
    mailbox.down()
    send_all()
    assert "rows erased" in erased()
    mailbox.reset()
    again()
    send_all()
    assert mailbox.of(WILMA) == []
    assert people(batch)[2].answer == "declined"


def test_a_file_of_which_the_columns_are_not_chosen_yet(mailbox: Catcher) -> None:
    text()
    own = officer(gathering_partner())
    batch = upload(own, table([*members(2), ROW]))
    (line,) = stored()["lines_of_files"]
    assert (line["given_by"], line["line"], line["cells"]) == ("Union of Stage Hands", 4, list(ROW))
    erased(f"Wilma+news@{WILMA.partition('@')[2]}")  # the same mailbox
    assert stored()["lines_of_files"] == []
    batch.refresh_from_db()
    assert "Wilma" not in own.get(f"/partner/names/{batch.pk}/").content.decode()
    own.post(f"/partner/names/{batch.pk}/columns/", batch.columns)
    preparing.work()
    assert {line: row.name for line, row in people(batch).items()} == {
        2: "Member Number0000 Ash", 3: "Member Number0001 Ash", 4: "",
    }  # fmt: skip
    nothing_is_left()
    nobody_asks_her(mailbox)


def test_a_file_without_a_head_whose_first_line_is_hers(mailbox: Catcher) -> None:
    text()
    own = officer(gathering_partner())
    batch = upload(own, table(members(2), ROW))
    assert "rows erased" in erased()
    assert "Wilma" not in own.get(f"/partner/names/{batch.pk}/").content.decode()
    own.post(f"/partner/names/{batch.pk}/columns/", {"name": "0", "address": "1"})
    preparing.work()
    assert {line: row.name for line, row in people(batch).items()} == {
        1: "", 2: "Member Number0000 Ash", 3: "Member Number0001 Ash",
    }  # fmt: skip
    nobody_asks_her(mailbox)


@pytest.mark.parametrize("then", ["columns", "left out", "refused", "undone"])
def test_whatever_becomes_of_the_file_nobody_asks_her(mailbox: Catcher, then: str) -> None:
    """The one row by which she is known outlives its file."""
    text()
    own = officer(gathering_partner())
    batch = checked(own, table([ROW, *members(2, "reeds.example")]))
    path = f"/partner/names/{batch.pk}/"
    if then == "left out":
        own.post(f"{path}rows/{people(batch)[2].pk}/")
    erased()
    if then == "columns":
        own.post(f"{path}columns/", batch.columns)
        preparing.work()
        assert {row.name for row in people(batch).values()} == {"", "Member Number0000 Ash", "Member Number0001 Ash"}
    elif then == "undone":
        own.post(f"{path}undo/")
    else:
        prove_and_ask(own, batch)
        decider, now = organizer("decider"), timezone.now() - timedelta(hours=2)
        if then == "refused":
            assert services.refuse(batch_id=batch.pk, account=decider, reason="No.", now=now)
        else:
            assert services.approve(batch_id=batch.pk, account=decider, now=now)
    nobody_asks_her(mailbox)
    assert own.get(path).status_code == 200


def test_others_in_the_same_files_stay(mailbox: Catcher, client: Client) -> None:
    text()
    batch = approved(gathering_partner(), table([ROW, *members(2)]))
    send_all()
    erased()
    names = {line: row.name for line, row in people(batch).items()}
    assert names == {2: "", 3: "Member Number0000 Ash", 4: "Member Number0001 Ash"}
    assert client.get(mailbox.of("m1@union.example")[0].path("invited")).status_code == 200
    assert client.get(mailbox.of(WILMA)[0].path("invited")).status_code == 200  # "We do not ask you again"


def test_the_test_that_an_officer_mailed_to_themselves_is_no_memory(mailbox: Catcher) -> None:
    """They may be a member, too, and be asked."""
    text()
    union = gathering_partner()
    own = officer(union)
    open_one = checked(own, table(members(1, "reeds.example")))
    own.post(f"/partner/names/{open_one.pk}/test/")
    outbox.drain()
    mailbox.mails.clear()
    batch = approved(union, table([("Otto Reed", "otto@union.example", "", "")]), browser=own)
    mailbox.mails.clear()
    send_all()
    assert len(mailbox.of("otto@union.example")) == 1
    assert "rows erased" in erased("otto@union.example")
    assert people(batch)[2].answer == "declined"
    assert GatheredBatch.objects.get(pk=open_one.pk).state == "open"


def test_a_restored_backup_does_not_bring_her_back(mailbox: Catcher, backed_up: Callable[[], Path]) -> None:
    text()
    batch = approved(gathering_partner(), table([ROW]))
    send_all()
    source = backed_up()
    erased()
    restore(source, "--replace")
    assert (people(batch)[2].name, people(batch)[2].answer) == ("", "declined")
    assert bytes(people(batch)[2].address_sealed) == b""


@pytest.mark.parametrize("flags", [("--replace",), ("--replace", "--send-waiting")])
@pytest.mark.parametrize("came_to", ["waits", "columns", "checked"])
def test_who_was_erased_from_a_file_stays_away_after_a_restore(
    mailbox: Catcher, backed_up: Callable[[], Path], came_to: str, flags: tuple[str, ...]
) -> None:
    """A backup of before knows the file; it must tell by whom nobody asks her."""
    text()
    own = officer(gathering_partner())
    content = table([ROW, *members(2, "reeds.example")])
    if came_to == "waits":
        answer = own.post("/partner/names/", {"file": SimpleUploadedFile("members.csv", content), "language": "en"})
        assert answer.status_code == 303
    else:
        (checked if came_to == "checked" else upload)(own, content)
    source = backed_up()
    assert "rows erased" in erased()
    restore(source, *flags)
    told = stored()
    assert [(one["name"], one["answer"]) for one in told["invitations"]] == [("", "declined")]
    assert told["lines_of_files"] == []
    preparing.work()
    assert "Wilma" not in own.get(f"/partner/names/{GatheredBatch.objects.get().pk}/").content.decode()
    nobody_asks_her(mailbox)


def test_a_backup_in_which_two_files_name_her(mailbox: Catcher, backed_up: Callable[[], Path]) -> None:
    text()
    for name, slug in (("Union of Stage Hands", "stage-hands"), ("House of Reeds", "reeds")):
        checked(officer(gathering_partner(name, slug), slug), table([*members(1, "reeds.example"), ROW]))
    source = backed_up()
    erased()
    restore(source, "--replace", "--send-waiting")
    nothing_is_left()
    nobody_asks_her(mailbox)


def test_the_log_of_a_release_before_names_the_row_alone(mailbox: Catcher, backed_up: Callable[[], Path]) -> None:
    text()
    checked(officer(gathering_partner()), table([ROW, *members(2, "reeds.example")]))
    source = backed_up()
    erased()
    lines = [line for line in erasure_log.read() if line.row]
    erasure_log.path().unlink()
    erasure_log.write(lines)
    restore(source, "--replace")
    nothing_is_left()
    nobody_asks_her(mailbox)


def test_a_backup_made_since_changes_nothing_by_its_log(mailbox: Catcher, backed_up: Callable[[], Path]) -> None:
    """The log stops no mails to her: she has not asked for that."""
    text()
    upload(officer(gathering_partner()), table([ROW, *members(2, "reeds.example")]))
    erased()
    before = state_of_everything()
    restore(backed_up(), "--replace", "--send-waiting")
    after = state_of_everything()
    assert after["signatories_invitee"] == before["signatories_invitee"]
    assert after["signatories_gatheredbatch"] == before["signatories_gatheredbatch"]
    assert not StoppedMailbox.objects.exists()
