"""Log lines without personal values: what happened, never who. No Django.

Private links, addresses and the words of exceptions (which quote rows and forms) are left out of every line, also
of lines of libraries. Of an exception its kind and the place where it was raised remain.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType

_HIDDEN = "…"
# Paths whose next part is a secret, in any language: our own, and allauth's links to a new password.
_SECRET_PATHS = re.compile(
    r"(/(?:confirm|stop|mine/undo|mine|cards|accounts/password/reset/key|accounts/confirm-email)/)[^/\s?\"']+"
)
_LINK = re.compile(r"(?<![\w-])(?:\d{1,19}|[\w-]{22})(?:-\d{6})?\.[A-Za-z0-9_-]{32}")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=/]+@[^\s@<>\"'(),;:=/]+")
_QUERY = re.compile(r"(/[^\s?\"']*)\?[^\s\"']+")

type ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def mask(line: str) -> str:
    """Return the line without private links, addresses and query strings."""
    line = _LINK.sub(_HIDDEN, _SECRET_PATHS.sub(rf"\g<1>{_HIDDEN}", line))
    return _ADDRESS.sub(_HIDDEN, _QUERY.sub(rf"\g<1>?{_HIDDEN}", line))


class MaskingFormatter(logging.Formatter):
    """Formats a record without private links, addresses and words of exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it where an exception was raised."""
        if record.exc_info and isinstance(record.args, dict):  # a failed Celery task logs the exception's words
            record = logging.makeLogRecord(record.__dict__ | {"args": record.args | {"exc": _kind(record.exc_info)}})
        if record.name.startswith("django.security."):  # a refused request is no error of ours: one line says enough
            record = logging.makeLogRecord(record.__dict__ | {"exc_info": None})
        record.exc_text = None  # another formatter may have stored the words
        return mask(super().format(record))

    def formatException(self, ei: ExceptionInfo) -> str:
        """Return frames and types of the chain of exceptions, without their words."""
        _type, error, _trace = ei
        said: list[str] = []
        while error is not None:
            said.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nwhile handling:\n".join(said)


class MaskingJsonFormatter(MaskingFormatter):
    """Formats each record as one line of JSON, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return `{"at", "level", "logger", "message"}` and, with an exception, `"where"`."""
        message, _line, where = super().format(record).partition("\n")
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        found = {"at": at, "level": record.levelname, "logger": record.name, "message": message}
        return json.dumps(found | ({"where": where} if where else {}), ensure_ascii=False)


def _kind(exc_info: ExceptionInfo) -> str:
    return exc_info[0].__qualname__ if exc_info[0] else ""
