"""Invitations: how an account comes to be. The link is computed from the nonce and stored nowhere."""

import os

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models.functions import Lower

from signatories.models.organizer import Role


def new_nonce() -> bytes:
    """What the link is computed from."""
    return os.urandom(32)


class Invitation(models.Model):
    """Somebody may make one account with this address: with this role, or for this partner.

    `invited_by` is empty for the command line.
    """

    address = models.EmailField()
    role = models.CharField(max_length=15, choices=Role, blank=True)
    partner = models.ForeignKey("signatories.Partner", on_delete=models.CASCADE, null=True, related_name="invitations")
    language = models.CharField(max_length=10)
    nonce = models.BinaryField(max_length=32, default=new_nonce)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=TransactionNow())
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("address"), name="invitation_open_once", condition=models.Q(accepted_at=None, revoked_at=None)
            ),
            models.CheckConstraint(
                condition=models.Q(partner=None) ^ models.Q(role=""), name="invitation_role_or_partner"
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk} ({self.role or self.partner_id})"
