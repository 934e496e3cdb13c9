"""Search for a person by address or name, in every state, to answer a signer's mail."""

from typing import NamedTuple

from signatories.identity import mailbox, spellings
from signatories.models import Signature, Signup
from signatories.models.signature import State

MAX_FOUND = 50


class Found(NamedTuple):
    """Signatures, and signups without a signature; at most MAX_FOUND of each."""

    signatures: list[Signature]
    signups: list[Signup]


def find(q: str) -> Found:
    """Search by mailbox if `q` contains an @, else by folded name."""
    return _by_address(q) if "@" in q else _by_name(q)


def _by_address(address: str) -> Found:
    try:
        digests = mailbox.digests(address.strip())
    except UnicodeError:
        return Found([], [])
    signatures = Signature.objects.filter(address_digest__in=digests).order_by("-confirmed_at")
    signups = Signup.objects.filter(address_digest__in=digests, signature=None).order_by("-created_at")
    return Found(list(signatures[:MAX_FOUND]), list(signups[:MAX_FOUND]))


def _by_name(name: str) -> Found:
    words = spellings.sought(name)
    if not words:
        return Found([], [])
    signatures = Signature.objects.matching(words).exclude(state=State.WITHDRAWN, name="").order_by("-confirmed_at")
    # Signups store no folded name, because the form must insert fast. They are few, so the typed letters are compared.
    signups = Signup.objects.filter(signature=None, name__icontains=name.strip()).order_by("-created_at")
    return Found(list(signatures[:MAX_FOUND]), list(signups[:MAX_FOUND]))
