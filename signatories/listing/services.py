"""Reports of readers that an entry of the list is wrong."""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from signatories.identity import mailbox
from signatories.models import Report, Signature
from signatories.signing.services import SAME_FORM_WINDOW


def report(*, number: int, wrong: str, words: str, address: str, language: str, now: datetime) -> None:
    """Store a report about the public entry `number`. The same one sent again within minutes is one report.

    For a hidden or unknown number nothing is stored, silently: nobody learns here which numbers exist.
    """
    window = int(now.timestamp() // SAME_FORM_WINDOW.total_seconds())
    typed = repr((number, wrong, words, address.casefold(), language, window)).encode()
    Report.objects.bulk_create(
        [
            Report(
                signature_id=pk, wrong=wrong, words=words, language=language,
                address_sealed=mailbox.seal(address) if address else b"",
                once=hmac.digest(settings.DIGEST_KEY.encode(), b"report\0" + typed, hashlib.sha256),
            )
            for pk in Signature.objects.public().filter(number=number).values_list("pk", flat=True)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
