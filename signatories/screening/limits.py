"""Fair in the rush: how much is taken freely from where, how much for a puzzle, and what a person looks at.

The answer depends on the visitor's own network and on what organizers set, never on mailbox or domain: those tell who
signs. They are looked at on confirmation, and so is how many of one network confirmed (see holds.py). A form costs a
machine nothing: its thousands must not make the people beside it wait. Nobody is locked out.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from django.conf import settings
from django.core.cache import caches
from django.db import Error
from django.http import HttpRequest
from django_ratelimit.core import get_usage

from declaration.database.kept import Kept
from declaration.web.requests import Address, client_address
from signatories.identity import mailbox
from signatories.models import Listed
from signatories.models import settings as site
from signatories.models.limits import ListKind
from signatories.screening import holds, puzzle

WINDOW_MINUTES = 10
FORMS_EACH = 2  # that a person sends in a rush: one is answered with a puzzle, one with the way on
UPLOADS_OF_NETWORK = 30  # within a window: a newsroom checks a few
RULES_SECONDS = 5.0  # an edit at the desk counts everywhere after so long
# The number is part of the key under which django-ratelimit counts: with the limit of the desk in it, an edit of that
# limit would begin the counts anew. So it is always the same, and never reached.
_RATE = f"1000000000/{WINDOW_MINUTES}m"
_NARROW, _WIDE = {4: 32, 6: 64}, {4: 24, 6: 48}  # bits of a network and of the wider one around it


class Scope(StrEnum):
    """What is counted together."""

    SIGN = "sign"
    REPORT = "report"
    ASK = "ask"
    CODE = "code"
    PRESENCE = "presence"
    UPLOAD = "upload"
    API = "api"


@dataclass(frozen=True)
class Rules:
    """The exempt networks, as of a few seconds ago."""

    networks: frozenset[str]

    @cached_property
    def _exempt(self) -> dict[int, dict[int, set[int]]]:
        """First bits of exempt networks, by version and by number of bits: a form asks for each number once."""
        found: dict[int, dict[int, set[int]]] = {4: {}, 6: {}}
        for network in map(ipaddress.ip_network, self.networks):
            bits = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
            found[network.version].setdefault(network.prefixlen, set()).add(bits)
        return found

    def is_exempt(self, address: Address) -> bool:
        """Whether an address is in a network whose visitors are never counted: a festival's, a union's."""
        whole, most = int(address), address.max_prefixlen
        return any(whole >> (most - size) in found for size, found in self._exempt[address.version].items())


def rules() -> Rules:
    """The rules, read anew every few seconds; while the database is away those read before."""
    try:
        return _kept.get()
    except Error:  # whatever is asked of the database next says so to the visitor
        return _kept.last(otherwise=Rules(frozenset()))


def _read() -> Rules:
    networks = Listed.objects.filter(kind=ListKind.NETWORK).values_list("value", flat=True)
    return Rules(frozenset(networks))


_kept = Kept(_read, lambda: RULES_SECONDS)


def _limits() -> site.SiteSettings:
    """The limits that organizers have set; while the database is away those read before."""
    try:
        return site.current()
    except Error:  # as above
        return site.last_known()


def forget_rules() -> None:
    """Read the rules anew at the next question: who edits them sees it at once."""
    _kept.forget()


@dataclass(frozen=True)
class Verdict:
    """What becomes of a form: a puzzle first, or taken, with reasons to hold it once it is confirmed.

    `network` is the digest of where it came from, empty where nobody is counted; `steps` how much harder the puzzle is.
    """

    network: bytes
    puzzle: bool = False
    steps: int = 0
    held_for: tuple[str, ...] = ()


def judge(request: HttpRequest, scope: Scope = Scope.SIGN) -> Verdict:
    """Count a valid form, and say what becomes of it. Waits for nobody.

    The puzzle grows harder where far more forms come from than a hall full of people sends.
    """
    now, address = rules(), client_address(request)
    narrow = network(address)
    if now.is_exempt(address):
        return Verdict(b"")
    challenge = puzzle.solved(request.POST.get("puzzle", ""))
    limits = _limits()
    most = {
        narrow.hex(): limits.free_per_network,
        network(address, _WIDE).hex(): limits.free_per_wider_network,
        "all": WINDOW_MINUTES * limits.free_per_minute,
    }
    used = bool(challenge) and not _first_use(challenge)
    counts = [_count(request, scope, key) for key in most]
    if (
        all(count <= limit for count, limit in zip(counts, most.values(), strict=True))
        and not limits.puzzle_for_everyone
    ):
        return Verdict(narrow)
    if used or not (challenge or "without" in request.POST):
        return Verdict(narrow, puzzle=True, steps=counts[0] // (FORMS_EACH * max(limits.most_per_network, 1)))
    return Verdict(narrow, held_for=() if challenge else (holds.UNSOLVED,))


def may_try_code(request: HttpRequest, address: str) -> bool:
    """Count a typed code, and say whether this network may try one more for this mailbox.

    So nobody who types wrong codes for somebody else uses up the tries of the one who has the mail.
    """
    key = f"{network(client_address(request)).hex()} {mailbox.digest(address).hex()}"
    return _count(request, Scope.CODE, key) <= settings.CODE_TRIES_OF_NETWORK


def may_upload(request: HttpRequest) -> bool:
    """Count a file that is sent to be checked, and say whether it may be read."""
    address = client_address(request)
    return rules().is_exempt(address) or _count(request, Scope.UPLOAD, network(address).hex()) <= UPLOADS_OF_NETWORK


def seconds_until_reading(request: HttpRequest) -> int:
    """Count a request of the API, and return how long its network must wait with more of them; 0 if it need not.

    It has counts of its own: whoever reads, with whatever program, takes no form from the people of the same network.
    """
    address = client_address(request)
    if rules().is_exempt(address):
        return 0
    key, rate = network(address).hex(), f"{settings.API_PER_MINUTE}/m"
    usage = get_usage(request, group=Scope.API, key=lambda _group, _request: key, rate=rate, increment=True)
    return max(1, int(usage["time_left"])) if usage["should_limit"] else 0


def network(address: Address, bits: dict[int, int] = _NARROW) -> bytes:
    """A keyed digest of the network around `address`, in 16 bytes; the address itself is kept nowhere."""
    around = int(address) >> (address.max_prefixlen - bits[address.version])
    said = f"network\0{address.version}:{bits[address.version]}:{around:x}"
    return hmac.digest(settings.DIGEST_KEY.encode(), said.encode(), hashlib.sha256)[:16]


def _count(request: HttpRequest, scope: Scope, key: str) -> int:
    """Count one form more within the window."""
    usage = get_usage(request, group=scope, key=lambda _group, _request: key, rate=_RATE, increment=True)
    return int(usage["count"])


def _first_use(challenge: str) -> bool:
    """Whether a solved puzzle is used for the first time in its whole life: a count within a window would let it pass
    again in the next one.
    """
    return caches["counters"].add(f"puzzle:{challenge}", 1, puzzle.GOOD_FOR.total_seconds())
