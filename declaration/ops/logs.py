"""What a log line may hold: what happened, never who. No Django.

Private links, addresses and the words of exceptions (which quote rows and forms) are left out of every line, whoever
wrote it; of an exception its kind and where it was raised remain.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType

_HIDDEN = "…"
# Paths whose next part opens a door, in any language: our own, and allauth's links to a new password.
_DOORS = re.compile(
    r"(/(?:confirm|stop|mine/undo|mine|accounts/password/reset/key|accounts/confirm-email)/)[^/\s?\"']+"
)
_LINK = re.compile(r"\b\d{1,19}(?:-\d{6})?\.[A-Za-z0-9_-]{32}")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=/]+@[^\s@<>\"'(),;:=/]+")
_QUERY = re.compile(r"(/[^\s?\"']*)\?[^\s\"']+")

type ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def mask(line: str) -> str:
    """The line without private links, addresses and query strings."""
    line = _LINK.sub(_HIDDEN, _DOORS.sub(rf"\g<1>{_HIDDEN}", line))
    return _ADDRESS.sub(_HIDDEN, _QUERY.sub(rf"\g<1>?{_HIDDEN}", line))


class MaskingFormatter(logging.Formatter):
    """Formats a record without saying of whom it speaks."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it where an exception came from."""
        if record.exc_info and isinstance(record.args, dict):  # a Celery task that failed names the exception's words
            record = logging.makeLogRecord(record.__dict__ | {"args": record.args | {"exc": _kind(record.exc_info)}})
        record.exc_text = None  # another formatter may have kept the words
        return mask(super().format(record))

    def formatException(self, ei: ExceptionInfo) -> str:
        """The frames and the kinds of the chain of exceptions, without their words."""
        _type, error, _trace = ei
        said: list[str] = []
        while error is not None:
            said.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nwhile handling:\n".join(said)


class MaskingJsonFormatter(MaskingFormatter):
    """The same as one line of JSON a record, for programs that gather logs."""

    def format(self, record: logging.LogRecord) -> str:
        """`{"at", "level", "logger", "message"}` and, where there was an exception, `"where"`."""
        message, _line, where = super().format(record).partition("\n")
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        found = {"at": at, "level": record.levelname, "logger": record.name, "message": message}
        return json.dumps(found | ({"where": where} if where else {}), ensure_ascii=False)


def _kind(exc_info: ExceptionInfo) -> str:
    return exc_info[0].__qualname__ if exc_info[0] else ""
