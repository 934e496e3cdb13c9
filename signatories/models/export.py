"""Exports of the signers' data as a file: asked for, approved, built by a worker, deleted after a day.

The rows stay: they say who asked for what and why, and hold nothing about signers.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ExportKind(models.TextChoices):
    """Whether the file holds mail addresses, or only what stands on the public list."""

    ADDRESSES = "addresses", _("with mail addresses")
    PUBLIC = "public", _("without mail addresses")


class ExportState(models.TextChoices):
    ASKED = "asked", _("asked for")
    APPROVED = "approved", _("approved")
    BUILDING = "building", _("being made")
    READY = "ready", _("ready")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")
    DELETED = "deleted", _("deleted")


# Not built yet: it can be cancelled, and its passphrase is still kept.
OPEN = (ExportState.ASKED, ExportState.APPROVED, ExportState.BUILDING)


class Export(models.Model):
    """One file. With addresses it waits for another administrator, or for a day after all were told."""

    kind = models.CharField(max_length=10, choices=ExportKind)
    columns = ArrayField(models.CharField(max_length=30))
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=ExportState)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=TransactionNow())
    needs_approval = models.BooleanField()
    told_at = models.DateTimeField(null=True)  # when all organizers and the operator were mailed
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    passphrase_sealed = models.TextField(blank=True, db_default="")
    file = models.CharField(max_length=100, blank=True, db_default="")  # in the storage; empty once it is deleted
    rows = models.PositiveIntegerField(null=True)
    built_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asked_by"], condition=Q(state__in=OPEN), name="export_one_open"),
            models.CheckConstraint(condition=~Q(approved_by=F("asked_by")), name="export_approved_by_another"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN) | Q(passphrase_sealed=""), name="export_passphrase_is_forgotten"
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def can_be_cancelled(self) -> bool:
        return self.state in OPEN
