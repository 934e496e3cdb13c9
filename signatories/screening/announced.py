"""Mailboxes that were announced for watched names: what is confirmed from one under its name need not wait for that."""

from collections.abc import Sequence
from datetime import datetime

from signatories.audit.services import by_rule, record
from signatories.identity import mailbox
from signatories.identity.mailbox import Addressed
from signatories.models import AnnouncedMailbox, Signature, Verification
from signatories.models.act import Verb
from signatories.models.signature import LOOKS_LIKE
from signatories.screening import holds


def found(row: Addressed, reasons: Sequence[str]) -> list[AnnouncedMailbox]:
    """Return the unused announcements of the mailbox of a row for the watched names of these reasons, locked.

    Asks the database only if there is such a reason.
    """
    watched = [code for code in reasons if code.startswith(LOOKS_LIKE)]
    if not watched:
        return []
    of_mailbox = AnnouncedMailbox.objects.filter(address_digest__in=mailbox.digests_of(row), used_at=None)
    rows = of_mailbox.select_for_update(of=("self",)).select_related("watched").order_by("pk")
    return [each for each in rows if holds.code_of(each.watched) in watched]


def use(announced: Sequence[AnnouncedMailbox], signature: Signature, *, now: datetime) -> None:
    """Record that a signature was verified by the announcement of its mailbox, and delete the address."""
    for each in announced:
        spent = {"used_at": now, "address_sealed": b"", "address_digest": b""}
        AnnouncedMailbox.objects.filter(pk=each.pk).update(**spent)
        Verification.objects.create(
            signature=signature, watched=each.watched, proof_id=each.proof_id, mailbox=each, seen=signature.changed_at,
            first_at=now, done_at=now,
        )  # fmt: skip
        words = f"Verified by the announced mailbox {each.pk} of watched name {each.watched_id}."
        record(Verb.EDIT, by=by_rule(words), signature=signature)
