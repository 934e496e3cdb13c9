"""Forms sent twice: a double click, or Back and send again, stores one row (docs/decisions/0002)."""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings

SAME_FORM_WINDOW = timedelta(minutes=10)


def same_form_digest(kind: bytes, typed: tuple[object, ...], now: datetime) -> bytes:
    """32 bytes that are equal for the same form with the same content within SAME_FORM_WINDOW.

    A unique column holds them, so the database refuses the second row. The windows stand at fixed times: two forms a
    second apart, one on each side of a boundary, are two rows. The key keeps what was typed from being guessed.
    `typed` is read by its `repr`: values and their order decide, so a change of either makes other digests.
    """
    window = int(now.timestamp() // SAME_FORM_WINDOW.total_seconds())
    text = repr((*typed, window))
    return hmac.digest(settings.DIGEST_KEY.encode(), kind + b"\0" + text.encode(), hashlib.sha256)
