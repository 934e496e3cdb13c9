"""Log lines say what happened and never to whom. No Django.

Every line, also of other packages, is printed without private links, addresses and the messages of exceptions, which
quote rows and forms. The kind of an exception and the place where it was raised remain.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType

_HIDDEN = "…"
# Paths whose next part is a secret, in any language: our private links, and allauth's links to a new password.
_PRIVATE_PATHS = re.compile(
    r"(/(?:confirm|stop|mine/undo|mine|accounts/password/reset/key|accounts/confirm-email)/)[^/\s?\"']+"
)
_LINK = re.compile(r"\b\d{1,19}(?:-\d{6})?\.[A-Za-z0-9_-]{32}")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=/]+@[^\s@<>\"'(),;:=/]+")
_QUERY = re.compile(r"(/[^\s?\"']*)\?[^\s\"']+")

type ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def mask(line: str) -> str:
    """Replace private links, addresses and query strings."""
    line = _LINK.sub(_HIDDEN, _PRIVATE_PATHS.sub(rf"\g<1>{_HIDDEN}", line))
    return _ADDRESS.sub(_HIDDEN, _QUERY.sub(rf"\g<1>?{_HIDDEN}", line))


class MaskingFormatter(logging.Formatter):
    """Formats a record without any personal data."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the line, and below it the place of an exception."""
        if record.exc_info and isinstance(
            record.args, dict
        ):  # of a Celery task that failed: it holds the exception's message
            record = logging.makeLogRecord(record.__dict__ | {"args": record.args | {"exc": _kind(record.exc_info)}})
        record.exc_text = None  # another formatter may have cached the message
        return mask(super().format(record))

    def formatException(self, ei: ExceptionInfo) -> str:
        """Format the frames and kinds of a chain of exceptions, without their messages."""
        _type, error, _trace = ei
        parts: list[str] = []
        while error is not None:
            parts.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nwhile handling:\n".join(parts)


class MaskingJsonFormatter(MaskingFormatter):
    """The same as one JSON object a line, for programs that gather logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Format `{"at", "level", "logger", "message"}` and, where there was an exception, `"where"`."""
        message, _line, where = super().format(record).partition("\n")
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        found = {"at": at, "level": record.levelname, "logger": record.name, "message": message}
        return json.dumps(found | ({"where": where} if where else {}), ensure_ascii=False)


def _kind(exc_info: ExceptionInfo) -> str:
    return exc_info[0].__qualname__ if exc_info[0] else ""
