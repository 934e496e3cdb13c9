"""The mark of a list, which stands in each of its files and which nobody can guess.

Digests of files stay when the files are taken down. Without a mark, whoever guesses the rows of a short list could
rebuild its bytes and learn from the digest who stood in it (docs/decisions/0031).
"""

import hashlib
import hmac
from datetime import UTC

from django.conf import settings

from signatories.models import EditionPart


def mark_of(part: EditionPart) -> str:
    """Return the number of the edition and 128 bits, under our key, of edition, moment, list and language."""
    edition = part.edition
    assert edition.as_of  # noqa: S101 - a snapshot has a moment
    said = (str(edition.number), edition.as_of.astimezone(UTC).isoformat(), part.stem, part.language)
    keyed = hmac.digest(settings.DIGEST_KEY.encode(), "\0".join(("edition", *said)).encode(), hashlib.sha256)
    return f"{edition.number}-{keyed[:16].hex()}"
