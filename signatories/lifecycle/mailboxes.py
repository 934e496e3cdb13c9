"""A mailbox and the people in it: who changes it comes alone, and at most two people share it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from signatories.identity.same_person import Likeness, likeness
from signatories.models import Signature, Signup

PLACES = 2  # people who may share a mailbox


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


def have_signed(digests: Sequence[bytes]) -> set[bytes]:
    """Which of these mailboxes have signed, whatever became of it, or have begun to: nobody asks them to sign."""
    rows = (model.objects.filter(address_digest__in=digests) for model in (Signature, Signup))
    return {bytes(digest) for found in rows for digest in found.values_list("address_digest", flat=True)}


@dataclass(frozen=True)
class GivenBefore:
    """The signatures that a mailbox has given, compared with the name of one who signs with it now."""

    signatures: Sequence[Signature]
    name: str

    @property
    def likest(self) -> Signature | None:
        """The signature whose name is most like `name`; of several the first."""
        return max(self.signatures, key=lambda given: likeness(given.name, self.name), default=None)

    @property
    def _likeness(self) -> Likeness:
        return likeness(self.likest.name, self.name) if self.likest else Likeness.DIFFERENT

    @property
    def leaves_room(self) -> bool:
        """Whether one of this name may sign: there is a place, and nobody of the same name has one."""
        return len(self.signatures) < PLACES and self._likeness is not Likeness.SAME

    @property
    def is_doubtful(self) -> bool:
        """Whether only the signer knows who this is: a misspelling is mended, or a second person signs."""
        return self.leaves_room and self._likeness is Likeness.SIMILAR
