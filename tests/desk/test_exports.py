"""Exports of the signers' data: who approves, who waits, who is told, and what is left of a file."""

import csv
import io
import logging
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
import pyzipper
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories.desk.organizers import services as organizers
from signatories.identity import mailbox as sealing
from signatories.models import Act, Export, Organizer, Signature
from signatories.models.act import Verb
from signatories.models.export import ExportKind, ExportState
from signatories.models.organizer import Role
from signatories.models.signature import State
from signatories.privacy import export_files, exports, retention
from tests.people import ADDRESS, organizer, signed, signed_to, text
from tests.smtp import Catcher

# The rows of a file are those of one moment: a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/desk/exports/"
DAY = timedelta(hours=24)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """The storage."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def boris(olga: AbstractBaseUser) -> Client:
    """The browser of a second administrator."""
    browser = Client()
    browser.force_login(organizer("boris"))  # type: ignore[arg-type]
    return browser


def ask(
    desk: Client, kind: str = "addresses", columns: tuple[str, ...] = ("name",), reason: str = "Newsletter."
) -> str:
    """Ask for an export; returns the page that follows."""
    data = {"kind": kind, "columns": columns, "reason": reason}
    return desk.post(PAGE, data, follow=True).content.decode()


def passphrase_in(page: str) -> str:
    found = re.search(r"<code[^>]*>([^<]+)</code>", page)
    assert found
    return found[1]


def press(browser: Client, what: str, export: Export | None = None) -> HttpResponse:
    """Press a button of an export, the newest one if none is named."""
    pk = (export or Export.objects.latest("pk")).pk
    return browser.post(f"{PAGE}{pk}/{what}/")  # type: ignore[return-value]


def state() -> str:
    return Export.objects.latest("pk").state


def files(folder: Path) -> list[str]:
    """Everything that stands in the storage, the hidden parts too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def steps() -> list[str]:
    """What the trail says about exports, without their number."""
    acts = Act.objects.filter(verb=Verb.EXPORT).order_by("pk")
    assert all(act.reason.startswith(act.about) for act in acts)
    return [act.reason.removeprefix(f"{act.about} ") for act in acts]


def taken(browser: Client) -> tuple[str, bytes]:
    """The name and the content of the file that is downloaded."""
    response: Any = press(browser, "file")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    content = b"".join(response.streaming_content)
    response.close()
    return response["Content-Disposition"].partition('filename="')[2].rstrip('"'), content


def opened(content: bytes, passphrase: str) -> tuple[str, list[list[str]]]:
    """The name of the one file inside, and its rows."""
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(passphrase.encode())
        (name,) = archive.namelist()
        return name, rows(archive.read(name))


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# --- With addresses ---------------------------------------------------------------------------------------------------
def test_a_second_administrator_approves(desk: Client, boris: Client, mailbox: Catcher, folder: Path) -> None:
    signed()
    Signature.objects.filter(pk=signed(address="b@example.org", name="Bram Bellweather").pk).update(named=False)
    Signature.objects.filter(pk=signed(address="h@example.org", name="Held Hollow").pk).update(state=State.HELD)
    now = timezone.now()
    passphrase = passphrase_in(ask(desk, columns=("name", "profession", "news")))
    export_files.work(now + 2 * DAY)
    assert (state(), files(folder)) == ("asked", [])
    assert press(boris, "approve").status_code == 303
    export_files.work(timezone.now())
    assert state() == "ready"
    name, content = taken(desk)
    export = Export.objects.get()
    assert re.fullmatch(rf"export-{export.pk}-olga-\d{{8}}T\d{{4}}Z\.zip", name)
    inside, (mark, header, *listed) = opened(content, passphrase)
    assert inside == name.replace(".zip", ".csv")
    assert re.fullmatch(
        rf"export {export.pk} for olga \(account \d+\), made \d{{4}}-\d\d-\d\d \d\d:\d\d UTC\. Why: Newsletter\.",
        mark[0],
    )
    assert header == ["address", "representative", "name", "profession", "profession_text", "news"]
    assert listed == [
        [ADDRESS, "", "Aveline Ashgrove", "singer", "Singer", "False"],
        ["b@example.org", "", "Bram Bellweather", "singer", "Singer", "False"],
    ]
    assert export.rows == 2
    for wrong in ("", passphrase[:-1], passphrase.upper()):
        with pytest.raises((RuntimeError, ValueError)):
            opened(content, wrong)
    assert b"Aveline" not in content and b"example.org" not in content
    assert steps() == ["asked for, with mail addresses: Newsletter.", "approved", "downloaded"]


def test_nobody_approves_their_own(desk: Client, boris: Client, mailbox: Catcher, olga: AbstractBaseUser) -> None:
    ask(desk)
    assert "/approve/" not in desk.get(PAGE).content.decode()
    assert "/approve/" in boris.get(PAGE).content.decode()
    refused = press(desk, "approve")
    assert refused.status_code == 403
    assert "approved by another administrator" in refused.content.decode()
    with pytest.raises(IntegrityError, match="export_approved_by_another"):
        Export.objects.update(approved_by=olga.pk)
    assert state() == "asked"
    press(boris, "approve")
    press(boris, "approve")
    assert state() == "approved"
    assert steps() == ["asked for, with mail addresses: Newsletter.", "approved"]


def test_where_there_is_one_administrator_all_are_told_and_it_waits_a_day(
    desk: Client, mailbox: Catcher, folder: Path
) -> None:
    signed()
    for role in (Role.VIEWER, Role.EDITOR, Role.MODERATOR):
        organizer(role.value, role=role)
    organizer("nobody", role=None)
    passphrase = passphrase_in(ask(desk))
    told = timezone.now()
    export_files.work(told)
    names = {"viewer", "editor", "moderator", "olga", "hello"}
    assert sorted(to for mail in mailbox.mails for to in mail.to) == sorted(f"{n}@declaration.example" for n in names)
    mail = mailbox.mails[0]
    assert (
        f"olga (account {Export.objects.get().asked_by_id})" in mail.text
        and "Why: Newsletter." in mail.html
        and "24 hours after this mail" in mail.text
    )
    assert passphrase not in mail.text
    export_files.work(told + DAY - timedelta(minutes=1))
    assert (state(), len(mailbox.mails), files(folder)) == ("asked", 5, [])
    export_files.work(told + DAY)
    assert state() == "ready"
    assert opened(taken(desk)[1], passphrase)[1][2][0] == ADDRESS


def test_it_waits_as_long_as_nobody_could_be_told(desk: Client, mailbox: Catcher, folder: Path) -> None:
    signed()
    ask(desk)
    mailbox.mode = "drop"
    now = timezone.now()
    for hours in (0, 25, 49):
        export_files.work(now + timedelta(hours=hours))
    assert (state(), files(folder), Export.objects.get().told_at) == ("asked", [], None)


def test_the_passphrase_is_shown_once_and_forgotten(
    desk: Client, boris: Client, mailbox: Catcher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    signed()
    passphrase = passphrase_in(ask(desk))
    assert len(passphrase.replace("-", "")) == 24
    assert passphrase not in desk.get(PAGE).content.decode()
    export = Export.objects.get()
    assert export.passphrase_sealed and passphrase not in export.passphrase_sealed
    press(boris, "approve")
    export_files.work(timezone.now())
    stored = repr(list(Export.objects.values())) + repr(list(Act.objects.values()))
    assert Export.objects.get().passphrase_sealed == ""
    assert passphrase not in stored + caplog.text
    with pytest.raises(IntegrityError, match="export_passphrase_is_forgotten"):
        Export.objects.update(passphrase_sealed="kept")


def test_asking_again_while_one_waits_is_refused(desk: Client, boris: Client, mailbox: Catcher) -> None:
    ask(desk)
    assert "not made yet" in ask(desk)
    assert Export.objects.count() == len(steps()) == 1
    ask(boris)
    assert Export.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"columns": ()}, {"columns": ("address_sealed",)}, {"columns": ("name", "nonce")}]
)
def test_without_a_reason_or_with_unknown_columns_nothing_is_asked(desk: Client, wrong: dict[str, Any]) -> None:
    page = ask(desk, **wrong)
    assert "Please" in page
    assert not Export.objects.exists() and not steps()


# --- Cancelled, lapsed, killed, deleted -------------------------------------------------------------------------------
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


# --- Without addresses ------------------------------------------------------------------------------------------------
def test_public_data_need_nobody_else(desk: Client, boris: Client, mailbox: Catcher, folder: Path) -> None:
    shown = signed(name="Aveline Ashgrove", affiliation="=1+1", country="IE")
    Signature.objects.filter(pk=signed(address="b@example.org", name="Bram Bellweather").pk).update(named=False)
    Signature.objects.filter(pk=signed(address="h@example.org", name="Held Hollow").pk).update(state=State.HELD)
    assert "<code" not in ask(desk, "public", ("number", "name", "affiliation", "country"), "For a paper.")
    assert Export.objects.get().passphrase_sealed == ""
    export_files.work(timezone.now())
    assert mailbox.mails == []
    name, content = taken(desk)
    assert name.endswith("Z.csv")
    mark, header, *listed = rows(content)
    assert mark[0].endswith("Why: For a paper.")
    assert header == ["number", "name", "affiliation", "country", "country_name"]
    assert listed == [[str(shown.number), "Aveline Ashgrove", "'=1+1", "IE", "Ireland"]]
    assert b"@" not in content
    assert steps() == ["asked for, without mail addresses: For a paper.", "downloaded"]


@pytest.mark.parametrize("column", ["address", "representative", "news", "named", "language", "domain"])
def test_what_is_not_public_is_not_in_it(desk: Client, column: str) -> None:
    assert "Please choose what the file is to hold." in ask(desk, "public", ("name", column))
    assert not Export.objects.exists()


def test_a_moderator_asks_for_nothing(mailbox: Catcher) -> None:
    browser = Client()
    browser.force_login(organizer(role=Role.MODERATOR))  # type: ignore[arg-type]
    for kind in ExportKind:
        assert browser.post(PAGE, {"kind": kind, "columns": ["name"], "reason": "So."}).status_code == 403
    assert "Exports" not in browser.get("/desk/").content.decode()
    assert not Export.objects.exists()


# --- Erased, large ----------------------------------------------------------------------------------------------------
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
