"""The code that an authenticator app shows (RFC 6238, with the values that all apps use); for the demo and tests."""

import base64
import hashlib
import hmac

SECONDS = 30
_DIGITS = 6


def code(secret: str, at: float) -> str:
    """The code of a secret (base 32) at a moment (Unix time)."""
    mac = hmac.digest(base64.b32decode(secret), int(at // SECONDS).to_bytes(8), hashlib.sha1)
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFF_FFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"
