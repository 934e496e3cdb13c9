"""One mail of thanks to each signer, once the signature stands. It holds nothing private: people forward it."""

from collections.abc import Sequence

from django.db import connection

from signatories.models.outbound_mail import MailKind

# Copied within the database: a mass move publishes thousands, and their addresses need not come here.
_THANK = """
INSERT INTO signatories_letter (kind, signature_id, language, once, address_sealed, address_digest, domain)
SELECT %s, id, language, sha256(convert_to('thanks ' || id, 'UTF8')), address_sealed, address_digest, domain
FROM signatories_signature WHERE id = ANY(%s) AND address_sealed <> ''
ON CONFLICT DO NOTHING
"""


def thank(signature_ids: Sequence[int]) -> None:
    """Put the mail of thanks into the outbox, in the transaction that publishes.

    Nobody is thanked again while the row of the first mail is kept (LETTER_DAYS after it was sent).
    """
    if signature_ids:
        with connection.cursor() as cursor:
            cursor.execute(_THANK, [MailKind.THANKS, list(signature_ids)])
