"""What lies beside the files of an edition, by its SHA-256: the list of checksums, its signature, our public keys.

Time stamps are not among them: there is one for each file, and no index finds it.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from signatories.editions import checksums
from signatories.models import Edition

EMPTY = hashlib.sha256().hexdigest()


class Beside(NamedTuple):
    """`kind` is sums, signature or key; a key belongs to no edition."""

    kind: str
    edition: Edition | None


def find(sha256: str) -> Beside | None:
    """Return what it is; None if it is none of these. What is compared is what stands at its address now."""
    if sha256 in _digests_of_keys():
        return Beside("key", None)
    for kind, column in (("sums", "sums_sha256"), ("signature", "signature_sha256")):
        if found := Edition.objects.published().filter(**{column: sha256}).first():
            return Beside(kind, found)
    return None


def _digests_of_keys() -> Iterator[str]:
    """Of each key by itself, and of all in one file."""
    keys = checksums.public_keys()
    for text in [*keys, "\n".join(keys)] if keys else []:
        yield hashlib.sha256(text.encode()).hexdigest()
