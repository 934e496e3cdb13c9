"""Form letters: a mail is made once, and filled in for each reader.

Rendering templates and composing MIME take most of the time of a mail. So a mail that goes to very many is made once
for each language, with a placeholder wherever it differs; a filled letter is pieces of bytes put together.
"""

import email.message
import email.policy
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, formataddr
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.core.mail import EmailMessage

# An address that needs no quotes and no encoding, and does not read as if it had one. Others are written one by one.
_PLAIN = re.compile(r"[\w!#$%&'*+/^`{|}~-]+(?:\.[\w!#$%&'*+/^`{|}~-]+)*@[A-Za-z0-9.-]+", re.ASCII)
_CHANGED = re.compile(rb"[^\w.:/-]")
_LINE = re.compile(rb"(?:=..|[^=]){1,24}")  # of at most 72 characters
_SMTP = email.policy.SMTP.clone(max_line_length=76)
_SOFT_BREAK = b"=\r\n"


class FilledLetter(EmailMessage):
    """A mail whose bytes are ready to be sent. Its sender and its one recipient are plain: nobody has to parse them."""

    def __init__(self, content: bytes, address: str) -> None:
        super().__init__(to=[address], from_email=sender())
        self.content = content

    def message(self, *, policy: Any = None) -> "_Ready":
        return _Ready(self.content)


class _Ready(email.message.EmailMessage):
    def __init__(self, content: bytes) -> None:
        super().__init__(policy=_SMTP)
        self.content = content

    def as_bytes(self, *_args: Any, **_kwargs: Any) -> bytes:
        return self.content


class Places(dict[str, str]):
    """By the name of what differs, the word that stands for it while the letter is made: no text holds it by chance."""

    def __init__(self, *names: str) -> None:
        super().__init__({name: f"z{secrets.token_hex(12)}z" for name in names})


class FormLetter(NamedTuple):
    """A mail cut at its placeholders: bytes, name of a place, bytes, … The address that stops mails is cut, too."""

    pieces: list[bytes]
    names: list[str]
    stop: list[str]

    @classmethod
    def made(cls, places: Places, *, subject: str, plain: str, html: str, stop_url: str) -> Self:
        """Make the letter from rendered parts that hold the words of `places`; `stop_url` holds that of "stop"."""
        mail = email.message.EmailMessage(policy=_SMTP)
        mail.set_content(plain, charset="utf-8", cte="quoted-printable")
        mail.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
        mail["Subject"] = " ".join(subject.split())
        mail["From"] = sender()
        mail["Auto-Submitted"] = "auto-generated"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        names = {word: name for name, word in places.items()}
        # Quoted-printable may break a word over two lines.
        broken = b"|".join(rb"(?:=\r\n)?".join(sign.encode() for sign in word) for word in names)
        cut = re.split(b"(" + broken + b")", mail.as_bytes())
        found = [names[word.replace(_SOFT_BREAK, b"").decode()] for word in cut[1::2]]
        return cls(cut[::2], found, stop_url.split(places["stop"]))

    def filled(self, address: str, own_id: str, values: Mapping[str, str]) -> FilledLetter:
        """Return the mail to one person; `values` has what stands at each place, of which "stop" is part of a URL."""
        said = (
            f"To: {address}\r\nDate: {format_datetime(datetime.now(UTC))}\r\nMessage-ID: {own_id}\r\n"
            f"X-Entity-Ref-ID: {own_id.strip('<>')}\r\nList-Unsubscribe: <{values['stop'].join(self.stop)}>\r\n"
        )
        quoted = {name: _quoted(value) for name, value in values.items()}
        parts = [said.encode("ascii"), self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            parts += [quoted[name], piece]
        return FilledLetter(b"".join(parts), address)


def can_be_filled_in_for(address: str) -> bool:
    """Whether bytes put together are enough for this address; others need more care."""
    return _PLAIN.fullmatch(address) is not None and _PLAIN.fullmatch(settings.OPERATOR_EMAIL) is not None


def sender() -> str:
    """Who sends, as all our mails say it."""
    return formataddr((settings.OPERATOR_NAME, settings.OPERATOR_EMAIL))


def operator() -> dict[str, str]:
    """Who runs the site, as every mail says it below."""
    return {
        "site_url": settings.SITE_URL,
        "operator_name": settings.OPERATOR_NAME,
        "operator_email": settings.OPERATOR_EMAIL,
        "operator_address": settings.OPERATOR_ADDRESS,
    }


def _quoted(value: str) -> bytes:
    """A value in quoted-printable on lines of its own, so that no line grows beyond its 76 characters (RFC 2045)."""
    encoded = _CHANGED.sub(lambda found: b"=%02X" % found[0][0], value.encode())
    return b"".join(_SOFT_BREAK + line for line in _LINE.findall(encoded)) + _SOFT_BREAK
