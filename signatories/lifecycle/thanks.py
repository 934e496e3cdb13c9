"""One mail of thanks to each signer, once the signature stands. It holds nothing private: people forward it."""

import hashlib
from collections.abc import Iterable

from signatories.models import OutboundMail, Signature
from signatories.models.outbound_mail import MailKind

READ = ("address_digest", "address_sealed", "domain", "language")  # the columns of a signature that are needed here


def thank(signatures: Iterable[Signature]) -> None:
    """Put the mail of thanks into the outbox, in the transaction that publishes.

    Nobody is thanked again while the row of the first mail is kept (LETTER_DAYS after it was sent).
    """
    mails = [
        OutboundMail(
            kind=MailKind.THANKS, signature=signature, language=signature.language,
            once=hashlib.sha256(f"thanks {signature.pk}".encode()).digest(), address_sealed=signature.address_sealed,
            address_digest=signature.address_digest, domain=signature.domain,
        )
        for signature in signatures
        if signature.address_sealed
    ]  # fmt: skip
    if mails:
        OutboundMail.objects.bulk_create(mails, ignore_conflicts=True)
