"""The press downloads the list: complete, dated, the same as the database at its moment."""

import csv
import hashlib
import io
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.utils import timezone

from signatories.demo import invented_people
from signatories.editions import building, csv_file, rows, xlsx_file
from signatories.editions import services as editions
from signatories.editions.document import build_pdf
from signatories.models import Edition, Signature
from signatories.models.edition import EditionState
from signatories.models.signature import IN_FLIGHT, State
from tests.editions.building import body, build
from tests.people import signed, text

# A snapshot is a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)

MANY_SCRIPTS = [
    "-Q-", "will.o.wisp", "O'Brannick", "محمد الرمّاني", "נועם הרדוף", "欧阳墨竹", "星野原 花音", "선우 별하", "Nguyễn Thị Ánh", "O",
    "Яна Ђурић", "Ζωή Ψαροπούλα", "ก้องฟ้า", "Æsa Þórdís Ørnulf",
]  # fmt: skip


def test_the_pages_told_are_those_of_the_pdf(client: Client) -> None:
    signed()
    edition = build()
    with pikepdf.open(default_storage.path(edition.pdf)) as pdf:
        assert edition.pages == len(pdf.pages) > 1
    assert f"<dd>{edition.pages}</dd>" in client.get("/press/").content.decode()


def test_what_a_killed_build_left_in_the_temporary_folder_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D25. The folders of another installation on this machine stay: it may be building."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "edition-of-somebody-else").mkdir()
    signed()
    used: list[Path] = []

    def watched(cover: Any, entries: Any, target: Path, **more: Any) -> None:
        used.append(target.parent)
        build_pdf(cover, entries, target, **more)

    monkeypatch.setattr(building, "build_pdf", watched)
    build()
    left = used[0].with_name(used[0].name[:-8] + "leftover")  # as if that build had been killed
    left.mkdir()
    (left / "edition.pdf").write_bytes(b"half")
    build()
    assert [path.name for path in tmp_path.iterdir()] == ["edition-of-somebody-else"]


def printed(pdf: bytes, folder: Path) -> str:
    """The text of a PDF as pdftotext reads it, without line structure."""
    (folder / "x.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", str(folder / "x.pdf"), "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode())


@pytest.mark.usefixtures("rendering_processes")
def test_the_pdf_holds_everyone_public_and_says_as_of_when(client: Client, tmp_path: Path) -> None:
    for n, name in enumerate(MANY_SCRIPTS):
        signed(name=name, address=f"p{n}@example.org", affiliation="The Paper Lanterns" if n == 2 else "")
    signed(name="Hidden Marker", named=False, address="hidden@example.org")
    signed(name="Rejected Marker", address="rejected@example.org")
    Signature.objects.filter(name="Rejected Marker").update(state=State.REJECTED)
    edition = build()
    pdf = body(client.get("/press/latest.pdf"))
    assert hashlib.sha256(pdf).hexdigest() == edition.pdf_sha256
    (tmp_path / "edition.pdf").write_bytes(pdf)
    subprocess.run(["qpdf", "--check", str(tmp_path / "edition.pdf")], check=True, capture_output=True)
    words = printed(pdf, tmp_path)
    for name in MANY_SCRIPTS:
        assert name in words, name
    assert "Marker" not in words
    assert "Our work is not raw material" in words
    assert "The Paper Lanterns" in words
    assert (edition.named, edition.unnamed) == (len(MANY_SCRIPTS), 1)
    assert re.search(rf"{edition.count}\b", words)


def test_the_csv_holds_the_same_rows(client: Client) -> None:
    text()
    invented_people.signatures(60, until=timezone.now())
    edition = build()
    content = body(client.get("/press/latest.csv"))
    assert content.startswith(b"\xef\xbb\xbf")
    assert hashlib.sha256(content).hexdigest() == edition.csv_sha256
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    public = Signature.objects.public().in_filing_order()
    assert [int(row["number"]) for row in rows] == [s.number for s in public]
    assert [row["name"].removeprefix("'") for row in rows] == [s.name for s in public]


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+1", "-M-", "@SUM(A1)", "  =1", "'=1", '"=1', "＝1+1", "＋1", "－1", "＠x", "\t=1", "\r=1", "\n=1", "|calc", "%x"],
)  # fmt: skip
def test_no_cell_is_a_formula(value: str) -> None:
    """T28."""
    cell = csv_file.cell(value)
    assert cell.startswith("'")
    assert not set(cell) & set("\t\r\n")


@pytest.mark.parametrize("value", ["Ann", "O'Brien", "will.i.am", "", "星野原", "1 Two"])
def test_other_cells_stay(value: str) -> None:
    assert csv_file.cell(value) == value


def test_an_unchanged_file_is_not_sent_again(client: Client) -> None:
    signed()
    build()
    first = client.get("/press/latest.pdf")
    body(first)
    again = client.get("/press/latest.pdf", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content


def test_before_the_first_edition_the_page_says_so_and_files_are_404(client: Client) -> None:
    text()
    assert client.get("/press/").status_code == 200
    assert client.get("/press/latest.pdf").status_code == 404
    assert client.get("/press/latest.csv").status_code == 404


def test_the_press_page_shows_number_and_digest(client: Client) -> None:
    signed()
    edition = build()
    page = client.get("/press/").content.decode()
    assert edition.pdf_sha256 in re.sub(r"<wbr>|\s", "", page)
    assert "/press/latest.pdf" in page


def test_a_failed_build_keeps_the_last_edition_and_says_why(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    signed()
    first = build()

    def broken(*_args: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "build_pdf", broken)
    editions.ask()
    failed = editions.build_waiting()
    assert failed
    assert failed.state == EditionState.FAILED
    assert "No space left" in failed.error
    assert Edition.objects.latest_ready() == first
    assert body(client.get("/press/latest.pdf"))
    monkeypatch.undo()
    assert build().number == (first.number or 0) + 1


def test_the_command_builds_and_reports(capsys: pytest.CaptureFixture[str]) -> None:
    signed()
    call_command("edition")
    assert "Edition 1: 1 signed as of" in capsys.readouterr().out


def test_commands_at_the_same_time_all_report_an_edition() -> None:
    """One builds, the other waits for it: beside a running worker the command does not end with an error."""
    signed()

    def typed(_number: int) -> str:
        said = io.StringIO()
        try:
            call_command("edition", stdout=said)
        finally:
            connection.close()
        return said.getvalue()

    with ThreadPoolExecutor(3) as organizers:
        assert ["Edition" in said for said in organizers.map(typed, range(3))] == [True] * 3


def test_the_command_says_what_went_wrong() -> None:
    with pytest.raises(CommandError, match="No text of the declaration"):
        call_command("edition")


def test_a_new_edition_is_asked_for_only_when_the_list_changed() -> None:
    long_ago = timezone.now() - 2 * IN_FLIGHT
    signed(now=long_ago)
    build()
    assert editions.ask_if_changed() is None
    # Decided just before the snapshot, committed just after it: not in the edition, so a new one is due.
    signed(name="Someone New", address="new@example.org", now=timezone.now() - IN_FLIGHT / 2)
    Edition.objects.update(as_of=timezone.now())
    assert editions.ask_if_changed() is not None


def test_an_edition_is_one_moment_though_people_go_on_signing(client: Client, tmp_path: Path) -> None:
    """F19: whoever signs between two looks at the list is in none of the numbers, and a new edition is due."""
    text()
    signed(name="Early Bird", now=timezone.now() - 2 * IN_FLIGHT)
    late: list[Signature] = []

    def sign_elsewhere() -> None:
        late.append(signed(name="Late Named", address="late@example.org"))
        late.append(signed(name="Late Unnamed", named=False, address="later@example.org"))
        connection.close()

    def between(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        result = execute(sql, *arguments)
        if 'FROM "signatories_signature"' in sql and not late:
            thread = threading.Thread(target=sign_elsewhere)
            thread.start()
            thread.join()
        return result

    with connection.execute_wrapper(between):
        edition = build()
    assert len(late) == 2
    assert edition.as_of
    assert edition.as_of < late[0].changed_at
    assert (edition.named, edition.unnamed) == (1, 0)
    rows = csv.DictReader(io.StringIO(body(client.get("/press/latest.csv")).decode("utf-8-sig")))
    assert [row["name"] for row in rows] == ["Early Bird"]
    words = printed(body(client.get("/press/latest.pdf")), tmp_path)
    assert "1 person has signed" in words
    assert "Late" not in words
    assert editions.ask_if_changed() is not None


def test_rows_are_read_at_once_and_without_mailboxes(tmp_path: Path, django_assert_num_queries: Any) -> None:
    """A column that were read later would be a query for each name, after the moment of the snapshot."""
    text()
    signed()
    taken = building.snapshot()
    with django_assert_num_queries(0):
        listed = list(rows.compared(taken.named, 1, None))
        rows.write({}, listed, tmp_path / "list.json")
        csv_file.write(listed, tmp_path / "list.csv", mark="1-0")
        xlsx_file.write(listed, tmp_path / "list.xlsx", as_of=taken.as_of, mark="1-0")
        [building.entry(row) for row in listed]
    assert {"address_sealed", "address_digest", "nonce", "search_key"} <= taken.named[0].get_deferred_fields()


def test_only_one_is_built_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one worker builds, another finds nothing to do, though another edition is asked for."""
    signed()
    editions.ask()
    at_work, go_on = threading.Event(), threading.Event()

    def slowly(*arguments: Any, **named: Any) -> Any:
        at_work.set()
        assert go_on.wait(60)
        return build_pdf(*arguments, **named)

    monkeypatch.setattr(building, "build_pdf", slowly)

    def build_elsewhere() -> Edition | None:
        try:
            return editions.build_waiting()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(build_elsewhere)
        try:
            assert at_work.wait(60)
            editions.ask()
            assert editions.build_waiting() is None
        finally:
            go_on.set()
        assert first.result()
    assert editions.build_waiting()
    assert editions.build_waiting() is None


def test_signs_that_no_face_can_draw_are_told_without_the_name(caplog: pytest.LogCaptureFixture) -> None:
    Signature.objects.filter(pk=signed().pk).update(name="Marker \U00030001")  # a Han character that nobody draws
    build()
    assert "U+30001" in caplog.text
    assert "Marker" not in caplog.text
