"""Uploaded tables, CSV or XLSX: read in a child process with limits, because a stranger's file is hostile."""

import gzip
import io
import json
import signal
import subprocess
from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from signatories.editions import child_process
from signatories.gathering.file_reader import LONGEST_CELL, MOST_BYTES, MOST_COLUMNS, MOST_ROWS, REFUSED, Reason, Row

SECONDS = 10.0  # of wall clock: on a busy machine the reader waits for its turn
OTHERWISE = "otherwise"  # stored for a mistake of ours
_READER = "signatories.gathering.file_reader"
# How the limits and the kernel end a process; Rust aborts it when there is no memory.
_KILLED = {
    -signal.SIGXCPU: Reason.TOO_SLOW,
    -signal.SIGABRT: Reason.TOO_BIG,
    -signal.SIGKILL: Reason.TOO_BIG,
    -signal.SIGSEGV: Reason.TOO_BIG,
    -signal.SIGBUS: Reason.TOO_BIG,
    -signal.SIGILL: Reason.TOO_BIG,
}
_LIMITS = {"megabytes": MOST_BYTES // 1_000_000, "columns": MOST_COLUMNS, "signs": LONGEST_CELL}
_WORDS = {
    Reason.TOO_MANY_BYTES: _(
        "This file is too large: the limit is %(megabytes)d MB. Please send the list in parts, or remove pictures "
        "and columns that are not needed."
    ),
    Reason.EMPTY: _(
        "There is nothing in this file, or nothing on the first sheet that it shows. Please check that you chose the "
        "right one."
    ),
    Reason.NO_ROWS: _(
        "There is only one line in this file. The first line names the columns; please put the people below it, one "
        "on each line."
    ),
    Reason.NOT_A_TABLE: _(
        "This is no CSV and no XLSX file. Please open your list in Excel, LibreOffice or Google Sheets, and save it as "
        "CSV or XLSX; it is not enough to change the name of the file."
    ),
    Reason.OPEN_DOCUMENT: _("This is an OpenDocument file. Please open it, and save it as XLSX or CSV."),
    Reason.OLD_WORKBOOK: _(
        "This file has an old format of Excel or Word. Please open it in Excel, and save it as “Excel Workbook "
        "(.xlsx)”."
    ),
    Reason.PASSWORD: _(
        "This file is protected by a password, so it cannot be read. Please save a copy without the password."
    ),
    Reason.MACROS: _(
        "There are macros (small programs) in this file, so it is not opened. Please save it as “Excel Workbook "
        "(.xlsx)” or CSV, which keep the list and leave the macros out."
    ),
    Reason.DAMAGED: _(
        "This workbook is damaged and cannot be read. Please open it in Excel or LibreOffice, and save it once more "
        "as XLSX or CSV."
    ),
    Reason.TOO_BIG: _(
        "This workbook is far larger inside than a list of people. Please copy only the lines with people into a new "
        "workbook, or save the sheet as CSV."
    ),
    Reason.TOO_SLOW: _(
        "Reading this file took too long, so it was stopped. Please copy only the lines with people into a new "
        "workbook, or save the sheet as CSV, and try again."
    ),
    Reason.NUL: _(
        "Line %(line)d holds a character that is no text (NUL). Please save the file as “CSV UTF-8” or XLSX, and send "
        "that one."
    ),
    Reason.NOT_UTF_8: _(
        "Line %(line)d is not UTF-8, so letters like é or ł would be lost. Please save the file as “CSV UTF-8” or "
        "XLSX, and send that one."
    ),
    Reason.QUOTES: _(
        'In line %(line)d a quotation mark (") is not closed, or stands where none may stand. Please correct that '
        "line, or save the list as XLSX."
    ),
    Reason.MORE_THAN_HEAD: _(
        "Line %(line)d has more cells than the first line, which names the columns. Often a comma within a cell is the "
        "reason: please put that cell in quotation marks, or save the list as XLSX."
    ),
    Reason.TOO_MANY_COLUMNS: _(
        "Line %(line)d has too many columns: the limit is %(columns)d. Please keep only the columns that are needed."
    ),
    Reason.TOO_MANY_ROWS: _(
        "There are too many lines in this file: the limit is %(rows)s, without the first. Please send it in parts."
    ),
    Reason.LONG_CELL: _(
        "A cell in line %(line)d is too long: the limit in characters is %(signs)d. If it looks short, a quotation "
        'mark (") before it may not be closed.'
    ),
}


_OTHERWISE = _("The file could not be read.")


class FileRefused(Exception):
    """An uploaded file is not read. Its text says why, in the active language, and what to do."""

    def __init__(self, reason: Reason, line: int | None = None) -> None:
        super().__init__(reason, line)
        self.reason, self.line = reason, line

    @property
    def code(self) -> str:
        """What is stored, to be told in the language of whoever reads it."""
        return f"{self.reason} {self.line or ''}".strip()

    def __str__(self) -> str:
        rows = number_format(MOST_ROWS, force_grouping=True)
        return str(_WORDS[self.reason]) % {**_LIMITS, "rows": rows, "line": self.line}


def words_of(code: str) -> str:
    """Say a stored code in the active language. Older rows hold words of their own, which stay as they are."""
    reason, _space, line = code.partition(" ")
    if reason in Reason:
        return str(FileRefused(Reason(reason), int(line) if line.isdecimal() else None))
    return str(_OTHERWISE) if code == OTHERWISE else code


def packed(content: bytes) -> bytes:
    """Return the lines of a table that are not empty, as `rows` gives them.

    Cells are trimmed, and as many as in the head. Of a workbook it is the first sheet that is shown, of a formula its
    stored value, of merged cells the first. Raises FileRefused.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused(Reason.TOO_MANY_BYTES)
    return _read(content)


def rows(table: bytes) -> Iterator[Row]:
    """Yield the lines of a packed table, the head first: the number a spreadsheet shows, and the cells.

    They are unpacked one by one: a small file can name one long text in every cell.
    """
    with gzip.open(io.BytesIO(table)) as lines:
        for row in lines:
            line, cells = json.loads(row)
            yield line, cells


def _read(content: bytes) -> bytes:
    """Let the child process read the rows, and pack them."""
    # The table of a locale can be 200 MB of address space, which is limited; this one has none.
    command, environment = child_process.command(_READER), child_process.environment() | {"LC_ALL": "C"}
    try:
        reader = subprocess.run(  # noqa: S603
            command, input=content, capture_output=True, env=environment, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FileRefused(Reason.TOO_SLOW) from error
    if reader.returncode == REFUSED:
        reason, line = json.loads(reader.stderr.splitlines()[-1])
        raise FileRefused(Reason(reason), line)
    if reader.returncode in _KILLED:
        raise FileRefused(_KILLED[reader.returncode])
    if reader.returncode:  # a mistake of ours; the message itself could hold a name
        kind = b"".join(reader.stderr.splitlines()[-1:]).partition(b":")[0].decode(errors="replace")
        raise RuntimeError(f"The reader of files ended ({reader.returncode}) with {kind or 'no error'}.")
    return reader.stdout
