"""Editions: immutable, numbered snapshots of the list at a stated moment, as PDF, CSV and XLSX."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _


class EditionState(models.TextChoices):
    """State of an edition: requested, built by one worker at a time, then ready or failed."""

    ASKED = "asked", _("asked for")
    BUILDING = "building", _("being built")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class EditionQuerySet(models.QuerySet["Edition"]):
    def latest_ready(self) -> "Edition | None":
        """Return the newest ready edition, which the press gets; None before the first."""
        return self.published().first()

    def published(self) -> "EditionQuerySet":
        """Return every edition that was ever ready, newest first; the files of some may be retired."""
        return self.filter(state=EditionState.READY).order_by("-number")


class Edition(models.Model):
    """An edition; `number` is given when it is ready, so published editions count 1, 2, 3 without gaps."""

    number = models.PositiveIntegerField(_("number"), null=True, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=EditionState, default=EditionState.ASKED)
    asked_at = models.DateTimeField(_("asked"), db_default=TransactionNow())
    as_of = models.DateTimeField(_("as of"), null=True)
    named = models.PositiveIntegerField(_("by name"), default=0)
    unnamed = models.PositiveIntegerField(_("without name"), default=0)
    pages_done = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    pdf = models.CharField(max_length=200, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    csv = models.CharField(max_length=200, blank=True)
    csv_sha256 = models.CharField(max_length=64, blank=True)
    # Empty in editions that were made before there was one.
    xlsx = models.CharField(max_length=200, blank=True, default="", db_default="")
    xlsx_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    # The newest seal of the trail at `as_of` (see signatories/audit/chain.py); empty in older editions.
    trail_head = models.CharField(max_length=90, blank=True, default="", db_default="")
    # Set when the files are deleted, because a person in them has left the list. Date, count and digests stay.
    retired_at = models.DateTimeField(_("files retired"), null=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="ready") | models.Q(number__isnull=False, as_of__isnull=False),
                name="edition_ready_has_number",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number or '–'} ({self.get_state_display()})"

    @property
    def count(self) -> int:
        """Return the number of signatures by name and without."""
        return self.named + self.unnamed
