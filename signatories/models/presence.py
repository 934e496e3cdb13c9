"""Presence at the desk: when an organizer was last there, and on which page. One row for each, deleted at log-out."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

ACTIVE = timedelta(minutes=30)
AT_THE_DESK = timedelta(minutes=2)


class PresenceQuerySet(models.QuerySet["Presence"]):
    def of_organizers(self) -> "PresenceQuerySet":
        """Filter open accounts that have a role at the desk, with what tells who they are."""
        has_role = Q(account__organizer__isnull=False) | Q(account__is_superuser=True)
        return self.filter(has_role, account__is_active=True, account__is_staff=True).select_related("account")

    def active(self, now: datetime) -> "PresenceQuerySet":
        """Filter organizers who opened a page or acted within 30 minutes. A page that renews itself does not count."""
        return self.of_organizers().filter(opened_at__gt=now - ACTIVE)

    def at_the_desk(self, now: datetime) -> "PresenceQuerySet":
        """Filter organizers who have a page of the desk before them: seen within two minutes."""
        return self.of_organizers().filter(seen_at__gt=now - AT_THE_DESK)


class Presence(models.Model):
    """Where an organizer was last seen.

    `page` is the name of a URL, `subject` what it is about ("signature 12"), or empty. `seen_at` also moves when a page
    renews itself; `opened_at` only when a person opens a page or acts.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="presence"
    )
    page = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, blank=True, db_default="")
    seen_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)

    objects = PresenceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.page} {self.subject}".strip()
