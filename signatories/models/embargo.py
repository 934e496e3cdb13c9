"""The embargo: until a moment, names, number and files are shown to nobody but invited press."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from declaration.database.kept import Kept


def hidden_until(now: datetime | None = None) -> datetime | None:
    """Return the moment until which names, number and files are hidden; None if they are public.

    Every page asks, so the row is read anew after PAGE_SECONDS only: a release is everywhere within that. While the
    database is away the last answer holds. Raises Error if it never answered.
    """
    return _if_ahead(_kept.get(), now or timezone.now())


def last_told() -> datetime | None:
    """Return the same as it was told last, for words of a page, without asking."""
    until = _kept.last(otherwise=None)
    return _if_ahead(until, timezone.now())


def _if_ahead(until: datetime | None, now: datetime) -> datetime | None:
    return until if until and now < until else None


_kept: Kept[datetime | None] = Kept(lambda: Embargo.current().until_released, lambda: settings.PAGE_SECONDS)


def forget_embargo() -> None:
    """Read the embargo anew at the next question, as a process that has just started does."""
    _kept.forget()


class Embargo(models.Model):
    """One row. It is set before the first text is published, and ends at `until`, or earlier when it is released."""

    until = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="embargo_one_row"),
            models.CheckConstraint(condition=Q(released_at=None) | Q(until__isnull=False), name="embargo_was_set"),
        ]

    def __str__(self) -> str:
        return "embargo"

    @classmethod
    def current(cls) -> "Embargo":
        """Return the row; without an embargo if it was never saved."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def until_released(self) -> datetime | None:
        """Until when all is hidden, whether that is over or not; None if it is released, or none was set."""
        return None if self.released_at else self.until

    def holds(self, now: datetime) -> bool:
        """Whether names, number and files are hidden at this moment."""
        return self.until_released is not None and now < self.until_released


class PressAccount(models.Model):
    """Somebody of the press who may look before the embargo ends, with a link of their own."""

    name = models.CharField(max_length=100)
    secret = models.BinaryField(max_length=32, unique=True)  # SHA-256 of what their link holds
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)  # when the link was last used
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-invited_at", "-pk")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="press_account_has_a_name")]

    def __str__(self) -> str:
        return self.name
