"""The day on which the mail addresses of signers are deleted for good, after signing has ended.

What is public stays as it is, and so do number and decisions. What goes is what nobody sees: the address and whatever
was kept with it. The digest becomes a random one: no two rows of one place may have the same, so it cannot be empty.
Nobody signs again, so nothing is looked up by it.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Func

from signatories.audit.services import by_rule, record
from signatories.models import ActDetail, AnnouncedMailbox, Closing, OutboundMail, Signature, Signup
from signatories.models.act import Verb
from signatories.models.closing import forget_end
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.privacy import bare, erasure_log
from signatories.tally import services as tally

BATCH = 1000
NO_NAME = "–"  # a row that is counted must have a name


class _Random(Func):
    """So many random bytes, others in each row: the database draws them."""

    template = "substring(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) FOR %(count)s)"
    output_field = models.BinaryField()
    arity = 0

    def __init__(self, count: int) -> None:
        super().__init__(count=count)


# Of everybody. A new nonce ends all private links.
_OF_ALL: dict[str, Any] = {
    "address_sealed": b"", "address_digest": _Random(32), "digest_key": b"", "nonce": _Random(16), "domain": "",
    "representative": "", "representative_role": "", "channel": None, "news": False,
}  # fmt: skip
# Kinds of mails to people of whom there may be no signature yet.
_TO_ANYBODY = (MailKind.LINK, MailKind.REMINDER, MailKind.GATHERED)


def delete_due(now: datetime) -> int:
    """Delete addresses whose day has come; returns of how many signatures. Safe to repeat and to run twice at once.

    Once it was done, it also finds those whose withdrawal was undone since, and who became unnamed.
    """
    row = Closing.current()
    if row.addresses_until is None or row.settled_at is None or now.date() < row.addresses_until:
        return 0
    if row.addresses_deleted_at is None:
        erasure_log.write([_line(row, now)])
    count = delete_all()
    with transaction.atomic():
        # The day is written once more, should somebody have moved it in the moment in which it came.
        done = Closing.objects.filter(pk=1, addresses_deleted_at=None).update(
            addresses_deleted_at=now, addresses_until=row.addresses_until
        )
        if done:
            words = f"The day has come: the mail addresses of {count} signatures are deleted."
            record(Verb.ERASE, by=by_rule(words), about="addresses")
    forget_end()
    return count


def _line(row: Closing, now: datetime) -> erasure_log.Line:
    """Build the line of the erasure log: all that a backup of before does not know of the end."""
    assert row.ended_at is not None  # noqa: S101 - a constraint of the table
    assert row.addresses_until is not None  # noqa: S101 - asked before
    return erasure_log.Line(
        kind=erasure_log.Kind.ADDRESSES, at=now.isoformat(), ended_at=row.ended_at.isoformat(),
        account=row.ended_by_id or 0, day=row.addresses_until.isoformat(),
    )  # fmt: skip


def delete_all() -> int:
    """Delete the addresses of all live signatures, in batches; returns how many had one."""
    while pks := list(Signup.objects.values_list("pk", flat=True)[:BATCH]):
        Signup.objects.filter(pk__in=pks).delete()
    AnnouncedMailbox.objects.all().delete()
    OutboundMail.objects.filter(kind__in=_TO_ANYBODY).delete()
    count = 0
    while done := _delete_batch():
        count += done
    while _delete_names():
        pass
    return count


def _delete_batch() -> int:
    with transaction.atomic():
        # Those who have withdrawn are erased after UNDO_DAYS, as ever.
        having = Signature.objects.live().exclude(address_sealed=b"").order_by("pk")
        rows = list(having.select_for_update(of=("self",)).only(*tally.READ)[:BATCH])
        pks = [row.pk for row in rows]
        OutboundMail.objects.filter(signature__in=pks).delete()
        ActDetail.objects.filter(act__signature__in=pks).delete()
        changed = Counter[str]()
        for row in rows:
            changed.subtract(tally.facets(row))
            row.channel = None
            changed.update(tally.facets(row))
        tally.add(changed)
        Signature.objects.filter(pk__in=pks).update(**_OF_ALL)
        return len(rows)


def _delete_names() -> int:
    """Delete who those are that are counted without a name: nobody was to see it.

    Asked for on its own, because somebody may be published, or hide the name, after the day.
    """
    unnamed = Signature.objects.filter(state=State.PUBLISHED, named=False, address_sealed=b"").exclude(name=NO_NAME)
    with transaction.atomic():
        pks = list(unnamed.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)[:BATCH])
        if pks:
            bare.delete_beside(pks)
            Signature.objects.filter(pk__in=pks).update(**of_unnamed())
        return len(pks)


def of_unnamed() -> dict[str, Any]:
    """What stands in the columns of those who are counted without a name: the same as of erased people, but counted."""
    kept = {"address_digest": _Random(32), "nonce": _Random(16), "name": NO_NAME, "filed_under": NO_NAME}
    return {**bare.bare_values(), **kept}
