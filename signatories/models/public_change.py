"""What happened on the public list, as sums by the week; see signatories/audit/corrections.py."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangeKind(models.TextChoices):
    ADDED = "added", _("added")
    TAKEN_OFF = "taken_off", _("taken off")
    PUT_BACK = "put_back", _("put back")
    CORRECTED = "corrected", _("corrected")


class ChangeReason(models.TextChoices):
    """Why somebody was taken off the list."""

    ASKED = "asked", _("withdrawn by the signer, or at the signer's request")
    REFUSED = "refused", _("refused by organizers")
    CHECKED = "checked", _("waiting until a person has looked again")
    RUSH = "rush", _("waiting, because many came at once from one place")
    MERGED = "merged", _("a double, merged with another entry")
    OTHER = "other", _("other reasons, told together")  # never stored: see corrections.tell


class PublicChange(models.Model):
    """How often something happened in a week; a merged double that was put back has the reason `merged`."""

    week = models.DateField()  # its Monday, UTC
    kind = models.CharField(max_length=10, choices=ChangeKind)
    reason = models.CharField(max_length=10, choices=ChangeReason, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["week", "kind", "reason"], name="public_change_once")]

    def __str__(self) -> str:
        return f"{self.week} {self.kind} {self.reason}: {self.count}"
