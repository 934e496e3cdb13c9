"""Conditions by which organizers choose signatures: as a query about those there are, and as a test of one that comes.

Both must agree; tests/screening/test_conditions.py compares them.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q, Subquery

from signatories.identity import names
from signatories.models import Act, Signature, Signup
from signatories.models.act import MOVES, UNDONE
from signatories.models.signature import HELD_BY_ORGANIZER, Framed, SignatureQuerySet, State
from signatories.screening import domains

LIVE = (State.HELD, State.PUBLISHED)
_EQUAL = ("country", "language", "profession", "affiliation")  # compared as they are stored


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What a signature must be; an empty value asks for nothing.

    `name` is a part of the name, however it is written; `domain` a mail domain in which * stands for any letters and ?
    for one; `server` the mail server of unknown domains; `network` the digest of one, in hexadecimal; `reason` a code
    of why somebody waits; `partner` and `text` are keys; `since` and `until` are moments of confirmation in ISO 8601.
    `decided` includes those about whom an organizer has decided.
    """

    states: tuple[str, ...] = LIVE
    name: str = ""
    domain: str = ""
    server: str = ""
    network: str = ""
    country: str = ""
    language: str = ""
    profession: str = ""
    affiliation: str = ""
    partner: str = ""
    text: str = ""
    reason: str = ""
    since: str = ""
    until: str = ""
    decided: bool = False

    @classmethod
    def stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_store` has given."""
        return cls(**{**stored, "states": tuple(stored.get("states", LIVE))})

    def to_store(self) -> dict[str, Any]:
        """Return what a row of the database keeps of it: all that asks for something."""
        return {name: list(value) if name == "states" else value for name, value in asdict(self).items() if value}

    @property
    def fields(self) -> list[tuple[str, str]]:
        """As the fields of a form, or of an address line."""
        stored = self.to_store()
        states = [("states", state) for state in stored.pop("states", ())]
        return states + [(name, str(value)) for name, value in stored.items()]

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for besides the state."""
        return bool(self.to_store().keys() - {"states", "decided"})


def matching(conditions: Conditions) -> SignatureQuerySet:
    """Return the signatures that match."""
    found = Signature.objects.filter(_stored_like(conditions), state__in=conditions.states)
    if folded := names.fold(conditions.name):
        found = found.alias(framed=Framed("search_key")).filter(framed__contains=folded)
    if conditions.network:
        sent = Signup.objects.filter(network=bytes.fromhex(conditions.network), signature__isnull=False)
        found = found.filter(pk__in=sent.values("signature"))
    if conditions.server:
        found = found.filter(domain__in=domains.group_domains(conditions.server))
    if "*" in conditions.domain or "?" in conditions.domain:
        found = found.filter(domain__regex=f"^{_pattern(conditions.domain)}$")
    elif conditions.domain:
        found = found.filter(domain=conditions.domain)
    return found if conditions.decided else undecided(found)


def undecided(found: SignatureQuerySet) -> SignatureQuerySet:
    """Leave those about whom no organizer has decided, or whose last decision was taken back: they are as before it."""
    moves = Act.objects.filter(signature=OuterRef("pk"), organizer__isnull=False, verb__in=MOVES)
    last = Subquery(moves.order_by("-pk").values("reason")[:1])
    free = found.alias(last=last).filter(~Exists(moves) | Q(last__startswith=UNDONE))
    return free.exclude(held_for__contains=[HELD_BY_ORGANIZER])


def _stored_like(conditions: Conditions) -> Q:
    """The conditions that compare a column with a value."""
    found = Q(**{column: getattr(conditions, column) for column in _EQUAL if getattr(conditions, column)})
    if conditions.partner:
        found &= Q(channel__partner=int(conditions.partner))
    if conditions.text:
        found &= Q(text=int(conditions.text))
    if conditions.reason:
        found &= Q(held_for__contains=[conditions.reason])
    if conditions.since:
        since = datetime.fromisoformat(conditions.since)
        # Who has confirmed since then has changed since then; `changed_at` is asked too because it has an index.
        found &= Q(confirmed_at__gte=since, changed_at__gte=since)
    if conditions.until:
        found &= Q(confirmed_at__lt=datetime.fromisoformat(conditions.until))
    return found


def matches(conditions: Conditions, signature: Signature, network: bytes) -> bool:
    """Return whether a signature that is confirmed now, from a network, matches; its state is not asked for."""
    return _is_stored_like(conditions, signature) and all((
        names.fold(conditions.name) in f" {signature.search_key} ",
        not conditions.network or conditions.network == network.hex(),
        not conditions.domain or re.fullmatch(_pattern(conditions.domain), signature.domain) is not None,
        not conditions.server or signature.domain in domains.group_domains(conditions.server),
    ))  # fmt: skip


def _is_stored_like(conditions: Conditions, signature: Signature) -> bool:
    return all((
        *(str(getattr(signature, column)) == asked for column in _EQUAL if (asked := getattr(conditions, column))),
        not conditions.partner
        or (signature.channel is not None and signature.channel.partner_id == int(conditions.partner)),
        not conditions.text or signature.text_id == int(conditions.text),
        not conditions.reason or conditions.reason in signature.held_for,
        not conditions.since or signature.confirmed_at >= datetime.fromisoformat(conditions.since),
        not conditions.until or signature.confirmed_at < datetime.fromisoformat(conditions.until),
    ))  # fmt: skip


def _pattern(domain: str) -> str:
    """A domain with * and ? as a regular expression that Python and PostgreSQL read alike."""
    return "".join({"*": "[^\n]*", "?": "[^\n]"}.get(sign, re.escape(sign)) for sign in domain)
