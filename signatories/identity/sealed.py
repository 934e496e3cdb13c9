"""What a page hands to the next one in an address line: sealed, dated, and for that page alone. No Django models.

The keys are derived from SECRET_KEY for each purpose, so that nothing sealed for one place, such as an address in the
database, opens at another (NIST SP 800-108: one key for one use).
"""

import base64
import hashlib
import hmac
import json
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(purpose: str, said: dict[str, str]) -> str:
    """Seal `said` for one purpose; the letters need no quoting in an address line."""
    return _keys(purpose).encrypt(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).decode()


def unseal(purpose: str, token: str, seconds: int) -> dict[str, str]:
    """What was sealed for this purpose within the last `seconds`; empty for anything else."""
    try:
        said: dict[str, str] = json.loads(_keys(purpose).decrypt(token.encode(), ttl=seconds))
    except (InvalidToken, UnicodeError):
        return {}
    return said


def _keys(purpose: str) -> MultiFernet:
    return MultiFernet([_fernet(key, purpose) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@cache
def _fernet(key: str, purpose: str) -> Fernet:
    derived = hmac.digest(key.encode(), b"sealed\0" + purpose.encode(), hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(derived))
