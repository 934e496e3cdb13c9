"""The hash chain over the acts: nobody can change, remove or reorder one without a trace.

Each act gets a seal: SHA-256 over the seal before it and the act as canonical JSON. Acts are sealed by a job, in the
order in which it finds them, so an act is written without waiting. The newest seal, the head, is published: with a head
of some day anybody can check that all acts until then are still what they were.
Source of the construction: Haber and Stornetta, How to Time-Stamp a Digital Document, 1991 (linked time-stamps).
"""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from signatories.audit import corrections
from signatories.models import Act, ActDetail, Seal, UnsealedAct

FIRST = bytes(32)  # what stands for the seal before the first
# The fields of an act that are sealed, in this order. A later version may add fields at the end only with a rule for
# the acts before.
FIELDS = (
    "id", "verb", "actor", "organizer_id", "role", "signature_id", "about", "before", "after", "reason", "acted_at",
    "digest",
)  # fmt: skip
BATCH = 5000
_SEAL_LOCK = 0x5EA1
_INSERT = """
INSERT INTO signatories_seal (position, act_id, hash)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])
"""


class Head(NamedTuple):
    """How many acts are sealed, and the newest seal."""

    position: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.hash.hex()}"

    @classmethod
    def read(cls, text: str) -> "Head":
        """Read a head as it is printed. Raises ValueError."""
        position, _, digest = text.partition(":")
        if len(digest) != 2 * len(FIRST):
            raise ValueError(text)
        return cls(int(position), bytes.fromhex(digest))


def head() -> Head:
    """Return the head of the chain; position 0 before the first seal."""
    last = Seal.objects.order_by("-position").first()
    return Head(last.position, bytes(last.hash)) if last else Head(0, FIRST)


def canonical(values: Sequence[Any]) -> bytes:
    """Write the FIELDS of an act as JSON in UTF-8: moments in UTC with microseconds, digests in hex, no spaces."""
    return _json([_plain(value) for value in values])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def seal_of(before: bytes, values: Sequence[Any]) -> bytes:
    """Return the seal of an act whose FIELDS have these values, after the seal `before`."""
    return hashlib.sha256(before + canonical(values)).digest()


def new_salt() -> bytes:
    return os.urandom(16)


def digest(salt: bytes, before: Mapping[str, Any], after: Mapping[str, Any]) -> bytes:
    """Return the digest of what an act changed."""
    return hashlib.sha256(salt + _json([before, after])).digest()


def set_digest(ids: Iterable[int]) -> bytes:
    """Return the digest of a set of signatures: of their ids in order, one on each line."""
    return hashlib.sha256("".join(f"{each}\n" for each in sorted(ids)).encode()).digest()


def seal_waiting() -> int:
    """Seal the acts that wait, in batches. Returns how many. Safe to repeat, and at once: only one job seals."""
    sealed = 0
    while count := _seal_batch():
        sealed += count
        if count < BATCH:
            break
    return sealed


def _seal_batch() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEAL_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        waiting = list(UnsealedAct.objects.order_by("pk").values_list("pk", flat=True)[:BATCH])
        position, seal = head()
        positions, ids, seals = [], [], []
        for values in Act.objects.filter(pk__in=waiting).order_by("pk").values_list(*FIELDS):
            position, seal = position + 1, seal_of(seal, values)
            positions.append(position)
            ids.append(values[0])
            seals.append(seal)
        cursor.execute(_INSERT, [positions, ids, seals])
        corrections.count(ids)
        # An act that is gone before it was sealed keeps its row here, and the check names it.
        UnsealedAct.objects.filter(pk__in=ids).delete()
    return len(ids)


class Fault(NamedTuple):
    """What the check found, in words; `act` is the id of an act."""

    act: int
    words: str


_WALK = f"""
SELECT seal.position, seal.act_id, seal.hash, {", ".join(f"act.{name}" for name in FIELDS)}
FROM signatories_seal seal LEFT JOIN signatories_act act ON act.id = seal.act_id
WHERE seal.position > %s ORDER BY seal.position LIMIT {BATCH}
"""  # noqa: S608 - names of ours
_UNSEALED = """
SELECT act.id FROM signatories_act act
WHERE NOT EXISTS (SELECT FROM signatories_seal seal WHERE seal.act_id = act.id)
AND NOT EXISTS (SELECT FROM signatories_unsealedact waiting WHERE waiting.act_id = act.id) ORDER BY act.id
"""
_LOST = """
SELECT act_id FROM signatories_unsealedact waiting
WHERE NOT EXISTS (SELECT FROM signatories_act act WHERE act.id = waiting.act_id) ORDER BY act_id
"""


def check(heads: Iterable[Head] = ()) -> Iterator[Fault]:
    """Yield every fault of the trail; `heads` are heads that were published, which the chain must still have.

    Each fault is named by itself: after a wrong seal the check goes on with the seal that is stored.
    """
    published = defaultdict[int, set[bytes]](set)
    for position, seal in heads:
        published[position].add(seal)
    published.pop(0, None)
    for position, act, stored, values, before in _walk():
        if published.pop(position, {stored}) != {stored}:
            yield Fault(act, f"the chain was made anew: seal {position} is not the one that was published")
        if not values:
            yield Fault(act, f"act {act} is missing")
        elif seal_of(before, values) != stored:
            yield Fault(act, f"act {act} was changed or moved (seal {position})")
    yield from (Fault(0, f"seal {position}, which was published, is missing") for position in published)
    yield from _check_gaps()
    yield from (Fault(act, f"act {act} has no seal") for act in _ids(_UNSEALED))
    yield from (Fault(act, f"act {act} is missing; it waited for its seal") for act in _ids(_LOST))
    yield from _check_details()


def _walk() -> Iterator[tuple[int, int, bytes, Sequence[Any] | None, bytes]]:
    """Yield position, act, seal, values of the act (None if it is missing) and the seal before, in order."""
    last, before = 0, FIRST
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_WALK, [last])
            rows = cursor.fetchall()
        for position, act, stored, *values in rows:
            yield position, act, bytes(stored), None if values[0] is None else values, before
            last, before = position, bytes(stored)
        if len(rows) < BATCH:
            return


def _check_gaps() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position FROM (SELECT position, lag(position, 1, 0::bigint) OVER (ORDER BY position) AS before"
            " FROM signatories_seal) AS seals WHERE position <> before + 1"
        )
        for (position,) in cursor.fetchall():
            yield Fault(0, f"a seal before seal {position} is missing")


def _check_details() -> Iterator[Fault]:
    rows = ActDetail.objects.order_by("pk").values_list("pk", "salt", "before", "after", "act__digest")
    for act, salt, before, after, stored in rows.iterator(chunk_size=BATCH):
        if digest(bytes(salt), before, after) != bytes(stored):
            yield Fault(act, f"the detail of act {act} was changed")


def _ids(query: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]
