"""Claims: which organizer looks at which signature of the queue just now, so that two do not meet at one."""

from datetime import datetime

from django.conf import settings
from django.db import models

from signatories.models.signature import Signature


class ClaimQuerySet(models.QuerySet["Claim"]):
    def active(self, now: datetime) -> "ClaimQuerySet":
        """Filter the claims that have not run out."""
        return self.filter(until__gt=now)


class Claim(models.Model):
    """An organizer who looks at a signature, until a moment. It warns others; it forbids nothing."""

    signature = models.OneToOneField(Signature, on_delete=models.CASCADE, primary_key=True, related_name="claim")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    objects = ClaimQuerySet.as_manager()

    def __str__(self) -> str:
        return f"claim of {self.signature_id}"
