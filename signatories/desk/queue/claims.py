"""Claims: an organizer who looks at an entry of the queue is seen there by the others. A claim forbids nothing."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection

from signatories.models import Claim

LASTS = timedelta(minutes=2)  # after the last look

# One statement, so that of two who come at the same moment one has it.
_CLAIM = """
INSERT INTO signatories_claim AS claim (signature_id, account_id, until)
SELECT id, %(account)s, %(until)s FROM signatories_signature WHERE id = %(signature)s AND state = 'held'
ON CONFLICT (signature_id) DO UPDATE SET account_id = excluded.account_id, until = excluded.until
WHERE claim.account_id = excluded.account_id OR claim.until <= %(now)s
"""


def claim(*, signature_id: int, organizer: AbstractBaseUser, now: datetime) -> bool:
    """Claim a signature that waits, or claim it for longer. False if another organizer has it, or it waits no more."""
    values = {"signature": signature_id, "account": organizer.pk, "until": now + LASTS, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        return bool(cursor.rowcount)


def release(*, signature_id: int, organizer: AbstractBaseUser) -> None:
    """Give a claim up, once it is decided."""
    Claim.objects.filter(signature_id=signature_id, account_id=organizer.pk).delete()


def of_others(signatures: Collection[int], organizer: AbstractBaseUser, now: datetime) -> dict[int, str]:
    """Return who else looks at which of some signatures, by name."""
    found = Claim.objects.active(now).filter(signature__in=signatures).exclude(account_id=organizer.pk)
    return {claim.signature_id: str(claim.account) for claim in found.select_related("account")}
