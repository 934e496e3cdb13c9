"""Search for a person by address, number or name, in every state, to answer a signer's mail."""

import re
import unicodedata
from typing import NamedTuple

from signatories.http import read_number
from signatories.identity import mailbox, spellings
from signatories.identity.characters import as_meant
from signatories.models import Signature, Signup
from signatories.models.signature import State

MAX_FOUND = 50


class Found(NamedTuple):
    """Signatures, and signups without a signature; at most MAX_FOUND of each."""

    signatures: list[Signature]
    signups: list[Signup]


def find(q: str) -> Found:
    """Search by mailbox if `q` contains an @; else by folded name, and by number if it is one, as it is printed."""
    if "@" in q:
        return _by_address(q)
    found = _by_name(q)
    numbered = Signature.objects.filter(number=number) if (number := _number(q)) is not None else []
    return Found(list(dict.fromkeys([*numbered, *found.signatures]))[:MAX_FOUND], found.signups)


def _number(q: str) -> int | None:
    """The number of a signature: `1,234`, `1 234` with any space, `#1234`, `No. 1234`, `n° 1234`, in any digits."""
    typed = unicodedata.normalize("NFKC", q).strip()
    bare = re.sub(r"^(#|number|numéro|n°|no?\.?)\s*", "", typed, flags=re.IGNORECASE)
    return read_number(re.sub(r"(?<=\d)[\s,.'’](?=\d)", "", bare))


def _by_address(address: str) -> Found:
    try:
        digests = mailbox.digests(as_meant(address))
    except UnicodeError:
        return Found([], [])
    signatures = Signature.objects.filter(address_digest__in=digests).order_by("-confirmed_at")
    signups = Signup.objects.of_signers().filter(address_digest__in=digests, signature=None).order_by("-created_at")
    return Found(list(signatures[:MAX_FOUND]), list(signups[:MAX_FOUND]))


def _by_name(name: str) -> Found:
    words = spellings.sought(name)
    if not words:
        return Found([], [])
    signatures = Signature.objects.matching(words).exclude(state=State.WITHDRAWN, name="").order_by("-confirmed_at")
    # Signups store no folded name, because the form must insert fast. They are few, so the typed letters are compared.
    signups = Signup.objects.of_signers().filter(signature=None, name__icontains=name.strip()).order_by("-created_at")
    return Found(list(signatures[:MAX_FOUND]), list(signups[:MAX_FOUND]))
