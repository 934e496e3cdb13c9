"""Fingerprints of the keys that data depend on: they distinguish keys and disclose none."""

import hashlib
import hmac

from django.conf import settings

from signatories.identity import mailbox

type Fingerprints = dict[str, list[str]]


def fingerprint(key: str) -> str:
    """Return 16 hex digits."""
    return mailbox.fingerprint(key).hex()


def fingerprints() -> Fingerprints:
    """Return the fingerprints of this installation by variable; the key in use comes first."""
    keys = {
        "SECRET_KEY": [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS],
        "MAILBOX_KEYS": settings.MAILBOX_KEYS,
        "DIGEST_KEY": [settings.DIGEST_KEY, *settings.DIGEST_KEY_FALLBACKS],
    }
    return {name: [fingerprint(key) for key in found] for name, found in keys.items()}


def missing(then: Fingerprints) -> list[str]:
    """Return the variables that lack a key used `then`; a rotated key that is still configured is not missing.

    Rows may be under any key of addresses and digests; links are only made with the first SECRET_KEY.
    """
    here = fingerprints()
    needed = {name: set(prints[:1] if name == "SECRET_KEY" else prints) for name, prints in then.items()}
    return [name for name, prints in needed.items() if not prints <= set(here.get(name, []))]


def rotated(then: Fingerprints) -> bool:
    """Whether addresses or digests were under other keys `then` than those in use."""
    here = fingerprints()
    return any(set(then.get(name, [])) - set(here[name][:1]) for name in ("MAILBOX_KEYS", "DIGEST_KEY"))


def sign(words: bytes) -> str:
    """Return the proof that an installation with this DIGEST_KEY wrote `words`."""
    return _proof(settings.DIGEST_KEY, words)


def signed(proof: str, words: bytes) -> bool:
    """Whether `proof` was made with DIGEST_KEY or one of its fallbacks."""
    keys = [settings.DIGEST_KEY, *settings.DIGEST_KEY_FALLBACKS]
    return any(hmac.compare_digest(proof.encode(), _proof(key, words).encode()) for key in keys)


def _proof(key: str, words: bytes) -> str:
    return hmac.digest(key.encode(), b"backup\0" + words, hashlib.sha256).hex()
