"""One mailbox under several digests: who changes it comes alone."""

from django.db import connection


def lock_mailbox(digests: list[bytes]) -> None:
    """Wait until nobody else changes who lives in this mailbox, until the transaction ends. To be called in one.

    With a single digest the unique constraint says all; with more they are locked in an order that is the same
    whichever key is the first.
    """
    if len(digests) < 2:
        return
    with connection.cursor() as cursor:
        for digest in sorted(digests):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])
