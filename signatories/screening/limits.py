"""Fair in the rush: how much is taken freely from where, how much for a puzzle, and what a person looks at.

The answer depends on the visitor's own network and on what organizers set, never on mailbox or domain: those tell who
signs. They are looked at on confirmation, and so is how many of one network confirmed (see holds.py). A form costs a
machine nothing: its thousands must not make the people beside it wait. Nobody is locked out.
"""

import hashlib
import hmac
import ipaddress
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from django.conf import settings
from django.db import Error
from django.http import HttpRequest

from declaration.web.counters import Counters
from declaration.web.requests import Address, client_address
from signatories.models import Limits, Listed
from signatories.models.limits import ListKind
from signatories.screening import holds, puzzle

WINDOW_MINUTES = 10
FORMS_EACH = 2  # that a person sends in a rush: one is answered with a puzzle, one with the way on
RULES_SECONDS = 5.0  # an edit at the desk counts everywhere after so long
FIRST_SECONDS = 1.0  # that one waits for another who reads them for the first time
_NEVER = float("-inf")
counters = Counters()
_NARROW, _WIDE = {4: 32, 6: 64}, {4: 24, 6: 48}  # bits of a network and of the wider one around it


class Door(StrEnum):
    """What is counted together."""

    SIGN = "sign"
    REPORT = "report"
    ASK = "ask"


@dataclass(frozen=True)
class Rules:
    """What organizers have set, as of a few seconds ago."""

    limits: Limits
    listed: dict[str, frozenset[str]]

    @cached_property
    def exempt(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """Networks whose visitors are never counted: a festival's, a union's."""
        return [ipaddress.ip_network(value) for value in self.listed.get(ListKind.NETWORK, ())]


class _Kept:
    """The rules in the memory of this process."""

    def __init__(self) -> None:
        self.rules = Rules(Limits(pk=1), {})
        self.read_at = _NEVER
        self.lock = threading.Lock()


_kept = _Kept()


def rules() -> Rules:
    """The rules, read anew every few seconds; while the database is away those read before.

    While one visitor's thread reads, others go by what was read before; where nothing was, they wait for that one.
    """
    if _due() and _kept.lock.acquire(timeout=FIRST_SECONDS if _kept.read_at == _NEVER else 0):
        try:
            if _due():
                _kept.rules, _kept.read_at = _read(), time.monotonic()
        except Error:
            pass  # whatever is asked of the database next says so to the visitor
        finally:
            _kept.lock.release()
    return _kept.rules


def _due() -> bool:
    return time.monotonic() - _kept.read_at > RULES_SECONDS


def _read() -> Rules:
    listed: dict[str, set[str]] = {}
    for kind, value in Listed.objects.values_list("kind", "value"):
        listed.setdefault(kind, set()).add(value)
    return Rules(Limits.current(), {kind: frozenset(values) for kind, values in listed.items()})


def forget_rules() -> None:
    """Read the rules anew at the next question: who edits them sees it at once."""
    _kept.read_at = _NEVER


@dataclass(frozen=True)
class Verdict:
    """What becomes of a form: a puzzle first, or taken, with reasons to hold it once it is confirmed.

    `network` is the digest of where it came from, empty where nobody is counted; `steps` how much harder the puzzle is.
    """

    network: bytes
    puzzle: bool = False
    steps: int = 0
    held_for: tuple[str, ...] = ()


def judge(request: HttpRequest, door: Door = Door.SIGN) -> Verdict:
    """Count a valid form, and say what becomes of it. Waits for nobody.

    The puzzle grows harder where far more forms come from than a hall full of people sends.
    """
    now, address = rules(), client_address(request)
    narrow = network(address)
    if any(address in exempt for exempt in now.exempt):
        return Verdict(b"")
    challenge = puzzle.solved(request.POST.get("puzzle", ""))
    limits = now.limits
    most = {
        narrow.hex(): limits.free_per_network,
        network(address, _WIDE).hex(): limits.free_per_wider_network,
        "all": WINDOW_MINUTES * limits.free_per_minute,
    }
    over, used, forms = _count(door, most, challenge)
    if not any(over) and not limits.slow:
        return Verdict(narrow)
    if used or not (challenge or "without" in request.POST):
        return Verdict(narrow, puzzle=True, steps=forms // (FORMS_EACH * max(limits.most_per_network, 1)))
    return Verdict(narrow, held_for=() if challenge else (holds.UNSOLVED,))


def network(address: Address, bits: dict[int, int] = _NARROW) -> bytes:
    """A keyed digest of the network around `address`, in 16 bytes; the address itself is kept nowhere."""
    around = int(address) >> (address.max_prefixlen - bits[address.version])
    said = f"network\0{address.version}:{bits[address.version]}:{around:x}"
    return hmac.digest(settings.DIGEST_KEY.encode(), said.encode(), hashlib.sha256)[:16]


def _count(door: Door, most: dict[str, int], challenge: str) -> tuple[list[bool], bool, int]:
    """Count one more for each within the window: which are over their most, whether the puzzle was used before, and
    the count of the first.
    """
    length = 60 * WINDOW_MINUTES
    window = int(time.time() // length)
    keys = {f"{door}:{what}:{window}": length for what in most}
    if challenge:
        keys[f"puzzle:{challenge}"] = int(puzzle.GOOD_FOR.total_seconds())
    counts = counters.count(keys)
    over = [count > limit for count, limit in zip(counts, most.values(), strict=False)]
    return over, bool(challenge) and counts[-1] > 1, counts[0]
