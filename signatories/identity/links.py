"""Private links and typed codes, computed from a nonce and never stored. No Django models.

A link is `row.base64url(HMAC-SHA256(key, purpose ‖ id ‖ nonce))`, cut to 192 bits. A link that expires by itself also
holds the day on which it was made: `row-day.base64url(… ‖ day)`, days counted as in `date.toordinal`. `row` is the id
of the row, encrypted: ids count up, and two links of one's own would tell how many people came between them. Each
purpose has a key of its own: one id looks different in each, so that no link explains another. Links that were made
before hold the bare id, and stay valid. A code is 8
characters of Crockford's base 32 (40 bits), asked together with the address and with few tries. The row holds only the
nonce, so neither the database nor the broker nor the logs hold anything usable. A new nonce revokes all links and codes
of the row; links under old keys stay valid.
"""

import base64
import hashlib
import hmac
import re
from datetime import date, datetime, timedelta
from enum import StrEnum

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from signatories.identity.characters import as_meant

Nonce = bytes | memoryview
_FORM = re.compile(r"([0-9]{1,19}|[A-Za-z0-9_-]{22})(?:-([0-9]{6}))?\.([A-Za-z0-9_-]{32})")
_HIDDEN = re.compile(r"[A-Za-z0-9_-]{22}")
_ID_BYTES = 8
_MASKED_LENGTH = 22  # letters for the 16 bytes of a block
_ZEROS = bytes(8)  # fill the block; found again after decrypting, they say that the key was the right one
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
CODE_LENGTH = 8


class Purpose(StrEnum):
    """What a link allows. A link for one purpose is not valid for another."""

    CONFIRM = "confirm"
    CODE = "code"
    STOP = "stop"
    MINE = "mine"
    UNDO = "undo"
    LOGIN = "login"
    INVITE = "invite"
    JOIN = "join"
    GATHERED = "gathered"
    NEWS = "news"

    @property
    def lifetime(self) -> timedelta:
        """How long such a link opens something; `timedelta.max` for as long as its row is kept."""
        if self in (Purpose.STOP, Purpose.JOIN, Purpose.NEWS):
            return timedelta.max
        if self is Purpose.MINE:
            return timedelta(days=settings.OWN_PAGE_DAYS)
        if self is Purpose.INVITE:
            return timedelta(days=7)
        if self is Purpose.UNDO:
            return timedelta(days=settings.UNDO_DAYS)
        return timedelta(days=settings.LINK_DAYS)


def _mac(key: str, purpose: Purpose, row: int, nonce: Nonce, day: int | None = None) -> bytes:
    dated = [] if day is None else [str(day).encode()]
    message = b"\0".join((b"link", purpose.encode(), str(row).encode(), bytes(nonce), *dated))
    return hmac.digest(key.encode(), message, hashlib.sha256)


def make(purpose: Purpose, row: int, nonce: Nonce, made_on: date | None = None) -> str:
    """The last part of a link's path, for the row with id `row`; `made_on` for one that expires by itself."""
    day, key = made_on.toordinal() if made_on else None, settings.SECRET_KEY
    return f"{_head(_masked(key, purpose, row), day)}.{_text(_mac(key, purpose, row, nonce, day))}"


def row_of(link: str, purpose: Purpose) -> int | None:
    """The id in a link, or None if the text has not the form of a link for this purpose. Proves nothing yet."""
    match = _FORM.fullmatch(link)
    if match is None:
        return None
    bare = match[1].isdecimal() and len(match[1]) < _MASKED_LENGTH
    row = int(match[1]) if bare else found(purpose, match[1])
    return row if row is not None and row < 2**63 else None


def hidden(purpose: Purpose, row: int) -> str:
    """An id as a link for this purpose holds it, for pages that name the row without opening it."""
    return _masked(settings.SECRET_KEY, purpose, row)


def found(purpose: Purpose, text: str) -> int | None:
    """The id that `hidden` made this of, under the key or one of its fallbacks, or None. Proves nothing."""
    if not _HIDDEN.fullmatch(text):
        return None
    block = base64.urlsafe_b64decode(f"{text}==")
    for key in _keys():
        decryptor = _cipher(key, purpose).decryptor()
        opened = decryptor.update(block) + decryptor.finalize()
        if opened.endswith(_ZEROS):
            return int.from_bytes(opened[:_ID_BYTES])
    return None


def made_on(link: str) -> date | None:
    """The day in a link, or None if it holds none. Proves nothing yet."""
    match = _FORM.fullmatch(link)
    return date.fromordinal(int(match[2])) if match and match[2] and int(match[2]) else None


def is_expired(purpose: Purpose, since: date | datetime | None, now: datetime) -> bool:
    """Whether a link has lived longer than its purpose allows. It is, if nobody knows `since` when it has lived.

    CONFIRM and CODE live from the sending of the mail, UNDO from the withdrawal, MINE and the page that an UNDO link
    shows afterwards from the day in the link, which counts whole.
    """
    if since is None:
        return True
    age = now - since if isinstance(since, datetime) else now.date() - since
    return age > purpose.lifetime


def proves(link: str, purpose: Purpose, row: int, nonce: Nonce) -> bool:
    """Whether `link` was made for this purpose, row, nonce and day, under the key or one of its fallbacks."""
    day = made.toordinal() if (made := made_on(link)) else None
    right_ones = [
        f"{_head(shown, day)}.{_text(_mac(key, purpose, row, nonce, day))}"
        for key in _keys()
        for shown in (_masked(key, purpose, row), str(row))
    ]
    return any(hmac.compare_digest(link.encode(), right.encode()) for right in right_ones)


def make_code(row: int, nonce: Nonce) -> str:
    """The code of a mail, without the space that it is printed with."""
    return _code(settings.SECRET_KEY, row, nonce)


def make_login_code(nonce: Nonce) -> str:
    """The code with which an organizer logs in; its mail is known by the nonce alone, of 32 random bytes."""
    return _code(settings.SECRET_KEY, 0, nonce, Purpose.LOGIN)


def _code(key: str, row: int, nonce: Nonce, purpose: Purpose = Purpose.CODE) -> str:
    number = int.from_bytes(_mac(key, purpose, row, nonce)[:5])
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(35, -5, -5))


def read_code(typed: str) -> str:
    """The letters and digits of a typed or pasted code (64 characters are read), look-alike letters replaced."""
    return "".join(c for c in as_meant(typed[:64]) if c.isalnum()).upper().translate(_READ_AS)


def same_code(code: str, row: int, nonce: Nonce) -> bool:
    """Whether `code` was made for this row and nonce, under the key or one of its fallbacks; in constant time."""
    same = [hmac.compare_digest(code.encode(), _code(key, row, nonce).encode()) for key in _keys()]
    return any(same)


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _head(row: str, day: int | None) -> str:
    return row if day is None else f"{row}-{day:06}"


def _masked(key: str, purpose: Purpose, row: int) -> str:
    encryptor = _cipher(key, purpose).encryptor()
    block = encryptor.update(row.to_bytes(_ID_BYTES) + _ZEROS) + encryptor.finalize()
    return base64.urlsafe_b64encode(block).decode()[:_MASKED_LENGTH]


def _cipher(key: str, purpose: Purpose) -> Cipher[modes.ECB]:
    """AES of one block, a keyed permutation: it hides the id, and the HMAC proves the link."""
    derived = hmac.digest(key.encode(), b"\0".join((b"row of a link", purpose.encode())), hashlib.sha256)
    return Cipher(algorithms.AES(derived), modes.ECB())  # noqa: S305 - there is one block only


def _text(mac: bytes) -> str:
    return base64.urlsafe_b64encode(mac[:24]).decode()
