"""Uploaded files, good and hostile: each is read as a person sees it, or refused with the reason and the line."""

import csv
import datetime
import io
import os
import signal
import subprocess
import sys
import tracemalloc

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from signatories.editions import child_process
from signatories.gathering import reading
from signatories.gathering.file_reader import (
    CPU_SECONDS,
    LONGEST_CELL,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Reason,
)
from signatories.gathering.reading import FileRefused
from tests.gathering.bad_files import (
    BAD_ARCHIVES,
    BAD_TEXT,
    inline,
    lines,
    with_rows,
    workbook,
)

MEMORY = 200 * 1024  # KB
NAMES = ["Zoë Ångström", "Łucja Żółć", "星野原花音", "محمد الأمين", "שרה לוי", "สมชาย", "Ольга", "தமிழ்", "O'Brien"]
SECONDS = 5  # of processor
# Runs the reader with the file as its input, and prints its exit code, the most memory it had, in KB, and its seconds.
MEASURE = """
import resource, subprocess, sys
reader = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(reader.returncode, used.ru_maxrss, used.ru_utime + used.ru_stime)
"""


def read(content: bytes) -> list[tuple[int, list[str]]]:
    return list(reading.rows(reading.packed(content)))


def cells(content: bytes) -> list[list[str]]:
    return [row for _line, row in read(content)]


def refused(content: bytes) -> tuple[Reason, int | None]:
    with pytest.raises(FileRefused) as caught:
        reading.packed(content)
    return caught.value.reason, caught.value.line


def measured(content: bytes) -> tuple[int, int, float]:
    """The exit code of the reader, the most memory that it had, in KB, and its seconds of processor."""
    command = [sys.executable, "-c", MEASURE, *child_process.command("signatories.gathering.file_reader")]
    told = subprocess.run(command, input=content, stdout=subprocess.PIPE, env=child_process.environment(), check=True)
    code, memory, seconds = told.stdout.split()
    return int(code), int(memory), float(seconds)


@pytest.mark.parametrize("what", BAD_TEXT)
def test_a_bad_text_is_refused(what: str) -> None:
    content, reason, line = BAD_TEXT[what]
    assert refused(content) == (reason, line)


@pytest.mark.parametrize("what", BAD_ARCHIVES)
def test_a_bad_workbook_is_refused(what: str) -> None:
    make, reason, line = BAD_ARCHIVES[what]
    content = make()
    assert len(content) <= MOST_BYTES, "refused for its length"
    assert refused(content) == (reason, line)


@pytest.mark.parametrize("what", [
    "a bomb", "a bomb that is said to be small", "a shared string of 39 MB", "5 million shared strings",
    "one string in very many cells", "a cell in the last corner",
])  # fmt: skip
def test_a_refused_workbook_takes_little_memory_and_time(what: str) -> None:
    code, memory, seconds = measured(BAD_ARCHIVES[what][0]())
    assert code
    assert memory <= MEMORY
    assert seconds < SECONDS


def test_no_file_takes_longer_than_the_limit_and_it_is_five_seconds_at_most() -> None:
    assert CPU_SECONDS < SECONDS


def test_the_largest_table_takes_little_memory() -> None:
    row = f"<row>{'<c t="s"><v>0</v></c>' * MOST_COLUMNS}</row>"
    content = with_rows(row * MOST_ROWS, strings="<si><t>ten letters</t></si>")
    code, memory, _seconds = measured(content)
    assert code == 0
    assert memory <= MEMORY
    assert sum(map(len, cells(content))) == (MOST_ROWS + 1) * MOST_COLUMNS


def test_the_caller_holds_one_row_at_a_time() -> None:
    content = lines(MOST_ROWS, f"{'Ann' * 20},a@b.example\n")
    tracemalloc.start()
    count = sum(1 for _row in reading.rows(reading.packed(content)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == MOST_ROWS + 1
    assert peak < len(content)


def test_a_reader_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0.2)
    monkeypatch.setattr(
        child_process, "command", lambda _module: [sys.executable, "-c", "import time; time.sleep(600)"]
    )
    assert refused(lines(100_000)) == (Reason.TOO_SLOW, None)  # more than a pipe holds: it waits to be read, too


@pytest.mark.parametrize(("number", "reason"), [
    (signal.SIGXCPU, Reason.TOO_SLOW), (signal.SIGABRT, Reason.TOO_BIG), (signal.SIGKILL, Reason.TOO_BIG),
])  # fmt: skip
def test_a_reader_that_is_killed_is_a_refusal(number: int, reason: Reason, monkeypatch: pytest.MonkeyPatch) -> None:
    program = f"import os, resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\nos.kill(os.getpid(), {number:d})"
    monkeypatch.setattr(child_process, "command", lambda _module: [sys.executable, "-c", program])
    assert refused(b"Name\nAnn\n") == (reason, None)


def test_a_mistake_of_ours_is_told_without_what_the_file_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    program = "raise ValueError('Ann: a@b.example')"
    monkeypatch.setattr(child_process, "command", lambda _module: [sys.executable, "-c", program])
    with pytest.raises(RuntimeError, match=r"^The reader of files ended \(1\) with ValueError.$"):
        reading.packed(b"Name\nAnn\n")


def test_the_reader_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment, as another child process writes it, is read like a table."""
    assert "SECRET_KEY" in os.environ
    program = (
        "import gzip, json, os, sys\nrows = (json.dumps([1, [name]]) + chr(10) for name in os.environ)\n"
        "sys.stdout.buffer.write(gzip.compress(''.join(rows).encode()))"
    )
    monkeypatch.setattr(child_process, "command", lambda _module: [sys.executable, "-c", program])
    assert ["PATH"] in cells(b"") and ["SECRET_KEY"] not in cells(b"")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    words = str(FileRefused(reason, 7))
    assert words.endswith(".") and "%" not in words
    code = FileRefused(reason, 7).code
    assert len(code) < 300  # that many GatheredBatch.error holds
    assert reading.words_of(code) == words


def test_the_words_tell_line_and_limit() -> None:
    assert "Line 7 is not UTF-8" in str(FileRefused(Reason.NOT_UTF_8, 7))
    assert "20,000" in str(FileRefused(Reason.TOO_MANY_ROWS))


@pytest.mark.parametrize("content", [
    b"Name,Mail\nAnn,a@b.example\n", b"Name;Mail\r\nAnn;a@b.example\r\n", b"Name\tMail\rAnn\ta@b.example\r",
    b"\xef\xbb\xbfName,Mail\nAnn,a@b.example", "Name\tMail\r\nAnn\ta@b.example".encode("utf-16"),
    b"\xfe\xff" + "Name;Mail\nAnn;a@b.example".encode("utf-16-be"), b'"Name", "Mail"\n"Ann", "a@b.example"\n',
    b"\n\nName,Mail\n,\n Ann\t, a@b.example \n\n", b"Name,Mail\nAnn,a@b.example,,\n",
])  # fmt: skip
def test_a_good_text_is_read(content: bytes) -> None:
    assert cells(content) == [["Name", "Mail"], ["Ann", "a@b.example"]]


@pytest.mark.parametrize(("content", "expected"), [
    ("Name;Note\nAnn;1,5\n", [["Name", "Note"], ["Ann", "1,5"]]),
    ('"Name, first; last";Mail\nAnn;a\n', [["Name, first; last", "Mail"], ["Ann", "a"]]),
    ('"Name,\nall of it";Mail\nAnn;a\n', [["Name,\nall of it", "Mail"], ["Ann", "a"]]),
    ('Name,Note\n"A ""B"" C","x\ny"\n', [["Name", "Note"], ['A "B" C', "x\ny"]]),
    ('Name,Note\nAnn "Bo" C,x\n', [["Name", "Note"], ['Ann "Bo" C', "x"]]),
    ("Name,,Mail\nAnn\n,,c\n", [["Name", "", "Mail"], ["Ann", "", ""], ["", "", "c"]]),
    ("Members, 2026\nName;Mail\nAnn;a@b\n", [["Members, 2026", ""], ["Name", "Mail"], ["Ann", "a@b"]]),
    ("Name;Note\nAnn, Bo, Cy;1,5,7\nBen;a@b\n", [["Name", "Note"], ["Ann, Bo, Cy", "1,5,7"], ["Ben", "a@b"]]),
    ("Name\n007\n=1+1\n", [["Name"], ["007"], ["=1+1"]]),
    ("Name\nPK\n%PDF-\n<b>\n", [["Name"], ["PK"], ["%PDF-"], ["<b>"]]),
    (f"Name\n{'x' * LONGEST_CELL}\n", [["Name"], ["x" * LONGEST_CELL]]),
])  # fmt: skip
def test_cells_are_read_as_typed(content: str, expected: list[list[str]]) -> None:
    assert cells(content.encode()) == expected


def test_lines_are_counted_as_a_spreadsheet_does() -> None:
    assert [line for line, _row in read(b'\nName\n\n"A\nnn"\nBen\n\nCy')] == [2, 4, 5, 7]
    assert [line for line, _row in read(workbook([], ["Name"], [], ["Ann"], ["Ben"]))] == [2, 4, 5]


def test_as_many_rows_and_columns_as_are_possible() -> None:
    assert len(read(lines(MOST_ROWS))) == MOST_ROWS + 1
    assert len(cells(b"x," * (MOST_COLUMNS - 1) + b"x\n1\n")[1]) == MOST_COLUMNS


def test_a_workbook_with_names_in_many_scripts() -> None:
    table = [["Name", "Number"], *[[name, f"00{number}"] for number, name in enumerate(NAMES)]]
    assert cells(workbook(*table)) == table


def test_values_of_a_workbook_are_as_a_person_sees_them() -> None:
    def draw(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        day, moment = (book.add_format({"num_format": f"yyyy-mm-dd{hours}"}) for hours in ("", " hh:mm"))
        sheet.write_row(1, 0, [12.0, 491701234567, 0.5, True, 0.1 + 0.2])
        sheet.write_datetime(1, 5, datetime.date(2026, 11, 29), day)
        sheet.write_datetime(1, 6, datetime.datetime(2026, 11, 29, 12, 30), moment)  # noqa: DTZ001 - a sheet has no zones
        sheet.write_datetime(1, 7, datetime.time(12, 30), book.add_format({"num_format": "hh:mm"}))

    expected = ["12", "491701234567", "0.5", "TRUE", "0.3", "2026-11-29", "2026-11-29 12:30:00", "12:30:00"]
    assert cells(workbook([f"h{number}" for number in range(8)], draw=draw))[1] == expected


def test_formulas_links_and_merged_cells_give_what_is_stored() -> None:
    def draw(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        sheet.write_formula("A2", "='[https://evil.example/a.xlsx]S'!A1", value="Ann")
        sheet.write_formula("B2", '=WEBSERVICE("https://evil.example")', value="a@b.example")
        sheet.write_url("A3", "https://evil.example", string="Ben")
        sheet.write_formula("B3", "=1/0", value="#DIV/0!")
        sheet.merge_range("A4:B5", "Cy")
        sheet.write_rich_string("A6", "D", book.add_format({"bold": True}), "or", "a")

    content = workbook(["Name", "Mail"], draw=draw)
    assert cells(content) == [["Name", "Mail"], ["Ann", "a@b.example"], ["Ben", ""], ["Cy", ""], ["Dora", ""]]


def test_the_first_sheet_that_is_shown_is_read() -> None:
    def draw(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        for name in ("Shown", "Another"):
            book.add_worksheet(name).write_column(0, 0, [name, "Ann"])
        book.get_worksheet_by_name("Shown").activate()
        sheet.hide()

    assert cells(workbook(["Hidden"], ["Ben"], draw=draw)) == [["Shown"], ["Ann"]]


def test_a_note_beside_the_table_is_a_column_without_a_name() -> None:
    content = workbook(["Name"], ["Ann", "", "please ask twice"], ["Ben"])
    assert cells(content) == [["Name", "", ""], ["Ann", "", "please ask twice"], ["Ben", "", ""]]


def test_a_false_size_of_a_sheet_does_no_harm() -> None:
    content = with_rows(f'<row r="2">{inline("A2", "Ann")}</row>', size="A1:XFD1048576")
    assert cells(content) == [["Name", "Mail"], ["Ann", ""]]


CELLS = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from('",;\t\r\n '), max_size=30)


@given(
    body=st.integers(1, 6).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8)),
    mark=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    delimiter=st.sampled_from(",;\t"),
)
@settings(max_examples=30)
def test_a_table_of_any_text_reads_back_as_typed(body: list[list[str]], mark: str, delimiter: str) -> None:
    width = max(len(body[0]) if body else 2, 2)  # of one column nothing tells the delimiter
    table = [
        [f"h{number}" for number in range(width)],
        *[row + [""] * (width - len(row)) for row in body],
        ["last"] * width,
    ]
    typed = io.StringIO(newline="")
    csv.writer(typed, delimiter=delimiter).writerows(table)
    trimmed = [(line, [cell.strip() for cell in row]) for line, row in enumerate(table, 1)]
    assert read(typed.getvalue().encode(mark)) == [(line, row) for line, row in trimmed if any(row)]
