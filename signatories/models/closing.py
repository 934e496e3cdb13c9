"""The end of signing: since when nobody can sign any more, and how far what follows from it is."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from declaration.database.kept import Kept
from signatories.models.signature import IN_FLIGHT, Signature, State

KEPT_SECONDS = 2.0  # how long a process goes by what it has read; with the page cache the end is seen within ten


@dataclass(frozen=True, kw_only=True)
class End:
    """The end of signing, as pages tell it."""

    at: datetime
    words: dict[str, str]  # of organizers, by language; may be empty
    addresses_until: date | None
    addresses_deleted_at: datetime | None
    settled_at: datetime | None
    anybody_waits: bool = True  # for a decision of organizers; asked only once nothing else changes the number

    @property
    def confirming_until(self) -> datetime:
        """Until when those who asked before the end may still confirm."""
        return self.at + timedelta(days=settings.END_DAYS)

    @property
    def settles_at(self) -> datetime:
        """From when on it is settled: whoever confirmed in the last moment is stored and printed by then."""
        return self.confirming_until + IN_FLIGHT

    @property
    def is_confirming(self) -> bool:
        """Whether those who asked before the end may still confirm."""
        return timezone.now() < self.confirming_until

    @property
    def is_past_undoing(self) -> bool:
        """Whether it is settled, and no withdrawal of before that can be undone any more."""
        return self.settled_at is not None and timezone.now() >= self.settled_at + timedelta(days=settings.UNDO_DAYS)

    @property
    def is_final(self) -> bool:
        """Whether the number grows no more, and changes only when somebody leaves: nobody waits for a decision either.

        Who leaves later can come back within UNDO_DAYS, which makes it no larger than it was.
        """
        return self.is_past_undoing and not self.anybody_waits


class Closing(models.Model):
    """One row. It is empty until signing ends; until it is settled the end can be undone."""

    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.JSONField(default=dict, db_default={})  # for visitors, by language
    settled_at = models.DateTimeField(null=True)
    last_edition = models.ForeignKey("signatories.Edition", on_delete=models.SET_NULL, null=True, related_name="+")
    # The last archive that was written: when, how many files, of which edition.
    archived_at = models.DateTimeField(null=True)
    archived_files = models.PositiveIntegerField(null=True)
    archived_edition = models.PositiveIntegerField(null=True)
    # The day from which on no mail address of a signer is kept; without one they are kept until somebody sets it.
    addresses_until = models.DateField(null=True)
    addresses_deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="closing_one_row"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="closing_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(settled_at=None, last_edition=None, addresses_until=None),
                name="closing_begins_with_the_end",
            ),
            models.CheckConstraint(
                condition=Q(addresses_deleted_at=None) | Q(addresses_until__isnull=False, settled_at__isnull=False),
                name="closing_addresses_had_a_day",
            ),
        ]

    def __str__(self) -> str:
        return "closing"

    @classmethod
    def current(cls) -> "Closing":
        """Return the row; without an end if it was never saved."""
        return cls.objects.select_related("ended_by", "last_edition").filter(pk=1).first() or cls(pk=1)

    @classmethod
    def locked(cls) -> "Closing":
        """Return the row, locked until the transaction ends."""
        cls.objects.get_or_create(pk=1)
        return cls.objects.select_for_update(of=("self",)).get(pk=1)

    def addresses_are_going(self, now: datetime) -> bool:
        """Whether the day has come: they are deleted, or will be within the hour, and nobody takes that back."""
        return self.addresses_until is not None and now.date() >= self.addresses_until

    @property
    def end(self) -> End | None:
        """Return the end of signing; None while people can sign."""
        if self.ended_at is None:
            return None
        return End(
            at=self.ended_at, words=self.words, addresses_until=self.addresses_until,
            addresses_deleted_at=self.addresses_deleted_at, settled_at=self.settled_at,
        )  # fmt: skip


def _read_end() -> End | None:
    end = Closing.current().end
    if end and end.is_past_undoing:
        return replace(end, anybody_waits=Signature.objects.filter(state=State.HELD).exists())
    return end


_kept: Kept[End | None] = Kept(_read_end, lambda: KEPT_SECONDS)


def signing_end() -> End | None:
    """Return the end of signing; None while people can sign. While the database is away the last answer holds.

    Raises Error if it never answered in this process, and to the one who has just waited for it.
    """
    return _kept.get()


def last_told_end() -> End | None:
    """Return what was read last, without asking."""
    return _kept.last(otherwise=None)


def forget_end() -> None:
    """Read the end anew at the next question: who changes it sees it at once."""
    _kept.forget()
