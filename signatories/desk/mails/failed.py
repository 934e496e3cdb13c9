"""Mails that were not delivered: of signups and of all other kinds, in one list."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from signatories.mail import quota
from signatories.models import OutboundMail, Signature, Signup
from signatories.models.mailing import MailState
from signatories.operations.backup.services import HELD_BACK

FAILED = (MailState.UNDELIVERABLE, MailState.SET_ASIDE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REASONS = {
    quota.STOPPED: "The owner of the mailbox has stopped our mails.",
    "daily limit": "The mailbox had its mails of that day; only the newest one is sent, on the day after.",
    "nothing to say": "It was not needed any more: the signature was confirmed, changed or withdrawn meanwhile.",
    HELD_BACK: "It was held back when a backup was restored, because it may have been sent before.",
}


class Key(NamedTuple):
    """The place of a mail in the list: the moment, then signups after other mails, then the id; newest first."""

    at: datetime
    is_signup: bool
    pk: int

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """Read a key from an address line; None for anything else."""
        found = re.fullmatch(r"([0-9]{1,17})-([01])-([0-9]{1,18})", text)
        if found is None:
            return None
        return cls(_EPOCH + timedelta(microseconds=int(found[1])), found[2] == "1", int(found[3]))

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{int(self.is_signup)}-{self.pk}"


class FailedMail(NamedTuple):
    """A mail, why it failed in plain words, and whom it was about as far as that is known."""

    mail: Signup | OutboundMail
    why: str
    person: Signup | Signature | None

    @property
    def what(self) -> str:
        """Return the kind of mail."""
        mail = self.mail
        return "the mail that asks to confirm" if isinstance(mail, Signup) else str(mail.get_kind_display())

    @property
    def is_signature(self) -> bool:
        return isinstance(self.person, Signature)


def newest(most: int, before: Key | None = None) -> list[FailedMail]:
    """Return the newest mails that failed, at most so many; `before` continues below a mail."""
    signups = _below(Signup.objects.of_signers().select_related("signature"), before, is_signup=True)
    others = _below(OutboundMail.objects.select_related("signature", "signup"), before, is_signup=False)
    rows: list[Signup | OutboundMail] = [*signups[:most], *others[:most]]
    return _with_people(sorted(rows, key=key_of, reverse=True)[:most])


def key_of(mail: Signup | OutboundMail) -> Key:
    return Key(mail.created_at, isinstance(mail, Signup), mail.pk)


def _below[Mail: (Signup, OutboundMail)](
    rows: QuerySet[Mail], before: Key | None, *, is_signup: bool
) -> QuerySet[Mail]:
    found = rows.filter(mail_state__in=FAILED).order_by("-created_at", "-pk")
    if before is None:
        return found
    if before.is_signup == is_signup:
        same_moment = Q(created_at=before.at, pk__lt=before.pk)
    else:  # at one moment all signups stand before the other mails
        same_moment = Q(created_at=before.at) if before.is_signup else Q(pk__in=[])
    return found.filter(Q(created_at__lt=before.at) | same_moment)


def _with_people(rows: Iterable[Signup | OutboundMail]) -> list[FailedMail]:
    """Add whom each mail was about. A link that somebody asked for names nobody: its mailbox is looked up."""
    rows = list(rows)
    asked = [bytes(row.address_digest) for row in rows if _about(row) is None]
    known: dict[bytes, Signup | Signature] = {}
    for people in (Signup.objects.of_signers(), Signature.objects.all()):  # a signature is more than its signup
        for person in people.filter(address_digest__in=asked).order_by("pk"):
            known[bytes(person.address_digest)] = person
    return [FailedMail(row, explain(row), _about(row) or known.get(bytes(row.address_digest))) for row in rows]


def _about(mail: Signup | OutboundMail) -> Signup | Signature | None:
    return mail.signature or (mail if isinstance(mail, Signup) else mail.signup)


def explain(mail: Signup | OutboundMail) -> str:
    """Say in plain words why a mail was not delivered."""
    error = mail.mail_error
    if error in _REASONS:
        return _REASONS[error]
    if mail.mail_state == MailState.SET_ASIDE:
        return f"It could not be made from what is stored, most often because the address is none ({error})."
    if error.startswith("came back"):
        return f"It was sent and came back ({error.partition(': ')[2]}). The address is probably wrong."
    return f"The mail server of the recipient refused it for good ({error}). Most often there is no such mailbox."
