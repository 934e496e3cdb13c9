"""Fingerprints of the keys that an installation's data are bound to: they tell keys apart and give none away."""

import hashlib
import hmac

from django.conf import settings

type Fingerprints = dict[str, list[str]]


def fingerprint(key: str) -> str:
    """16 hex digits; a key is long and random, so nobody can guess it from them."""
    return hmac.digest(key.encode(), b"fingerprint", hashlib.sha256).hex()[:16]


def fingerprints() -> Fingerprints:
    """Those of this installation, by the names of the variables; the key in use stands first."""
    keys = {
        "SECRET_KEY": [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS],
        "MAILBOX_KEYS": settings.MAILBOX_KEYS,
        "DIGEST_KEY": [settings.DIGEST_KEY],
    }
    return {name: [fingerprint(key) for key in found] for name, found in keys.items()}


def missing(then: Fingerprints) -> list[str]:
    """The variables that lack a key which `then` was in use; a rotated key that is still kept is not missing."""
    here = fingerprints()
    needed = {name: set(prints if name == "MAILBOX_KEYS" else prints[:1]) for name, prints in then.items()}
    return [name for name, prints in needed.items() if not prints <= set(here.get(name, []))]


def sign(words: bytes) -> str:
    """The proof that an installation with this DIGEST_KEY wrote `words`."""
    return hmac.digest(settings.DIGEST_KEY.encode(), b"backup\0" + words, hashlib.sha256).hex()
