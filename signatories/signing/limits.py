"""Fair in the rush: from where how much is taken freely, then for a puzzle, then taken and looked at by a person.

The answer depends on the visitor's own network and on what organizers switched, never on mailbox or domain: those say
who signs (they are looked at when somebody confirms, see signatories/holds.py). Nobody is locked out.
"""

import hashlib
import hmac
import ipaddress
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.db import Error
from django.http import HttpRequest
from django_ratelimit.core import get_usage

from declaration.requests import Address, client_address
from declaration.steady import SteadyCache
from signatories import holds
from signatories.models import Limits, Listed
from signatories.models.fairness import ListKind
from signatories.signing import puzzle

WINDOW_MINUTES = 10
RULES_SECONDS = 5.0  # an edit at the desk counts everywhere after so long
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

    def known(self, domain: str) -> bool:
        """Whether many signatures of this mail domain are nothing strange."""
        return any(domain in self.listed.get(kind, ()) for kind in (ListKind.DOMAIN, ListKind.PROVIDER))


class _Kept:
    """The rules in the memory of this process."""

    def __init__(self) -> None:
        self.rules = Rules(Limits(pk=1), {})
        self.read_at = float("-inf")
        self.lock = threading.Lock()


_kept = _Kept()


def rules() -> Rules:
    """The rules, read anew every few seconds; while the database is away those read before."""
    if time.monotonic() - _kept.read_at > RULES_SECONDS and _kept.lock.acquire(blocking=False):
        try:
            _kept.rules, _kept.read_at = _read(), time.monotonic()
        except Error:
            pass  # whatever is asked of the database next says so to the visitor
        finally:
            _kept.lock.release()
    return _kept.rules


def _read() -> Rules:
    listed: dict[str, set[str]] = {}
    for kind, value in Listed.objects.values_list("kind", "value"):
        listed.setdefault(kind, set()).add(value)
    return Rules(Limits.current(), {kind: frozenset(values) for kind, values in listed.items()})


def forget_rules() -> None:
    """Read the rules anew at the next question: who edits them sees it at once."""
    _kept.read_at = float("-inf")


@dataclass(frozen=True)
class Verdict:
    """What becomes of a form: a puzzle first, or taken, with reasons to hold it once it is confirmed."""

    puzzle: bool = False
    held_for: tuple[str, ...] = ()


def judge(request: HttpRequest, door: Door = Door.SIGN) -> Verdict:
    """Count a valid form, and say what becomes of it.

    Who solves the puzzle is counted apart from who goes on without: a flood of one does not use up the other's share.
    """
    now, address = rules(), client_address(request)
    if any(address in network for network in now.exempt):
        return Verdict()
    limits = now.limits
    free = {
        network(address): limits.free_per_network,
        network(address, _WIDE): limits.free_per_wider_network,
        "all": WINDOW_MINUTES * limits.free_per_minute,
    }
    if not _crowded(door, free) and not limits.slow:
        return Verdict()
    solved = puzzle.solved(request.POST.get("puzzle", ""))
    if not solved and "without" not in request.POST:
        return Verdict(puzzle=True)
    way = "solved" if solved else "without"
    if _over(request, f"{door}:{way}", network(address), limits.most_per_network):
        return Verdict(held_for=(holds.CROWD,))
    return Verdict() if solved else Verdict(held_for=(holds.UNSOLVED,))


def network(address: Address, bits: dict[int, int] = _NARROW) -> str:
    """A keyed digest in hex of the network around `address`; the address itself is kept nowhere."""
    around = ipaddress.ip_network((address, bits[address.version]), strict=False)
    return hmac.new(settings.DIGEST_KEY.encode(), f"network\0{around}".encode(), hashlib.sha256).hexdigest()[:32]


def _crowded(door: Door, free: dict[str, int]) -> bool:
    """Count one more for each; whether any is more than is free within the window. One trip to Redis."""
    window = int(time.time() // (60 * WINDOW_MINUTES))
    counts = cast("SteadyCache", cache).count_all([f"{door}:{what}:{window}" for what in free], 60 * WINDOW_MINUTES)
    return any(count > most for count, most in zip(counts, free.values(), strict=True))


def _over(request: HttpRequest, group: str, value: str, most: int) -> bool:
    """Count one more; whether that is more than `most` within the window."""
    rate = f"{most}/{WINDOW_MINUTES}m"
    usage = get_usage(request, group=group, key=lambda _group, _request: value, rate=rate, increment=True)
    return bool(usage and usage["should_limit"])
