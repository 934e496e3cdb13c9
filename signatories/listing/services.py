"""Reports of readers that an entry of the list is wrong."""

from datetime import datetime

from signatories.identity import mailbox
from signatories.identity.repeats import same_form_digest
from signatories.models import Report, Signature


def report(*, number: int, wrong: str, words: str, address: str, language: str, now: datetime) -> None:
    """Store a report about the public entry `number`; a repeat within SAME_FORM_WINDOW is stored once.

    A hidden or unknown number stores nothing and gets the same answer, so that nobody learns which numbers are taken.
    """
    typed = (number, wrong, words, address.casefold(), language)
    Report.objects.bulk_create(
        [
            Report(
                signature_id=pk, wrong=wrong, words=words, language=language,
                address_sealed=mailbox.seal(address) if address else b"",
                once=same_form_digest(b"report", typed, now),
            )
            for pk in Signature.objects.public().filter(number=number).values_list("pk", flat=True)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
