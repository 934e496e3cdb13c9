"""Find a person by address or name, in every state: what an organizer answers a signer's mail with."""

from typing import NamedTuple

from signatories.identity import mailbox, names
from signatories.models import Signature, Signup
from signatories.models.signature import State

MAX_FOUND = 50


class Found(NamedTuple):
    """Signatures, and signups that led to none; at most MAX_FOUND of each."""

    signatures: list[Signature]
    signups: list[Signup]


def find(q: str) -> Found:
    """By the mailbox when `q` holds an @, else by the folded name."""
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
    words = names.fold(name).split()
    if not words:
        return Found([], [])
    signatures = Signature.objects.matching(words).exclude(state=State.WITHDRAWN, name="").order_by("-confirmed_at")
    # Signups carry no folded name: they are few, waiting, and looked through for the letters as typed.
    signups = Signup.objects.filter(signature=None, name__icontains=name.strip()).order_by("-created_at")
    return Found(list(signatures[:MAX_FOUND]), list(signups[:MAX_FOUND]))
