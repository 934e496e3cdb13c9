"""The ledger of erasures: a file beside the database that outlives a restored backup. It names nobody.

One line of JSON an erasure: the row's id, the moment it was signed (so that a reused id erases nobody else), and when
it was erased. Written and synced before the erasure commits.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from signatories.models import Signature


@dataclass(frozen=True)
class Erasure:
    """One line; moments in ISO 8601, UTC."""

    signature: int
    signed_at: str
    erased_at: str


def path() -> Path:
    """Where the ledger is kept: ERASURE_LEDGER, to be backed up on its own."""
    return Path(settings.ERASURE_LEDGER)


def write(signature: Signature, now: datetime) -> None:
    """Add a line and sync it to disk. Raises OSError: then nothing is erased."""
    line = json.dumps(asdict(Erasure(signature.pk, signature.signed_at.isoformat(), now.isoformat())))
    path().parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read() -> Iterator[Erasure]:
    """Every erasure on record, oldest first. A line cut by a crash is passed over: it was not committed either."""
    if not path().exists():
        return
    for line in path().read_text().splitlines():
        try:
            yield Erasure(**json.loads(line))
        except (ValueError, TypeError):
            continue
