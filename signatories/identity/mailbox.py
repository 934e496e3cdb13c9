"""Addresses and mailboxes: folding, keyed digests to find them, encryption at rest ("sealing"). No Django models."""

import hashlib
import hmac
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import punycode
from publicsuffixlist import PublicSuffixList

_GOOGLE = {"gmail.com", "googlemail.com"}


def fold(address: str) -> str:
    """The mailbox of an address: without case, plus-tags and, at Google, dots and the second domain."""
    local, _at, domain = address.strip().rpartition("@")
    domain = punycode(domain.casefold()).rstrip(".")
    local = local.casefold().partition("+")[0] or local.casefold()
    if domain in _GOOGLE:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def domain_of(address: str) -> str:
    """The registered domain, in punycode and lower case: of `ann@a.b.example.co.uk` `example.co.uk`.

    It is stored in clear to find fraud. Names below a registered domain cost its owner nothing, so they are left out.
    """
    return registered(host_of(address))


def host_of(address: str) -> str:
    """Everything after the @, in punycode and lower case: of `ann@a.b.example.co.uk` `a.b.example.co.uk`."""
    return fold(address).rpartition("@")[2]


def registered(host: str) -> str:
    """The registered part of a host name; the name itself if it is only a public suffix."""
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    # Without the private part: otherwise every name at a dynamic-DNS service would be a domain of its own.
    return PublicSuffixList(only_icann=True)


class Addressed(Protocol):
    """A row that keeps an address: sealed, and by its digest; without the seal it is that of an erased person."""

    @property
    def address_sealed(self) -> bytes | memoryview: ...
    @property
    def address_digest(self) -> bytes | memoryview: ...


def digest(address: str) -> bytes:
    """32 bytes that find a mailbox without naming it: HMAC-SHA256 of the folded address."""
    return _digest(settings.DIGEST_KEY, address)


def digests(address: str) -> list[bytes]:
    """All digests that rows of a mailbox may carry: under DIGEST_KEY, and under each of its fallbacks."""
    return [_digest(key, address) for key in (settings.DIGEST_KEY, *settings.DIGEST_KEY_FALLBACKS)]


def _digest(key: str, address: str) -> bytes:
    return hmac.digest(key.encode(), b"mailbox\0" + fold(address).encode(), hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The address of a row, and what other rows of the mailbox may be found by."""

    address: str | None  # None where no key opens it
    digests: list[bytes]  # the one under DIGEST_KEY first; only this, when no key is being rotated


def open_mailbox(row: Addressed) -> Mailbox:
    """Decrypt the address of `row`. Where no key opens it there is only the digest that `row` carries."""
    try:
        address = unseal(bytes(row.address_sealed))
    except InvalidToken:
        return Mailbox(None, [bytes(row.address_digest)])
    return Mailbox(address, list(dict.fromkeys([*digests(address), bytes(row.address_digest)])))


class MailboxCache:
    """The mailboxes of a batch of rows: each address is decrypted once, when it is first asked for.

    It is made for one batch and dropped with it, so that no address stays in memory.
    """

    def __init__(self) -> None:
        self._opened: dict[tuple[bytes, bytes], Mailbox] = {}

    def of(self, row: Addressed) -> Mailbox:
        """The mailbox of `row`."""
        key = bytes(row.address_sealed), bytes(row.address_digest)
        if key not in self._opened:
            self._opened[key] = open_mailbox(row)
        return self._opened[key]


def digests_of(row: Addressed) -> list[bytes]:
    """All digests that rows of the mailbox of `row` may carry; the one under DIGEST_KEY stands first."""
    return open_mailbox(row).digests


def digest_now(row: Addressed) -> tuple[bytes, bytes]:
    """The digest of the mailbox of `row` and which key it is under; b"" if that cannot be told."""
    try:
        return digest(unseal(bytes(row.address_sealed))), key_in_use()
    except InvalidToken:
        return bytes(row.address_digest), b""


def fingerprint(key: str) -> bytes:
    """8 bytes that identify a key. A key is long and random, so it cannot be guessed from them."""
    return hmac.digest(key.encode(), b"fingerprint", hashlib.sha256)[:8]


def key_in_use() -> bytes:
    """The fingerprint of DIGEST_KEY, stored beside digests that cannot be computed again."""
    return fingerprint(settings.DIGEST_KEY)


def seal(address: str) -> bytes:
    """Encrypt an address with the first of MAILBOX_KEYS (Fernet)."""
    return _keys().encrypt(address.encode())


def seal_file(content: bytes) -> bytes:
    """Encrypt a file that names people, as addresses are."""
    return _keys().encrypt(content)


def unseal_file(sealed: bytes) -> bytes:
    """Decrypt what `seal_file` made. Raises cryptography.fernet.InvalidToken."""
    return _keys().decrypt(bytes(sealed))


def sealed_now(sealed: bytes) -> bytes:
    """Encrypt again with the first of MAILBOX_KEYS, unless `sealed` is already. Raises InvalidToken."""
    try:
        _fernet(settings.MAILBOX_KEYS[0]).decrypt(sealed)
    except InvalidToken:
        return _keys().rotate(sealed)
    return sealed


def unseal(sealed: bytes) -> str:
    """Decrypt an address with any of MAILBOX_KEYS. Raises cryptography.fernet.InvalidToken."""
    return _keys().decrypt(bytes(sealed)).decode()


def sealed_with_a_lost_key(sealed: bytes) -> bool:
    """Whether these bytes are an address under a key that is not (yet, or any more) among MAILBOX_KEYS."""
    try:
        unseal(sealed)
    except InvalidToken:
        return sealed.startswith(b"gAAAA")  # how every token of Fernet begins
    return False


def masked(address: str) -> str:
    """An address with only its domain visible: `•••@example.org`."""
    return f"•••@{address.rpartition('@')[2]}"


def _keys() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in settings.MAILBOX_KEYS])


@cache
def _fernet(key: str) -> Fernet:
    return Fernet(key)
