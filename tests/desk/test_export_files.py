"""Files of exports: cancelled, lapsed, killed while they are built, deleted; what is left of an erased person."""

import os
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from signatories.desk.organizers import services as organizers
from signatories.identity import mailbox as sealing
from signatories.models import Export, Organizer, Signature
from signatories.models.export import ExportKind, ExportState
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.privacy import export_files, exports, retention
from tests.desk.exports import DAY, PAGE, ask, files, opened, passphrase_in, press, state, steps, taken
from tests.people import ADDRESS, organizer, signed, signed_to, text
from tests.smtp import Catcher

# The rows of a file are those of one moment: a transaction of its own.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


def test_any_administrator_cancels_until_it_is_built(
    desk: Client, boris: Client, mailbox: Catcher, folder: Path
) -> None:
    signed()
    ask(desk)
    press(boris, "cancel")
    press(boris, "cancel")
    press(boris, "approve")
    export_files.work(timezone.now() + 2 * DAY)
    assert (state(), files(folder), Export.objects.get().passphrase_sealed) == ("cancelled", [], "")
    assert steps() == ["asked for, with mail addresses: Newsletter.", "cancelled"]
    ask(desk)
    press(boris, "approve")
    export_files.work(timezone.now())
    assert "Nothing was changed" in boris.post(press(boris, "cancel")["Location"], follow=True).content.decode()
    assert (state(), len(files(folder)), steps()[-1]) == ("ready", 1, "approved")


def test_cancelled_while_it_is_stored(
    desk: Client, boris: Client, mailbox: Catcher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed()
    ask(desk)
    press(boris, "approve")
    save = default_storage.save

    def meanwhile(name: str, content: Any) -> str:
        press(boris, "cancel")
        return save(name, content)

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", meanwhile)
        export_files.work(timezone.now())
    export_files.work(timezone.now())
    assert (state(), files(folder), Export.objects.get().file) == ("cancelled", [], "")


KILLED = """
import os, signal, django
django.setup()
from django.utils import timezone
from declaration.ops import storage
from signatories.privacy import export_files

def killed(target, parts):
    (target.parent / f".{target.name}.half").write_bytes(next(iter(parts)))
    os.kill(os.getpid(), signal.SIGKILL)

storage.write_durably = killed
export_files.work(timezone.now())
"""


def test_a_worker_that_is_killed_leaves_no_file(
    desk: Client, boris: Client, mailbox: Catcher, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    signed()
    passphrase = passphrase_in(ask(desk))
    press(boris, "approve")
    database, scratch = connection.settings_dict, tmp_path_factory.mktemp("scratch")
    url = f"postgresql://postgres@{database['HOST'].replace('/', '%2F')}/{database['NAME']}"
    env = {"DATABASE_URL": url, "STORAGE_URL": folder.as_uri(), "TMPDIR": str(scratch)}
    env |= {"DJANGO_SETTINGS_MODULE": "declaration.settings"}
    died = subprocess.run([sys.executable, "-c", KILLED], env=os.environ | env, cwd=settings.BASE_DIR, check=False)
    assert died.returncode == -9
    assert (state(), list(scratch.iterdir())) == ("building", [])
    assert len(files(folder)) == 1  # the half that the storage had taken
    export_files.work(timezone.now())
    export = Export.objects.get()
    assert (export.state, files(folder)) == ("ready", [export.file])
    assert opened(taken(desk)[1], passphrase)[1][2][0] == ADDRESS


def test_killed_and_then_cancelled_leaves_no_file(desk: Client, boris: Client, mailbox: Catcher, folder: Path) -> None:
    ask(desk)
    (folder / "exports").mkdir()
    (folder / "exports" / ".1-x.zip.half").write_bytes(b"half")
    Export.objects.update(state=ExportState.BUILDING, file="exports/1-x.zip")
    press(boris, "cancel")
    export_files.work(timezone.now())
    assert (state(), files(folder)) == ("cancelled", [])


def test_the_file_is_deleted_after_a_day(desk: Client, boris: Client, mailbox: Catcher, folder: Path) -> None:
    signed()
    ask(desk)
    press(boris, "approve")
    export_files.work(timezone.now())
    export_files.work(timezone.now() + DAY - timedelta(minutes=1))
    assert (state(), len(files(folder))) == ("ready", 1)
    Export.objects.update(built_at=timezone.now() - DAY)
    assert press(desk, "file").status_code == 404  # also before the worker comes
    export_files.work(timezone.now())
    assert (state(), files(folder), Export.objects.get().file) == ("deleted", [], "")
    assert "downloaded" not in steps()


def test_only_who_asked_downloads(desk: Client, boris: Client, mailbox: Catcher) -> None:
    signed()
    ask(desk)
    press(boris, "approve")
    assert press(desk, "file").status_code == 404  # not made yet
    export_files.work(timezone.now())
    assert press(boris, "file").status_code == 404
    assert desk.get(f"{PAGE}{Export.objects.get().pk}/file/").status_code == 405
    taken(desk)
    taken(desk)
    assert steps()[2:] == ["downloaded", "downloaded"]


def test_who_may_not_export_any_more_gets_nothing(
    desk: Client, boris: Client, mailbox: Catcher, folder: Path, olga: AbstractBaseUser
) -> None:
    ask(desk)
    press(boris, "approve")
    boss = Organizer.objects.get(account__username="boris").account
    organizers.set_role(account_id=olga.pk, role=Role.EDITOR, organizer=boss, reason="Left.", now=timezone.now())
    export_files.work(timezone.now())
    assert (state(), files(folder)) == ("cancelled", [])
    assert steps()[-1] == "cancelled: the account may not export any more"


def test_what_nobody_approves_lapses_after_a_week(desk: Client, boris: Client, mailbox: Catcher) -> None:
    ask(desk)
    now = timezone.now()
    export_files.work(now + timedelta(days=6, hours=23))
    assert state() == "asked"
    export_files.work(now + timedelta(days=7, hours=1))
    assert (state(), steps()[-1]) == ("cancelled", "cancelled: it waited for seven days")


def test_a_failed_export_says_so_and_names_nobody(
    desk: Client, boris: Client, mailbox: Catcher, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    signed()
    Signature.objects.update(address_sealed=b"broken")
    passphrase = passphrase_in(ask(desk))
    press(boris, "approve")
    export_files.work(timezone.now())
    export_files.work(timezone.now())
    assert (state(), files(folder), Export.objects.get().passphrase_sealed) == ("failed", [], "")
    assert "InvalidToken" in caplog.text and "Aveline" not in caplog.text and passphrase not in caplog.text
    assert "Please ask anew" in desk.get(PAGE).content.decode()


def test_nothing_of_an_erased_person_is_left_a_day_later(
    desk: Client, boris: Client, mailbox: Catcher, folder: Path
) -> None:
    signed(name="Zyxomark Quillifeather", address="zyxomark@brimblewax.example")
    ask(desk)
    press(boris, "approve")
    export_files.work(timezone.now())
    retention.erase_mailbox(address="zyxomark@brimblewax.example", reason="Asked.", now=timezone.now())
    export_files.work(timezone.now() + DAY + timedelta(minutes=1))
    assert files(folder) == ["erasures.jsonl"] or files(folder) == []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            stored = repr(cursor.fetchall()).lower()
            assert not re.search("zyxomark|quillifeather|brimblewax", stored), table


def many(count: int) -> Iterator[Signature]:
    """Copies of one signature, with addresses of their own."""
    model = signed_to(text(), address="model@example.org")
    for n in range(count):
        address = f"p{n}@example.org"
        model.pk, model.number = None, 2_000_000 + n
        model.address_sealed, model.address_digest = sealing.seal(address), sealing.digest(address)
        yield model


def peak() -> int:
    """Build the waiting export; the most memory that it took, in bytes."""
    tracemalloc.start()
    export_files.work(timezone.now())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert state() == "ready"
    return most


def test_the_memory_does_not_grow_with_the_list(desk: Client, boris: Client, mailbox: Catcher) -> None:
    peaks = []
    for count in (1500, 4500):
        for row in many(count):
            row.save(force_insert=True)
        ask(desk)
        press(boris, "approve")
        peaks.append(peak())
        Signature.objects.update(state=State.WITHDRAWN, withdrawn_at=timezone.now(), number=None)
    assert peaks[1] < peaks[0] + 1_000_000, peaks


def test_asking_is_one_function_of_the_room(olga: AbstractBaseUser) -> None:
    """Without a second administrator it is known from the start what an export waits for."""
    asked = exports.ask(kind=ExportKind.ADDRESSES, columns=["name"], reason="So.", organizer=olga, now=timezone.now())
    assert asked and asked.export.needs_approval is False
    organizer("boris")
    asked = exports.ask(
        kind=ExportKind.ADDRESSES, columns=["name"], reason="So.", organizer=organizer("carla"), now=timezone.now()
    )
    assert asked and asked.export.needs_approval is True
