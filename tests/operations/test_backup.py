"""Back up and restore, on real PostgreSQL: nobody comes back, nobody is mailed twice, no number is given again."""

import errno
import json
import os
import stat
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.queue import services as queue
from signatories.editions import services as editions
from signatories.identity import mailbox
from signatories.identity.mailbox import digests_of
from signatories.mail import messages, outbox, reminders
from signatories.mine import services as mine
from signatories.models import Act, Edition, OutboundMail, Report, Signature, Signup, StoppedMailbox
from signatories.models.mailing import MailState
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.operations.backup import services, tables
from signatories.privacy import erasure_log, retention
from signatories.signing import services as signing
from signatories.tally import services as tally
from tests.operations.backups import person, restore, state_of_everything
from tests.people import form, organizer, read_mail, sign_up, signed, text
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_comes_back_as_it_was(backed_up: Callable[[], Path], tmp_path: Path) -> None:
    olga, first = organizer(), person(1)
    for n in range(2, 6):
        person(n)
    queue.reject(signature_id=first.pk, organizer=olga, reason="not them", now=timezone.now())
    mine.ask(address="p2@example.org", language="en", now=timezone.now())
    (tmp_path / "storage" / "editions").mkdir(parents=True)
    edition = tmp_path / "storage" / "editions" / "1-abc.csv"
    edition.write_bytes(b"number,name\r\n")
    tally.fold()
    before = state_of_everything()
    source = backed_up()
    edition.unlink()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE signatories_signature, auth_user, declaration_text CASCADE")
    said = restore(source, "--send-waiting")
    assert "5 signatures" in said
    assert "no ledger" not in said
    assert state_of_everything() == before
    assert edition.read_bytes() == b"number,name\r\n"
    assert tally.repair() == {}
    assert Act.objects.of_the_desk().get().signature_id == first.pk


def test_the_file_is_for_its_owner_and_says_its_keys(backed_up: Callable[[], Path]) -> None:
    person(1)
    source = backed_up()
    assert stat.S_IMODE(source.stat().st_mode) == 0o600
    assert [path.name for path in source.parent.iterdir()] == [source.name]
    manifest = json.loads(zipfile.ZipFile(source).read("manifest.json"))
    assert set(manifest["keys"]) == {"SECRET_KEY", "MAILBOX_KEYS", "DIGEST_KEY"}
    assert "only-for-tests" not in json.dumps(manifest)
    assert b"p1@example.org" not in source.read_bytes()


@pytest.mark.usefixtures("own_files")
def test_a_disk_that_is_full_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person(1)
    kept = tmp_path / "kept"
    kept.mkdir()

    def full() -> dict[str, int]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tables, "sequences", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", str(kept))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", str(tmp_path / "nowhere" / "file"))
    assert list(kept.iterdir()) == []


def test_the_drill(client: Client, mailbox: Catcher, backed_up: Callable[[], Path]) -> None:
    """F24: backup, ten sign, two are erased, restore: the two stay erased, links work, nobody is mailed again."""
    confirm = sign_up(client, mailbox, email="waits@example.org").path("confirm")
    people = [person(n) for n in range(1, 6)]
    own = f"/mine/{messages.own_link(people[0], timezone.now().date())}/"
    client.post("/sign/", form(email="unsent@example.org", name="Una Unsent"))
    source = backed_up()

    lost = [person(n) for n in range(10, 20)]
    erasure_log.catch_up(timezone.now())
    for gone in people[3:]:
        mine.withdraw(signature_id=gone.pk, now=timezone.now())
        retention.erase(signature_id=gone.pk, now=timezone.now())
    outbox.drain()
    assert mailbox.of("unsent@example.org")
    mailbox.mails.clear()

    said = restore(source, "--replace")
    assert "2 erased, 0 withdrawn" in said
    assert Signature.objects.live().count() == 3
    for gone in people[3:]:
        gone.refresh_from_db()
        assert (gone.name, gone.state, bool(gone.erased_at)) == ("", State.WITHDRAWN, True)
    assert not Signup.objects.filter(name__contains="Number4").exists()
    assert b"Number4" not in client.get("/signatories/").content
    tally.fold()
    assert tally.number(timezone.now()).count == 3
    assert tally.repair() == {}
    assert Edition.objects.filter(state="asked").exists()

    outbox.drain()
    assert mailbox.mails == []
    assert client.get(own).status_code == 200
    assert client.post(confirm).status_code == 303
    new = Signature.objects.latest("pk")
    assert new.number
    assert new.number > max(signature.number or 0 for signature in lost)
    assert len([*erasure_log.read()]) == len({*erasure_log.read()})


def test_who_withdrew_since_is_withdrawn_again_and_may_undo_by_the_same_mail(
    client: Client, mailbox: Catcher, backed_up: Callable[[], Path]
) -> None:
    signature = signed()
    source = backed_up()
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    undo = read_mail(mailbox).path("mine/undo")
    erasure_log.catch_up(timezone.now())
    erasure_log.catch_up(timezone.now())
    mailbox.mails.clear()
    assert "0 erased, 1 withdrawn, 0 back" in restore(source, "--replace")
    assert not Signature.objects.live().exists()
    outbox.drain()
    assert mailbox.mails == []
    assert client.post(undo).status_code == 303
    assert Signature.objects.public().count() == 1
    assert tally.repair() == {}


def test_who_came_back_since_is_back_again(backed_up: Callable[[], Path]) -> None:
    signature = signed()
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    source = backed_up()
    mine.undo(signature_id=signature.pk, now=timezone.now())
    erasure_log.catch_up(timezone.now())
    assert "0 erased, 0 withdrawn, 1 back" in restore(source, "--replace")
    assert Signature.objects.public().count() == 1
    assert tally.repair() == {}


def test_withdrawn_before_the_backup_is_left_alone(backed_up: Callable[[], Path]) -> None:
    signature = signed()
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    tally.fold()
    source = backed_up()
    before = state_of_everything()
    assert "0 erased, 0 withdrawn, 0 back" in restore(source, "--replace", "--send-waiting")
    assert state_of_everything() == before


def test_who_was_erased_on_request_stays_away(backed_up: Callable[[], Path]) -> None:
    signed()
    text()
    Client().post("/sign/", form(email="una@example.org", name="Una Unsigned"))
    mine.ask(address="una@example.org", language="en", now=timezone.now())
    Report.objects.create(
        signature=Signature.objects.get(), wrong="other", language="en", address_sealed=mailbox.seal("una@example.org")
    )
    source = backed_up()
    assert retention.erase_mailbox(address="una@example.org", reason="asked by letter", now=timezone.now()) == 3
    restore(source, "--replace")
    assert not Signup.objects.filter(name="Una Unsigned").exists()
    assert not OutboundMail.objects.filter(kind=MailKind.LINK).exists()
    assert not Report.objects.exists()
    assert Signature.objects.public().count() == 1


def test_a_reused_row_number_erases_nobody_else(backed_up: Callable[[], Path]) -> None:
    signature = signed()
    source = backed_up()
    mine.withdraw(signature_id=signature.pk, now=timezone.now())
    retention.erase(signature_id=signature.pk, now=timezone.now())
    told = [line for line in erasure_log.read() if line.kind == erasure_log.Kind.ERASED]
    later = (signature.signed_at + timedelta(days=1)).isoformat()
    erasure_log.path().write_text("")
    erasure_log.write(
        [erasure_log.Line(kind=told[0].kind, at=told[0].at, model="signature", row=signature.pk, made_at=later)]
    )
    assert "0 erased" in restore(source, "--replace")
    assert Signature.objects.public().count() == 1


def test_what_waited_is_held_back_until_released(
    client: Client, mailbox: Catcher, backed_up: Callable[[], Path]
) -> None:
    text()
    client.post("/sign/", form())
    source = backed_up()
    assert "1 mails held back" in restore(source, "--replace")
    assert outbox.drain() == 0
    assert Signup.objects.get().mail_state == MailState.SET_ASIDE
    call_command("release_mail", stdout=StringIO())
    assert outbox.drain() == 1
    call_command("release_mail", stdout=StringIO())
    assert outbox.drain() == 0


def test_a_move_sends_what_waited(client: Client, mailbox: Catcher, backed_up: Callable[[], Path]) -> None:
    text()
    client.post("/sign/", form())
    assert "0 mails held back" in restore(backed_up(), "--replace", "--send-waiting")
    assert outbox.drain() == 1


def test_nobody_is_reminded_a_second_time(client: Client, mailbox: Catcher, backed_up: Callable[[], Path]) -> None:
    sign_up(client, mailbox)
    source = backed_up()
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        assert reminders.remind(timezone.now()) == 1
        assert outbox.drain() == 1
        restore(source, "--replace")
        assert reminders.remind(timezone.now()) == 0
        assert outbox.drain() == 0
    assert len(mailbox.mails) == 2


def test_who_said_stop_since_is_mailed_nothing(client: Client, mailbox: Catcher, backed_up: Callable[[], Path]) -> None:
    stop = sign_up(client, mailbox).path("stop")
    source = backed_up()
    client.post(stop)
    erasure_log.catch_up(timezone.now())
    restore(source, "--replace")
    assert StoppedMailbox.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        reminders.remind(timezone.now())
        assert outbox.drain() == 0
    signing.allow_mails(digests_of(Signup.objects.get()))
    erasure_log.catch_up(timezone.now())
    restore(source, "--replace")
    assert not StoppedMailbox.objects.exists()


def test_a_lost_ledger_is_said_and_numbers_leap(backed_up: Callable[[], Path]) -> None:
    number = person(1).number or 0
    source = backed_up()
    erasure_log.path().unlink()
    assert "WARNING: no ledger" in restore(source, "--replace")
    assert (person(2).number or 0) > number + services.NUMBERS_SKIPPED
    assert "WARNING" not in restore(source, "--replace")  # by now there is one again, from the archive


def test_a_rotated_key_that_is_kept_is_fine(client: Client, backed_up: Callable[[], Path], settings: Settings) -> None:
    signature = person(1)
    own = f"/mine/{messages.own_link(signature, timezone.now().date())}/"
    source = backed_up()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    restore(source, "--replace")
    assert client.get(own).status_code == 200


def test_a_ledger_cut_by_a_crash_goes_on(backed_up: Callable[[], Path]) -> None:
    first, second = person(1), person(2)
    source = backed_up()
    mine.withdraw(signature_id=first.pk, now=timezone.now())
    erasure_log.path().write_text(erasure_log.path().read_text() + '{"kind": "erased", "at": "20')
    mine.withdraw(signature_id=second.pk, now=timezone.now())
    erasure_log.catch_up(timezone.now())
    assert "2 withdrawn" in restore(source, "--replace")


def test_editions_come_back_and_the_press_finds_them(
    client: Client, backed_up: Callable[[], Path], tmp_path: Path
) -> None:
    person(1)
    editions.ask()
    editions.build_waiting()
    pdf = client.get("/press/latest.pdf").getvalue()
    source = backed_up()
    for file in (tmp_path / "storage" / "editions").iterdir():
        file.unlink()
    restore(source, "--replace")
    assert client.get("/press/latest.pdf").getvalue() == pdf
